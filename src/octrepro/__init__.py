"""An executable report: every number, figure, claim and construction rebuilt and tested."""
