"""Data sets: what is known of them, how they are fetched, checked, drawn and prepared.

`fetch.fetch` puts a data set's .npz in place, `prepare.prepare` turns it into arrays that can be
memory-mapped. Nothing is imported here, so that a stage loads only what it uses.
"""
