"""Data sets, fetched or drawn, checked and prepared. Nothing is imported here: a stage loads what it uses."""
