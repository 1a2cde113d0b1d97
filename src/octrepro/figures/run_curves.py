"""Curves of the runs: figures 1 to 13 of the source report, and two that lay several runs over each other.

The first are in the order of their numbers. Those of a pair, such as best and worst, share a vertical axis.
"""

from collections.abc import Callable, Sequence
from functools import partial

from matplotlib.figure import Figure

from octrepro.core.records import RunRecord
from octrepro.figures.captions import divergence, number, settings
from octrepro.figures.context import Context, OmittedFigureError
from octrepro.figures.curves import Curve, band_words, draw, table, train_and_validation
from octrepro.plotting.palette import PALETTE
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import figure, heading, panels
from octrepro.study import comparisons as study
from octrepro.study.names import model_name

UNITS = {"loss": "mean cross-entropy, nats", "accuracy": "fraction correct"}
WINDOW = 11  # epochs whose mean is drawn over curves that cross at every epoch


def _run(
    run: str, measure: str, parameter: str, context: Context, *, beside: str = "", wide: bool = False
) -> Drawing:
    """Training and validation curves of one run; the title names a parameter, `beside` shares the scale."""
    record = context.record(run)
    named = settings(record, parameter)
    title = f"{model_name(record.experiment['model'])}{named and f' at {named}'}: {{}} by epoch"
    scale = train_and_validation(context.records[beside], measure) if beside in context.records else []
    return _of_one(context, record, train_and_validation(record, measure), title, scale=scale, wide=wide)


def _best(comparison: study.Comparison, column: str, context: Context) -> Drawing:
    """Curves of the best run of a comparison: the one of `column`, or both of a measure."""
    best = context.record(context.comparison(comparison)["best"])
    model, label = model_name(best.experiment["model"]), comparison.label(best.experiment)
    curves = train_and_validation(best, column.rpartition("_")[2])
    chosen = [curve for curve in curves if column in curve.column]
    title = f"{model} at its best {comparison.subject}, {label}: {{}} by epoch"
    note = f" The {comparison.subject} is the one with the highest final validation accuracy."
    return _of_one(context, best, chosen, title, note)


def _extreme(comparison: study.Comparison, which: str, context: Context) -> Drawing:
    """Losses of the best or the worst run of a comparison, on the scale of both."""
    pair = context.best_and_worst(comparison)
    record, other = pair if which == "best" else pair[::-1]
    model, label = model_name(record.experiment["model"]), comparison.label(record.experiment)
    title = f"{model}, {which} {comparison.subject} ({label}): {{}} by epoch"
    note = f" {which.capitalize()} by final validation accuracy, {number(record.metrics['val_accuracy'])}."
    scale = train_and_validation(other, "loss")
    return _of_one(context, record, train_and_validation(record, "loss"), title, note, scale=scale)


def _of_one(
    context: Context,
    record: RunRecord,
    curves: Sequence[Curve],
    title: str,
    note: str = "",
    *,
    scale: Sequence[Curve] = (),
    wide: bool = False,
) -> Drawing:
    """Curves of one run; the title has a place for what they show."""
    if not curves and not record.metrics["diverged"]:
        raise OmittedFigureError(f"the run {record.run} records no such curve")
    measure = curves[0].column.partition("_")[2] if curves else "loss"
    fig, ax = figure("text" if wide else "half", 2.1, left=0.42, right=1.25 if wide else 0.78)
    heading(ax, measure.capitalize(), UNITS[measure], indent=-28)
    draw([ax], [curves], stacked_labels=not wide, scale_of=scale)
    regularizers = [name for name in ("dropout", "l2_decay") if record.experiment.get(name)]
    run = settings(record, "learning_rate", "batch_size", "epochs", *regularizers)
    ring = " The ring marks the best validation value." if any(c.best is not None for c in curves) else ""
    words = "; ".join(curve.words(f"{curve.label} {measure}") for curve in curves)
    sentence = words or "nothing finite to draw"
    return Drawing(
        figure=fig,
        title=title.format(f"{' and '.join(curve.label for curve in curves)} {measure}"),
        caption=f"{run}.{note}{ring}{band_words(curves)}{divergence(record)}",
        alt=f"Line chart. {sentence[0].upper()}{sentence[1:]}.{divergence(record)}",
        data=table(curves),
        sources=context.sources([record]),
    )


def _learning_rates(context: Context) -> Drawing:
    """Validation accuracy at every learning rate, for both models trained with PyTorch, on one scale."""
    groups = []
    for comparison in (study.TORCH_LOGISTIC_LEARNING_RATE, study.LEARNING_RATE):
        group = [context.records[run] for run in comparison.runs if run in context.records]
        if len(group) > 1:
            groups.append(sorted(group, key=lambda record: record.experiment["learning_rate"]))
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
    return _of_several(
        context,
        fig,
        [curve for group in curves for curve in group],
        title="Validation accuracy at each learning rate",
        caption="Accuracy (fraction correct) on the validation set by epoch; η is the learning rate. The "
        "panels share the vertical axis.",
    )


def _regularization(context: Context) -> Drawing:
    """Validation loss and accuracy of the long runs, each measure in a panel of its own."""
    comparison = study.REGULARIZATION
    context.best_and_worst(comparison)  # it takes two runs
    records = [context.records[run] for run in comparison.runs if run in context.records]
    fig, axes = panels(1, 2, "text", 2.3, left=0.42, right=1.15, top=0.32, column_gap=1.57)
    curves = []
    for ax, measure in zip(axes, ("loss", "accuracy"), strict=True):
        heading(ax, f"Validation {measure}", indent=-28)
        group = [
            Curve(r, f"val_{measure}", comparison.label(r.experiment), color, window=WINDOW)
            for r, color in zip(records, PALETTE, strict=False)
        ]
        draw([ax], [group])
        curves += group
    lines = "Lines" if all(record.replicates for record in records) else "Thick lines"
    return _of_several(
        context,
        fig,
        curves,
        title="Regularization in the long runs: validation loss and accuracy",
        caption=f"Feed-forward network, {settings(records[0], 'batch_size', 'epochs')}. "
        "Loss is the mean cross-entropy in nats, accuracy the fraction correct. "
        f"{lines}: the mean over {WINDOW} epochs.",
    )


def _of_several(
    context: Context, fig: Figure, curves: Sequence[Curve], *, title: str, caption: str
) -> Drawing:
    finite = [curve for curve in curves if len(curve.values)]
    if not finite:
        raise OmittedFigureError("none of its runs has a finite value")
    records = list({curve.record.run: curve.record for curve in curves}.values())
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


NUMBERED: dict[str, Callable[[Context], Drawing]] = {
    "perceptron_accuracy": partial(_run, "perceptron", "accuracy", "", wide=True),
    "logistic_accuracy_lr0_01": partial(
        _run, "logistic_lr0_01", "accuracy", "learning_rate", beside="logistic_lr0_001"
    ),
    "logistic_accuracy_lr0_001": partial(
        _run, "logistic_lr0_001", "accuracy", "learning_rate", beside="logistic_lr0_01"
    ),
    "mlp_accuracy": partial(_run, "mlp", "accuracy", "learning_rate"),
    "mlp_loss": partial(_run, "mlp", "loss", "learning_rate"),
    "torch_logistic_loss": partial(_best, study.TORCH_LOGISTIC_LEARNING_RATE, "loss"),
    "torch_logistic_val_accuracy": partial(_best, study.TORCH_LOGISTIC_LEARNING_RATE, "val_accuracy"),
    "feedforward_loss_batch_small": partial(
        _run, "feedforward", "loss", "batch_size", beside="feedforward_batch1024"
    ),
    "feedforward_loss_batch_large": partial(
        _run, "feedforward_batch1024", "loss", "batch_size", beside="feedforward"
    ),
    "feedforward_loss_lr_best": partial(_extreme, study.LEARNING_RATE, "best"),
    "feedforward_loss_lr_worst": partial(_extreme, study.LEARNING_RATE, "worst"),
    "feedforward_loss_long_best": partial(_extreme, study.REGULARIZATION, "best"),
    "feedforward_loss_long_worst": partial(_extreme, study.REGULARIZATION, "worst"),
}
OVERLAYS: dict[str, Callable[[Context], Drawing]] = {
    "learning_rates": _learning_rates,
    "regularization": _regularization,
}
