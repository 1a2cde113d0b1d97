"""Several runs over each other: validation curves at every learning rate and with every regularizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from octrepro.figures.captions import divergence, settings
from octrepro.figures.curves import Curve, band_words, draw, table
from octrepro.figures.drawing import Context, Drawing, FigureSpec, OmittedFigureError
from octrepro.plotting import PALETTE, heading, panels
from octrepro.study import comparisons
from octrepro.study.names import model_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WINDOW = 11  # epochs whose mean is drawn over curves that cross at every epoch


def _learning_rates(context: Context) -> Drawing:
    """Validation accuracy at every learning rate, for both models trained with PyTorch."""
    compared = (comparisons.TORCH_LOGISTIC_LEARNING_RATE, comparisons.LEARNING_RATE)
    groups = [[context.records[run] for run in each.runs if run in context.records] for each in compared]
    groups = [
        sorted(group, key=lambda r: r.experiment["learning_rate"]) for group in groups if len(group) > 1
    ]
    if not groups:
        raise OmittedFigureError("no two of its runs are in params.yaml")
    rates = sorted({record.experiment["learning_rate"] for group in groups for record in group})
    colors = {rate: PALETTE[index % len(PALETTE)] for index, rate in enumerate(rates)}
    fig, axes = panels(1, len(groups), "text", 2.3, left=0.42, right=0.85, top=0.32, column_gap=1.0)
    curves = [
        [
            Curve(r, "val_accuracy", settings(r, "learning_rate"), colors[r.experiment["learning_rate"]])
            for r in group
        ]
        for group in groups
    ]
    for ax, group, indent in zip(axes, groups, (-28, 0), strict=False):
        heading(ax, model_name(group[0].experiment["model"]), indent=indent)
    return _overlay(
        context,
        fig,
        axes,
        curves,
        title="Validation accuracy at each learning rate",
        caption="Accuracy (fraction correct) on the validation set by epoch; η is the learning rate. The "
        "panels share the vertical axis.",
    )


def _regularization(context: Context) -> Drawing:
    """Validation loss and accuracy of the long runs, each measure in a panel of its own."""
    comparison = comparisons.REGULARIZATION
    context.best_and_worst(comparison)  # it takes two runs
    records = [context.records[run] for run in comparison.runs if run in context.records]
    fig, axes = panels(1, 2, "text", 2.3, left=0.42, right=1.15, top=0.32, column_gap=1.57)
    measures = ("loss", "accuracy")
    lines = "Lines" if all(record.replicates for record in records) else "Thick lines"
    curves = [
        [
            Curve(
                record,
                f"val_{measure}",
                comparison.label(record.experiment),
                PALETTE[index % 6],
                window=WINDOW,
            )
            for index, record in enumerate(records)
        ]
        for measure in measures
    ]
    for ax, measure in zip(axes, measures, strict=True):
        heading(ax, f"Validation {measure}", indent=-28)
    return _overlay(
        context,
        fig,
        axes,
        curves,
        title="Regularization in the long runs: validation loss and accuracy",
        caption=f"Feed-forward network, {settings(records[0], 'batch_size', 'epochs')}. "
        "Loss is the mean cross-entropy in nats, accuracy the fraction correct. "
        f"{lines}: the mean over {WINDOW} epochs.",
        shared=False,
    )


def _overlay(
    context: Context,
    fig: Figure,
    axes: Sequence[Axes],
    curves: Sequence[Sequence[Curve]],
    *,
    title: str,
    caption: str,
    shared: bool = True,
) -> Drawing:
    """Several runs in each panel; the panels are on one scale unless not `shared`."""
    groups = [[curve for curve in group if len(curve.values)] for group in curves]
    every = [curve for group in groups for curve in group]
    if not every:
        raise OmittedFigureError("none of its runs has a finite value")
    if shared:
        draw(axes, groups)
    else:
        for ax, group in zip(axes, groups, strict=True):
            draw([ax], [group])
    records = list({curve.record.run: curve.record for group in curves for curve in group}.values())
    labels = {record.run: context.rows[record.run]["label"] for record in records}
    measured = {"val_loss": "validation loss", "val_accuracy": "validation accuracy"}
    words = [curve.words(f"{labels[curve.record.run]}: {measured[curve.column]}") for curve in every]
    diverged = [f" {labels[r.run]}:{divergence(r)}" for r in records if r.metrics["diverged"]]
    return Drawing(
        figure=fig,
        title=title,
        caption=caption + band_words(every) + "".join(diverged),
        alt=f"Line chart. {'; '.join(words)}.",
        data=table(every),
        sources=context.sources(records),
    )


FIGURES = [
    FigureSpec("learning_rates", None, _learning_rates),
    FigureSpec("regularization", None, _regularization),
]
