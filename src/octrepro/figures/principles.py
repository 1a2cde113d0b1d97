"""Question 1.2a in pictures: what no linear model can separate, and a loss that is not convex.

Both are drawn from formulas and depend on no run.
"""

import numpy as np

from octrepro.figures.context import Context
from octrepro.plotting.palette import MUTED, PALETTE
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import DOTTED, figure, heading, label_line_ends
from octrepro.results.exclusive_or import LABELS, POINTS, logistic_loss, losses_between_twins, network

SOURCE = "src/octrepro/results/exclusive_or.py"
FIRST_INPUT = POINTS[:, 0]
STEPS = 101
# Two settings of a logistic regression's weights, between which its loss is followed.
LOGISTIC_ENDS = np.array([[-0.5, 2.0], [3.0, -2.0]])


def expressiveness(context: Context) -> Drawing:
    """The four points of exclusive-or and the band that two ReLU units cut out."""
    fig, ax = figure("half", 2.5, left=0.42, right=0.3)
    reach = 1.7
    ax.set_xlim(-reach, reach)
    ax.set_ylim(-reach, reach)
    line = np.array([-reach, reach])
    ax.fill_between(line, line - 1, line + 1, color=PALETTE[1], alpha=0.12, linewidth=0)
    for shift in (-1, 1):
        ax.plot(line, line + shift, color=MUTED, linewidth=1.0)
    for label, sign, color, marker in ((1, "+1", PALETTE[0], "o"), (-1, "−1", PALETTE[1], "s")):
        chosen = POINTS[label == LABELS]
        ax.plot(chosen[:, 0], chosen[:, 1], marker, color=color, markersize=6, linestyle="none")
        for point in chosen:
            ax.annotate(sign, point, xytext=(6, 5), textcoords="offset points", color=color)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks([-1, 0, 1], ["−1", "0", "1"])
    heading(ax, "Second input", indent=-28)
    ax.set_xlabel("First input", labelpad=3)
    return Drawing(
        figure=fig,
        title="Exclusive-or: separated by two ReLU units, by no linear model",
        caption="The network answers −1 in the shaded band and +1 outside. No single line parts the circles "
        "from the squares: the two pairs have the same mean.",
        alt="Four points. The circles (1, −1) and (−1, 1) have label +1, the squares (1, 1) and (−1, −1) "
        "label −1. The band between two parallel lines holds both squares and no circle.",
        data={
            "first_input": POINTS[:, 0],
            "second_input": POINTS[:, 1],
            "label": LABELS,
            "network_score": network(POINTS),
        },
        sources=[SOURCE],
    )


def convexity(context: Context) -> Drawing:
    """The losses of a logistic regression and of the network along a segment of weights, with their chords.

    The network's segment leads from its hidden weights to the same ones with the two units exchanged.
    """
    positions = np.linspace(0, 1, STEPS)
    first, last = LOGISTIC_ENDS
    linear = [logistic_loss(POINTS @ ((1 - t) * first + t * last), FIRST_INPUT) for t in positions]
    losses = {"logistic": np.array(linear), "network": losses_between_twins(positions)}
    fig, ax = figure("half", 2.5, left=0.42, right=0.78)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.08 * max(values.max() for values in losses.values()))
    ends = []
    names = ("logistic\nregression", "ReLU\nnetwork")
    for values, label, color in zip(losses.values(), names, PALETTE[:2], strict=True):
        ax.plot(positions, values, color=color, clip_on=False)
        ax.plot([0, 1], values[[0, -1]], color=color, linewidth=1.0, linestyle=DOTTED, clip_on=False)
        ends.append((float(values[-1]), label, color))
    ax.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    ax.set_xlabel("Position between two settings", labelpad=3)
    heading(ax, "Loss", "mean cross-entropy, nats", indent=-28)
    label_line_ends(ax, ends)
    chord = {name: values[[0, -1]].mean() for name, values in losses.items()}
    halfway = {name: values[STEPS // 2] for name, values in losses.items()}
    return Drawing(
        figure=fig,
        title="Loss on the way between two settings of the weights",
        caption="Dotted: the chords. A convex loss never rises above its chord; the network's does, on "
        "the way to the same network with its two units exchanged.",
        alt=f"Line chart. Half way the loss of logistic regression is {halfway['logistic']:.3f}, below its "
        f"chord at {chord['logistic']:.3f}; that of the network is {halfway['network']:.3f}, above its chord "
        f"at {chord['network']:.3f}.",
        data={
            "position": positions,
            **{f"{name}_loss": values for name, values in losses.items()},
        },
        sources=[SOURCE],
    )
