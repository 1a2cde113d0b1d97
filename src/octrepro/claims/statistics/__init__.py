"""Statistics behind the verdicts that the results do not have: curves by epoch in `series`, `gaps`."""
