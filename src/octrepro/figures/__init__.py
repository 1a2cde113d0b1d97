"""The figures of the report, drawn from the records of the runs: a registry, and `draw_all`."""

from octrepro.figures import images, principles, protocol, results, side_by_side
from octrepro.figures.context import Context
from octrepro.figures.registry import FigureSpec, draw_all
from octrepro.figures.sweeps import sweep_figures

FIGURES = [*protocol.FIGURES, *images.FIGURES, *results.FIGURES, *side_by_side.FIGURES, *principles.FIGURES]

__all__ = ["FIGURES", "Context", "FigureSpec", "draw_all", "sweep_figures"]
