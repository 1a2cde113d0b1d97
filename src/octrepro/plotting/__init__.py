"""One style for every figure, and one way to save it: SVG for the page, PDF for paper, CSV for the reader.

`palette` and `text` import no Matplotlib, so that a page can ask for them without paying for it.
"""
