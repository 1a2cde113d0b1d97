"""The figures of the report, drawn from the records and results of the runs: a list, and `draw_all`."""

from octrepro.figures import confusion, images, numbered, overlays, overview, principles
from octrepro.figures.drawing import Context, FigureSpec, draw_all
from octrepro.figures.sweeps import sweep_figures

FIGURES = [
    *numbered.FIGURES,
    *images.FIGURES,
    *overview.FIGURES,
    *confusion.FIGURES,
    *overlays.FIGURES,
    *principles.FIGURES,
]

__all__ = ["FIGURES", "Context", "FigureSpec", "draw_all", "sweep_figures"]
