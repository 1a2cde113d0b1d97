"""Figures 1 to 13: the curves that the source report shows, drawn from our runs."""

from __future__ import annotations

from octrepro.core.records import RunRecord
from octrepro.figures.comparisons import (
    LEARNING_RATE,
    REGULARISATION,
    TORCH_LOGISTIC_RATE,
    Comparison,
    best_and_worst,
    chosen,
)
from octrepro.figures.context import Context, Drawing, OmittedFigureError
from octrepro.figures.curves import MEASURES, Curve, band_columns, band_words, draw, train_and_validation
from octrepro.figures.registry import Draw, FigureSpec
from octrepro.figures.wording import diverged, model_name, number, parameters
from octrepro.plotting import figure, heading

_NAMES = {"train": "training", "val": "validation"}


def _of_run(run: str, measure: str, *settings: str, wide: bool = False) -> Draw:
    """Training and validation curves of one run; `settings` are the parameters its title names."""

    def drawing(context: Context) -> Drawing:
        record = context.record(run)
        named = parameters(record, *settings)
        title = f"{model_name(record)}{f' at {named}' if named else ''}: {{}} by epoch"
        return _curves(context, record, train_and_validation(record, measure), title, wide=wide)

    return drawing


def _best_torch_logistic(column: str | None) -> Draw:
    """Curves of the PyTorch logistic regression with the learning rate chosen on validation."""

    def drawing(context: Context) -> Drawing:
        best, _ = best_and_worst(context.present(TORCH_LOGISTIC_RATE.runs))
        curves = train_and_validation(best, "loss" if column is None else "accuracy")
        curves = [curve for curve in curves if column in (None, curve.column)]
        rate = parameters(best, "learning_rate")
        title = f"{model_name(best)} at its best learning rate, {rate}: {{}} by epoch"
        note = " The rate is the one with the highest final validation accuracy."
        return _curves(context, best, curves, title, note)

    return drawing


def _extreme(comparison: Comparison, subject: str, which: str) -> Draw:
    """Losses of the best or the worst run of a comparison."""

    def drawing(context: Context) -> Drawing:
        best, worst = chosen(context, comparison)
        record = best if which == "best" else worst
        title = f"{model_name(record)}, {which} of the {subject} ({comparison.told(record)}): {{}} by epoch"
        accuracy = number(record.metrics["val_accuracy"])
        note = f" {which.capitalize()} by final validation accuracy, {accuracy}."
        return _curves(context, record, train_and_validation(record, "loss"), title, note)

    return drawing


def _curves(
    context: Context,
    record: RunRecord,
    curves: list[Curve],
    title: str,
    note: str = "",
    *,
    wide: bool = False,
) -> Drawing:
    if not curves and not record.metrics["diverged"]:
        raise OmittedFigureError(f"the run {record.run} records no such curve")
    measure = curves[0].column.partition("_")[2] if curves else "loss"
    fig, ax = figure(width="text" if wide else "half", height=2.3, left=0.42, right=1.25 if wide else 0.78)
    heading(ax, *MEASURES[measure], indent=-28)
    draw([ax], [curves], stacked_labels=not wide)
    splits = [curve.column.partition("_")[0] for curve in curves]
    subject = f"{' and '.join(_NAMES[split] for split in splits)} {measure}"
    always = [name for name in ("learning_rate", "batch_size", "epochs") if name in record.experiment]
    used = [name for name in ("dropout", "l2_decay") if record.experiment.get(name)]
    settings = parameters(record, *always, *used)
    ring = " The ring marks the best validation value." if any(_has_ring(curve) for curve in curves) else ""
    sentences = [
        curve.words(f"{_NAMES[split]} {measure}") for curve, split in zip(curves, splits, strict=True)
    ]
    told = ("; ".join(sentences) or "nothing finite to draw") + "."
    told = told[0].upper() + told[1:] + diverged(record)
    data = {"epoch": record.history["epoch"]} | {c.column: record.history[c.column] for c in curves}
    data |= band_columns(curves)
    return Drawing(
        figure=fig,
        title=title.format(subject),
        caption=f"Run {record.run}: {settings}.{note}{ring}{band_words(curves)}{diverged(record)}",
        alt=f"Line chart. {told}",
        data={name: list(column) for name, column in data.items()},
        sources=context.sources([record]),
    )


def _has_ring(curve: Curve) -> bool:
    if curve.optimum is None or len(curve.values) < 2:
        return False
    best = curve.values.argmax() if curve.optimum == "highest" else curve.values.argmin()
    return bool(best != len(curve.values) - 1)


FIGURES = [
    FigureSpec("perceptron_accuracy", 1, _of_run("perceptron", "accuracy", wide=True)),
    FigureSpec("logistic_accuracy_lr0_01", 2, _of_run("logistic_lr0_01", "accuracy", "learning_rate")),
    FigureSpec("logistic_accuracy_lr0_001", 3, _of_run("logistic_lr0_001", "accuracy", "learning_rate")),
    FigureSpec("mlp_accuracy", 4, _of_run("mlp", "accuracy", "learning_rate")),
    FigureSpec("mlp_loss", 5, _of_run("mlp", "loss", "learning_rate")),
    FigureSpec("torch_logistic_loss", 6, _best_torch_logistic(None)),
    FigureSpec("torch_logistic_val_accuracy", 7, _best_torch_logistic("val_accuracy")),
    FigureSpec("feedforward_loss_batch_small", 8, _of_run("feedforward", "loss", "batch_size")),
    FigureSpec("feedforward_loss_batch_large", 9, _of_run("feedforward_batch1024", "loss", "batch_size")),
    FigureSpec("feedforward_loss_lr_best", 10, _extreme(LEARNING_RATE, "learning rates", "best")),
    FigureSpec("feedforward_loss_lr_worst", 11, _extreme(LEARNING_RATE, "learning rates", "worst")),
    FigureSpec("feedforward_loss_long_best", 12, _extreme(REGULARISATION, "long runs", "best")),
    FigureSpec("feedforward_loss_long_worst", 13, _extreme(REGULARISATION, "long runs", "worst")),
]
