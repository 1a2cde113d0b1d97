"""Figures 1 to 13: the curves that the source report shows, in its order, drawn from our runs.

The figures of a pair, such as best and worst, share their vertical axis.
"""

from collections.abc import Callable, Sequence
from functools import partial

from octrepro.core.records import RunRecord
from octrepro.figures.captions import divergence, number, settings
from octrepro.figures.context import Context, OmittedFigureError
from octrepro.figures.curves import Curve, band_words, draw, table, train_and_validation
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import figure, heading
from octrepro.study.comparisons import (
    LEARNING_RATE,
    REGULARIZATION,
    TORCH_LOGISTIC_LEARNING_RATE,
    Comparison,
)
from octrepro.study.names import model_name

_UNITS = {"loss": "mean cross-entropy, nats", "accuracy": "fraction correct"}


def _run(
    run: str, measure: str, parameter: str, context: Context, *, beside: str = "", wide: bool = False
) -> Drawing:
    """Training and validation curves of one run; the title names a parameter, `beside` shares the scale."""
    record = context.record(run)
    named = settings(record, parameter)
    title = f"{model_name(record.experiment['model'])}{named and f' at {named}'}: {{}} by epoch"
    scale = train_and_validation(context.records[beside], measure) if beside in context.records else []
    return _curves(context, record, train_and_validation(record, measure), title, scale=scale, wide=wide)


def _best(comparison: Comparison, column: str, context: Context) -> Drawing:
    """Curves of the best run of a comparison: the one of `column`, or both of a measure."""
    best = context.record(context.comparison(comparison)["best"])
    model, label = model_name(best.experiment["model"]), comparison.label(best.experiment)
    curves = train_and_validation(best, column.rpartition("_")[2])
    chosen = [curve for curve in curves if column in curve.column]
    title = f"{model} at its best {comparison.subject}, {label}: {{}} by epoch"
    note = f" The {comparison.subject} is the one with the highest final validation accuracy."
    return _curves(context, best, chosen, title, note)


def _extreme(comparison: Comparison, which: str, context: Context) -> Drawing:
    """Losses of the best or the worst run of a comparison, on the scale of both."""
    pair = context.best_and_worst(comparison)
    record, other = pair if which == "best" else pair[::-1]
    model, label = model_name(record.experiment["model"]), comparison.label(record.experiment)
    title = f"{model}, {which} {comparison.subject} ({label}): {{}} by epoch"
    note = f" {which.capitalize()} by final validation accuracy, {number(record.metrics['val_accuracy'])}."
    scale = train_and_validation(other, "loss")
    return _curves(context, record, train_and_validation(record, "loss"), title, note, scale=scale)


def _curves(
    context: Context,
    record: RunRecord,
    curves: Sequence[Curve],
    title: str,
    note: str = "",
    *,
    scale: Sequence[Curve] = (),
    wide: bool = False,
) -> Drawing:
    if not curves and not record.metrics["diverged"]:
        raise OmittedFigureError(f"the run {record.run} records no such curve")
    measure = curves[0].column.partition("_")[2] if curves else "loss"
    fig, ax = figure("text" if wide else "half", 2.1, left=0.42, right=1.25 if wide else 0.78)
    heading(ax, measure.capitalize(), _UNITS[measure], indent=-28)
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


FIGURES: dict[str, Callable[[Context], Drawing]] = {
    "perceptron_accuracy": partial(_run, "perceptron", "accuracy", "", wide=True),
    "logistic_accuracy_lr0_01": partial(
        _run, "logistic_lr0_01", "accuracy", "learning_rate", beside="logistic_lr0_001"
    ),
    "logistic_accuracy_lr0_001": partial(
        _run, "logistic_lr0_001", "accuracy", "learning_rate", beside="logistic_lr0_01"
    ),
    "mlp_accuracy": partial(_run, "mlp", "accuracy", "learning_rate"),
    "mlp_loss": partial(_run, "mlp", "loss", "learning_rate"),
    "torch_logistic_loss": partial(_best, TORCH_LOGISTIC_LEARNING_RATE, "loss"),
    "torch_logistic_val_accuracy": partial(_best, TORCH_LOGISTIC_LEARNING_RATE, "val_accuracy"),
    "feedforward_loss_batch_small": partial(
        _run, "feedforward", "loss", "batch_size", beside="feedforward_batch1024"
    ),
    "feedforward_loss_batch_large": partial(
        _run, "feedforward_batch1024", "loss", "batch_size", beside="feedforward"
    ),
    "feedforward_loss_lr_best": partial(_extreme, LEARNING_RATE, "best"),
    "feedforward_loss_lr_worst": partial(_extreme, LEARNING_RATE, "worst"),
    "feedforward_loss_long_best": partial(_extreme, REGULARIZATION, "best"),
    "feedforward_loss_long_worst": partial(_extreme, REGULARIZATION, "worst"),
}
