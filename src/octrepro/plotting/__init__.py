"""One style for every figure, and one way to save it: SVG for the page, PDF for paper, CSV for the reader.

>>> from octrepro.plotting import FigureInfo, figure, save, write_index
>>> fig, ax = figure(height=2.4)
>>> ax.plot([1, 2, 3], [0.2, 0.4, 0.5])
>>> entry = save(fig, folder, FigureInfo(id="example", ...), {"epoch": [1, 2, 3], "loss": [0.2, 0.4, 0.5]})
>>> write_index(folder, [entry])

Matplotlib is imported by the functions that draw, not by this package, so that a page can ask for
`css_variables` without paying for it.
"""

from octrepro.plotting.info import FigureInfo
from octrepro.plotting.labels import label_line_ends, separate
from octrepro.plotting.palette import GRID, INK, MUTED, PALETTE, css_rules, css_variables
from octrepro.plotting.saving import save, write_index
from octrepro.plotting.style import (
    FONT_SIZE,
    SMALL_SIZE,
    WIDTHS,
    apply_style,
    figure,
    heading,
    panels,
    small_text,
)
from octrepro.plotting.text import latin, plain, wrapped

__all__ = [
    "FONT_SIZE",
    "GRID",
    "INK",
    "MUTED",
    "PALETTE",
    "SMALL_SIZE",
    "WIDTHS",
    "FigureInfo",
    "apply_style",
    "css_rules",
    "css_variables",
    "figure",
    "heading",
    "label_line_ends",
    "latin",
    "panels",
    "plain",
    "save",
    "separate",
    "small_text",
    "wrapped",
    "write_index",
]
