"""Several runs over each other: validation curves at every learning rate and with every regularizer."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from octrepro.figures.captions import divergence, settings
from octrepro.figures.context import Context, OmittedFigureError
from octrepro.figures.curves import Curve, band_words, draw, table
from octrepro.plotting.palette import PALETTE
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import heading, panels
from octrepro.study.comparisons import LEARNING_RATE, REGULARIZATION, TORCH_LOGISTIC_LEARNING_RATE
from octrepro.study.names import model_name

WINDOW = 11  # epochs whose mean is drawn over curves that cross at every epoch


def learning_rates(context: Context) -> Drawing:
    """Validation accuracy at every learning rate, for both models trained with PyTorch, on one scale."""
    compared = [
        [context.records[run] for run in each.runs if run in context.records]
        for each in (TORCH_LOGISTIC_LEARNING_RATE, LEARNING_RATE)
    ]
    groups = [
        sorted(group, key=lambda r: r.experiment["learning_rate"]) for group in compared if len(group) > 1
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
    draw(axes, curves)
    return _drawing(
        context,
        fig,
        curves,
        title="Validation accuracy at each learning rate",
        caption="Accuracy (fraction correct) on the validation set by epoch; η is the learning rate. The "
        "panels share the vertical axis.",
    )


def regularization(context: Context) -> Drawing:
    """Validation loss and accuracy of the long runs, each measure in a panel of its own."""
    context.best_and_worst(REGULARIZATION)  # it takes two runs
    records = [context.records[run] for run in REGULARIZATION.runs if run in context.records]
    fig, axes = panels(1, 2, "text", 2.3, left=0.42, right=1.15, top=0.32, column_gap=1.57)
    lines = "Lines" if all(record.replicates for record in records) else "Thick lines"
    curves = [
        [
            Curve(r, f"val_{measure}", REGULARIZATION.label(r.experiment), color, window=WINDOW)
            for r, color in zip(records, PALETTE, strict=False)
        ]
        for measure in ("loss", "accuracy")
    ]
    for ax, group, measure in zip(axes, curves, ("loss", "accuracy"), strict=True):
        heading(ax, f"Validation {measure}", indent=-28)
        draw([ax], [group])
    return _drawing(
        context,
        fig,
        curves,
        title="Regularization in the long runs: validation loss and accuracy",
        caption=f"Feed-forward network, {settings(records[0], 'batch_size', 'epochs')}. "
        "Loss is the mean cross-entropy in nats, accuracy the fraction correct. "
        f"{lines}: the mean over {WINDOW} epochs.",
    )


def _drawing(
    context: Context, fig: Figure, curves: Sequence[Sequence[Curve]], *, title: str, caption: str
) -> Drawing:
    every = [curve for group in curves for curve in group]
    finite = [curve for curve in every if len(curve.values)]
    if not finite:
        raise OmittedFigureError("none of its runs has a finite value")
    records = list({curve.record.run: curve.record for curve in every}.values())
    labels = {record.run: context.rows[record.run]["label"] for record in records}
    measured = {"val_loss": "validation loss", "val_accuracy": "validation accuracy"}
    words = [curve.words(f"{labels[curve.record.run]}: {measured[curve.column]}") for curve in finite]
    diverged = [f" {labels[r.run]}:{divergence(r)}" for r in records if r.metrics["diverged"]]
    return Drawing(
        figure=fig,
        title=title,
        caption=caption + band_words(finite) + "".join(diverged),
        alt=f"Line chart. {'; '.join(words)}.",
        data=table(finite),
        sources=context.sources(records),
    )
