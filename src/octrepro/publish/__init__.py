"""What happens to a report after it is built: one archive that others can cite, check and rerun."""
