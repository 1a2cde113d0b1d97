"""Figures 1 to 13: the curves that the source report shows, drawn from our runs."""

from __future__ import annotations

from octrepro.core.records import RunRecord
from octrepro.figures.comparisons import best_and_worst
from octrepro.figures.context import Context, Drawing, OmittedFigureError
from octrepro.figures.curves import MEASURES, Curve, band_columns, band_words, draw, train_and_validation
from octrepro.figures.registry import Draw, FigureSpec
from octrepro.figures.wording import diverged, model_name, number, parameters
from octrepro.plotting import figure, heading
from octrepro.study.comparisons import (
    LEARNING_RATE,
    REGULARIZATION,
    TORCH_LOGISTIC_LEARNING_RATE,
    Comparison,
)
from octrepro.study.figure_numbers import FIGURE_NUMBERS

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
        best = context.record(context.comparison(TORCH_LOGISTIC_LEARNING_RATE.id)["best"])
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
        best, worst = best_and_worst(context, comparison)
        record = best if which == "best" else worst
        label = comparison.label(record.experiment)
        title = f"{model_name(record)}, {which} of the {subject} ({label}): {{}} by epoch"
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


def _numbered(name: str, draw: Draw) -> FigureSpec:
    return FigureSpec(name, FIGURE_NUMBERS[name], draw)


FIGURES = [
    _numbered("perceptron_accuracy", _of_run("perceptron", "accuracy", wide=True)),
    _numbered("logistic_accuracy_lr0_01", _of_run("logistic_lr0_01", "accuracy", "learning_rate")),
    _numbered("logistic_accuracy_lr0_001", _of_run("logistic_lr0_001", "accuracy", "learning_rate")),
    _numbered("mlp_accuracy", _of_run("mlp", "accuracy", "learning_rate")),
    _numbered("mlp_loss", _of_run("mlp", "loss", "learning_rate")),
    _numbered("torch_logistic_loss", _best_torch_logistic(None)),
    _numbered("torch_logistic_val_accuracy", _best_torch_logistic("val_accuracy")),
    _numbered("feedforward_loss_batch_small", _of_run("feedforward", "loss", "batch_size")),
    _numbered("feedforward_loss_batch_large", _of_run("feedforward_batch1024", "loss", "batch_size")),
    _numbered("feedforward_loss_lr_best", _extreme(LEARNING_RATE, "learning rates", "best")),
    _numbered("feedforward_loss_lr_worst", _extreme(LEARNING_RATE, "learning rates", "worst")),
    _numbered("feedforward_loss_long_best", _extreme(REGULARIZATION, "long runs", "best")),
    _numbered("feedforward_loss_long_worst", _extreme(REGULARIZATION, "long runs", "worst")),
]
