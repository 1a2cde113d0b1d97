"""Building the graph of stages: side by side, checked against dvc.lock, compared between revisions."""
