"""The figures of the report, drawn from the records and results of the runs."""
