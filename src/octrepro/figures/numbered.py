"""Figures 1 to 13: the curves that the source report shows, drawn from our runs.

The figures of a pair, such as best and worst, share their vertical axis.
"""

from __future__ import annotations

from octrepro.core.records import RunRecord
from octrepro.figures.captions import divergence, number, settings
from octrepro.figures.curves import MEASURES, Curve, band_words, draw, table, train_and_validation
from octrepro.figures.drawing import Context, Drawing, FigureSpec, OmittedFigureError
from octrepro.plotting import figure, heading
from octrepro.study import comparisons
from octrepro.study.comparisons import Comparison
from octrepro.study.figure_numbers import FIGURE_NUMBERS
from octrepro.study.names import model_name

_NAMES = {"train": "training", "val": "validation"}


def _run(
    name: str, run: str, measure: str, parameter: str = "", *, beside: str = "", wide: bool = False
) -> FigureSpec:
    """Training and validation curves of one run; the title names a parameter, `beside` shares the scale."""

    def drawing(context: Context) -> Drawing:
        record = context.record(run)
        named = settings(record, parameter)
        title = f"{model_name(record.experiment['model'])}{named and f' at {named}'}: {{}} by epoch"
        other = [context.records[beside]] if beside in context.records else []
        scale = [curve for each in other for curve in train_and_validation(each, measure)]
        return _curves(context, record, train_and_validation(record, measure), title, scale=scale, wide=wide)

    return FigureSpec(name, FIGURE_NUMBERS[name], drawing)


def _best(name: str, comparison: Comparison, column: str) -> FigureSpec:
    """Curves of the best run of a comparison: the one of `column`, or both of a measure."""

    def drawing(context: Context) -> Drawing:
        best = context.record(context.comparison(comparison)["best"])
        curves = train_and_validation(best, column.rpartition("_")[2])
        title = (
            f"{model_name(best.experiment['model'])} at its best {comparison.subject}, "
            f"{comparison.label(best.experiment)}: {{}} by epoch"
        )
        note = f" The {comparison.subject} is the one with the highest final validation accuracy."
        chosen = [curve for curve in curves if column in curve.column]
        return _curves(context, best, chosen, title, note)

    return FigureSpec(name, FIGURE_NUMBERS[name], drawing)


def _extreme(name: str, comparison: Comparison, which: str) -> FigureSpec:
    """Losses of the best or the worst run of a comparison, on the scale of both."""

    def drawing(context: Context) -> Drawing:
        pair = context.best_and_worst(comparison)
        record, other = pair if which == "best" else pair[::-1]
        model, label = model_name(record.experiment["model"]), comparison.label(record.experiment)
        title = f"{model}, {which} {comparison.subject} ({label}): {{}} by epoch"
        accuracy = number(record.metrics["val_accuracy"])
        note = f" {which.capitalize()} by final validation accuracy, {accuracy}."
        scale = train_and_validation(other, "loss")
        return _curves(context, record, train_and_validation(record, "loss"), title, note, scale=scale)

    return FigureSpec(name, FIGURE_NUMBERS[name], drawing)


def _curves(
    context: Context,
    record: RunRecord,
    curves: list[Curve],
    title: str,
    note: str = "",
    *,
    scale: list[Curve] | None = None,
    wide: bool = False,
) -> Drawing:
    if not curves and not record.metrics["diverged"]:
        raise OmittedFigureError(f"the run {record.run} records no such curve")
    measure = curves[0].column.partition("_")[2] if curves else "loss"
    fig, ax = figure(width="text" if wide else "half", height=2.1, left=0.42, right=1.25 if wide else 0.78)
    heading(ax, *MEASURES[measure], indent=-28)
    draw([ax], [curves], stacked_labels=not wide, scale_of=scale or ())
    splits = [_NAMES[curve.column.partition("_")[0]] for curve in curves]
    regularizers = [name for name in ("dropout", "l2_decay") if record.experiment.get(name)]
    run = settings(record, "learning_rate", "batch_size", "epochs", *regularizers)
    ring = " The ring marks the best validation value." if any(c.optimal is not None for c in curves) else ""
    words = [curve.words(f"{split} {measure}") for curve, split in zip(curves, splits, strict=True)]
    sentence = ("; ".join(words) or "nothing finite to draw") + "."
    return Drawing(
        figure=fig,
        title=title.format(f"{' and '.join(splits)} {measure}"),
        caption=f"{run}.{note}{ring}{band_words(curves)}{divergence(record)}",
        alt=f"Line chart. {sentence[0].upper()}{sentence[1:]}{divergence(record)}",
        data=table(curves),
        sources=context.sources([record]),
    )


FIGURES = [
    _run("perceptron_accuracy", "perceptron", "accuracy", wide=True),
    _run(
        "logistic_accuracy_lr0_01",
        "logistic_lr0_01",
        "accuracy",
        "learning_rate",
        beside="logistic_lr0_001",
    ),
    _run(
        "logistic_accuracy_lr0_001",
        "logistic_lr0_001",
        "accuracy",
        "learning_rate",
        beside="logistic_lr0_01",
    ),
    _run("mlp_accuracy", "mlp", "accuracy", "learning_rate"),
    _run("mlp_loss", "mlp", "loss", "learning_rate"),
    _best("torch_logistic_loss", comparisons.TORCH_LOGISTIC_LEARNING_RATE, "loss"),
    _best("torch_logistic_val_accuracy", comparisons.TORCH_LOGISTIC_LEARNING_RATE, "val_accuracy"),
    _run(
        "feedforward_loss_batch_small",
        "feedforward",
        "loss",
        "batch_size",
        beside="feedforward_batch1024",
    ),
    _run(
        "feedforward_loss_batch_large",
        "feedforward_batch1024",
        "loss",
        "batch_size",
        beside="feedforward",
    ),
    _extreme("feedforward_loss_lr_best", comparisons.LEARNING_RATE, "best"),
    _extreme("feedforward_loss_lr_worst", comparisons.LEARNING_RATE, "worst"),
    _extreme("feedforward_loss_long_best", comparisons.REGULARIZATION, "best"),
    _extreme("feedforward_loss_long_worst", comparisons.REGULARIZATION, "worst"),
]
