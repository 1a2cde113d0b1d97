"""Curves of the runs: figures 1 to 13 of the source report, and two that lay several runs over each other.

The first are in the order of their numbers. Those of a pair, such as best and worst, share a vertical axis.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import partial

from matplotlib.figure import Figure

from octrepro.core.records import RunRecord
from octrepro.figures.context import Context, OmittedFigureError, number
from octrepro.figures.curves import Curve, band_words, draw, table, train_and_validation
from octrepro.plotting.palette import PALETTE
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import figure, heading, panels
from octrepro.study import comparisons as study
from octrepro.study.names import model_name, settings

UNITS = {"loss": "mean cross-entropy, nats", "accuracy": "fraction correct"}
WINDOW = 11  # epochs over which curves that cross at every epoch are averaged where there are seeds


def _chart(
    chosen: str | tuple[study.Comparison, str],
    column: str,
    context: Context,
    *,
    parameter: str = "learning_rate",
    beside: str = "",
    wide: bool = False,
) -> Drawing:
    """Curves of one run, or of a comparison's best or worst: the one of `column`, or both of a measure.

    The title names a run's `parameter`, and goes on with what the curves show. `beside`, another run or the
    other extreme, shares the scale.
    """
    if isinstance(chosen, str):
        record, other = context.record(chosen), beside
        named = settings(record.experiment, [parameter])
        which, note = named and f" at {named}", ""
    else:
        comparison, extreme = chosen
        found = context.compared(comparison)
        record, other = context.records[found[extreme]], found.get(beside, "")
        which = f", {extreme} {comparison.subject} ({comparison.label(record.experiment)})"
        final = number(record.metrics["val_accuracy"])
        note = f" {extreme.capitalize()} by final validation accuracy, {final}."
    measure = column.rpartition("_")[2]
    curves = [curve for curve in train_and_validation(record, measure) if column in curve.column]
    finite = [curve for curve in curves if len(curve.values)]
    fig, ax = figure("text" if wide else "half", 2.1, left=0.42, right=1.25 if wide else 0.78)
    heading(ax, measure.capitalize(), UNITS[measure], indent=-28)
    scale = train_and_validation(context.records[other], measure) if other in context.records else []
    draw([ax], [curves], stacked_labels=not wide, scale_of=scale)
    shown = " and ".join(curve.label for curve in finite or curves)
    title = f"{model_name(record.experiment['model'])}{which}: {shown} {measure} by epoch"
    regularizers = [name for name in ("dropout", "l2_decay") if record.experiment.get(name)]
    run = settings(record.experiment, ["learning_rate", "batch_size", "epochs", *regularizers])
    ring = " The ring marks the best validation value." if any(c.best is not None for c in finite) else ""
    return _drawing(context, fig, curves, title, f"{run}.{note}{ring}")


def learning_rates(context: Context) -> Drawing:
    """Validation accuracy at every learning rate, for both models trained with PyTorch, on one scale."""
    wanted = (study.TORCH_LOGISTIC_LEARNING_RATE.question, study.LEARNING_RATE.question)
    found = context.results["comparisons"]
    compared = [found[question]["runs"] for question in wanted if question in found]
    if not compared:
        raise OmittedFigureError("no two of its runs are in params.yaml")
    groups = [sorted((context.records[run] for run in runs), key=_learning_rate) for runs in compared]
    rates = sorted({_learning_rate(record) for group in groups for record in group})
    colors = dict(zip(rates, itertools.cycle(PALETTE), strict=False))
    curves = [
        [
            Curve(r, "val_accuracy", study.LEARNING_RATE.label(r.experiment), colors[_learning_rate(r)])
            for r in group
        ]
        for group in groups
    ]
    fig, axes = panels(len(groups), "text", 2.3, left=0.42, right=0.85, top=0.32, column_gap=1.0)
    for ax, group, indent in zip(axes, groups, (-28, 0), strict=False):
        heading(ax, model_name(group[0].experiment["model"]), indent=indent)
    draw(axes, curves)
    return _drawing(
        context,
        fig,
        list(itertools.chain(*curves)),
        "Validation accuracy at each learning rate",
        "Accuracy (fraction correct) on the validation set by epoch; η is the learning rate. The panels "
        "share the vertical axis.",
    )


def _learning_rate(record: RunRecord) -> float:
    return float(record.experiment["learning_rate"])


def regularization(context: Context) -> Drawing:
    """Validation loss and accuracy of the long runs, each measure in a panel of its own."""
    comparison = study.REGULARIZATION
    records = [context.records[run] for run in context.compared(comparison)["runs"]]
    fig, axes = panels(2, "text", 2.3, left=0.42, right=1.15, top=0.32, column_gap=1.57)
    curves = []
    for ax, measure in zip(axes, UNITS, strict=True):
        heading(ax, f"Validation {measure}", indent=-28)
        group = [
            Curve(record, f"val_{measure}", comparison.label(record.experiment), color, window=WINDOW)
            for record, color in zip(records, PALETTE, strict=False)
        ]
        draw([ax], [group])
        curves += group
    return _drawing(
        context,
        fig,
        curves,
        "Regularization in the long runs: validation loss and accuracy",
        f"Feed-forward network, {settings(records[0].experiment, ['batch_size', 'epochs'])}. Loss is the "
        "mean cross-entropy in nats, accuracy the fraction correct.",
    )


def _drawing(context: Context, fig: Figure, curves: Sequence[Curve], title: str, caption: str) -> Drawing:
    """A figure of curves, with what they say in words; runs are named where there are several."""
    finite = [curve for curve in curves if len(curve.values)]
    records = list({curve.record.run: curve.record for curve in curves}.values())

    def name(record: RunRecord) -> str:
        return f"{context.labels[record.run]}: " if len(records) > 1 else ""

    words = [name(curve.record) + curve.words for curve in finite] or ["nothing finite to draw"]
    diverged = [
        f" {name(r)}The run diverged in epoch {r.metrics['diverged_epoch']}; its curves end there."
        for r in records
        if r.metrics["diverged"]
    ]
    return Drawing(
        figure=fig,
        title=title,
        caption=caption + band_words(finite) + "".join(diverged),
        alt=f"Line chart: {'; '.join(words)}.{''.join(diverged)}",
        data=table(curves),
        sources=context.sources(records),
    )


NUMBERED: dict[str, Callable[[Context], Drawing]] = {
    "perceptron_accuracy": partial(_chart, "perceptron", "accuracy", wide=True),
    "logistic_accuracy_lr0_01": partial(_chart, "logistic_lr0_01", "accuracy", beside="logistic_lr0_001"),
    "logistic_accuracy_lr0_001": partial(_chart, "logistic_lr0_001", "accuracy", beside="logistic_lr0_01"),
    "mlp_accuracy": partial(_chart, "mlp", "accuracy"),
    "mlp_loss": partial(_chart, "mlp", "loss"),
    "torch_logistic_loss": partial(_chart, (study.TORCH_LOGISTIC_LEARNING_RATE, "best"), "loss"),
    "torch_logistic_val_accuracy": partial(
        _chart, (study.TORCH_LOGISTIC_LEARNING_RATE, "best"), "val_accuracy"
    ),
    "feedforward_loss_batch_small": partial(
        _chart, "feedforward", "loss", parameter="batch_size", beside="feedforward_batch1024"
    ),
    "feedforward_loss_batch_large": partial(
        _chart, "feedforward_batch1024", "loss", parameter="batch_size", beside="feedforward"
    ),
    "feedforward_loss_lr_best": partial(_chart, (study.LEARNING_RATE, "best"), "loss", beside="worst"),
    "feedforward_loss_lr_worst": partial(_chart, (study.LEARNING_RATE, "worst"), "loss", beside="best"),
    "feedforward_loss_long_best": partial(_chart, (study.REGULARIZATION, "best"), "loss", beside="worst"),
    "feedforward_loss_long_worst": partial(_chart, (study.REGULARIZATION, "worst"), "loss", beside="best"),
}
