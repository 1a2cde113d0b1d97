"""What changed between two revisions: parameters, metrics, verdicts and curves, for a reviewer."""
