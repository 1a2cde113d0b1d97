"""params.yaml: its schema, and reading it with messages that point at the mistake."""
