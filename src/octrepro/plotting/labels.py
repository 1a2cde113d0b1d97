"""Labels at the ends of lines, kept from covering each other."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from scipy.optimize import isotonic_regression

from octrepro.plotting.style import FONT_SIZE, small_text

OFFSET = 6.0  # points from the panel to a label
LINE_HEIGHT = 1.25  # from one line of type to the next, as a multiple of its size


def separate(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move `positions` as little as possible (in the least-squares sense) so that they are `gap` apart.

    Positions keep their order. With ``z_i = y_i - i * gap`` for the sorted positions ``y``, the constraint
    says that ``z`` does not fall, so the answer is the isotonic regression of ``z``. Bounds come second: what
    leaves ``[low, high]`` is moved back where it fits.
    """
    order = np.argsort(positions, kind="stable")
    steps = gap * np.arange(len(order))
    levels = isotonic_regression(np.asarray(positions, dtype=float)[order] - steps).x
    moved = np.empty(len(order))
    moved[order] = np.maximum(np.minimum(levels, high - gap * (len(order) - 1)), low) + steps
    return [float(position) for position in moved]


def label_line_ends(ax: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write each line's label to the right of the panel, level with the line's end.

    `ends` are the value of each line at its end, its label, of one line or more, and its color. Call it last:
    the limits of the vertical axis must be final.
    """
    if not ends:
        return
    height = ax.get_position().height * ax.get_figure(root=True).get_figheight() * 72  # type: ignore[union-attr]
    scale = ax.yaxis.get_transform()
    bottom, top = (float(limit) for limit in scale.transform(ax.get_ylim()))
    places = [(float(scale.transform([value])[0]) - bottom) / (top - bottom) * height for value, _, _ in ends]
    places = [min(max(place, 0.0), height) for place in places]
    gap = LINE_HEIGHT * FONT_SIZE * max(label.count("\n") + 1 for _, label, _ in ends)
    moved = separate(places, gap, 0.5 * gap, height - 0.5 * gap)
    far = [abs(new - old) > 0.75 * gap for new, old in zip(moved, places, strict=True)]
    # A hairline leads from a line's end to a label that had to move away from it.
    hairline = {"arrowstyle": "-", "linewidth": 0.5, "shrinkA": 1.0, "shrinkB": 1.0, "relpos": (0, 0.5)}
    for old, new, led, (_, label, color) in zip(places, moved, far, ends, strict=True):
        small_text(
            ax,
            label,
            (1, old / height),
            (OFFSET + (5 if any(far) else 0), new - old),
            color=color,
            fontsize=FONT_SIZE,
            va="center_baseline" if "\n" not in label else "center",
            linespacing=1.15,
            arrowprops={**hairline, "color": color} if led else None,
        )
