"""Runs of a comparison beside each other, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from octrepro.core.records import RunRecord
from octrepro.figures.comparisons import best_and_worst
from octrepro.figures.context import Context, Drawing, OmittedFigureError
from octrepro.figures.curves import MEASURES, Curve, band_words, draw, train_and_validation
from octrepro.figures.registry import Draw, FigureSpec
from octrepro.figures.wording import (
    diverged,
    model_name,
    number,
    parameters,
    run_label,
    setting,
)
from octrepro.plotting import PALETTE, heading, panels
from octrepro.study import comparisons
from octrepro.study.comparisons import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def _best_beside_worst(comparison: Comparison, measure: str = "loss") -> Draw:
    """The best and the worst run of a comparison: training and validation curves on one scale."""

    def drawing(context: Context) -> Drawing:
        pair = best_and_worst(context, comparison)
        subject = f"{model_name(pair[0])}, {comparison.subject}"
        groups = [train_and_validation(record, measure) for record in pair]
        if not any(groups):
            raise OmittedFigureError("none of its runs has a finite value")
        fig, axes = panels(1, 2, "text", 2.4, left=0.42, right=0.8, top=0.32, column_gap=0.95)
        for ax, record, which, indent in zip(axes, pair, ("Best", "Worst"), (-28, 0), strict=True):
            heading(
                ax, f"{which}: {comparison.label(record.experiment)}", MEASURES[measure][0].lower(), indent
            )
        draw(axes, groups)
        words = [
            f"{which}, {comparison.label(record.experiment)}: "
            + "; ".join(curve.words(f"{curve.label} {measure}") for curve in group)
            + "."
            + diverged(record)
            for which, record, group in zip(("Best", "Worst"), pair, groups, strict=True)
        ]
        chosen_by = " and ".join(number(record.metrics["val_accuracy"]) for record in pair)
        return Drawing(
            figure=fig,
            title=f"Best and worst of question {comparison.question} on one scale: {subject}",
            caption=f"{MEASURES[measure][0]} ({MEASURES[measure][1]}) by epoch; both "
            f"panels share the vertical axis. Best and worst by final validation accuracy: {chosen_by}."
            + band_words(curve for group in groups for curve in group)
            + "".join(dict.fromkeys(diverged(record) for record in pair)),
            alt="Two line charts on one scale. " + " ".join(words),
            data=_long_table([curve for group in groups for curve in group]),
            sources=context.sources(pair),
        )

    return drawing


def _learning_rates(context: Context) -> Drawing:
    """Validation accuracy at every learning rate, for both models trained with PyTorch."""
    groups = [
        sorted((context.records[run] for run in comparison.runs if run in context.records), key=_rate)
        for comparison in (comparisons.TORCH_LOGISTIC_LEARNING_RATE, comparisons.LEARNING_RATE)
    ]
    groups = [group for group in groups if len(group) > 1]
    if not groups:
        raise OmittedFigureError("no two of its runs are in params.yaml")
    rates = sorted({_rate(record) for group in groups for record in group})
    colours = {rate: PALETTE[index % len(PALETTE)] for index, rate in enumerate(rates)}
    fig, axes = panels(1, len(groups), "text", 2.5, left=0.42, right=0.85, top=0.32, column_gap=1.0)
    curves = [
        [
            Curve(record, "val_accuracy", setting(record, "learning_rate"), colours[_rate(record)])
            for record in group
        ]
        for group in groups
    ]
    for ax, group, indent in zip(axes, groups, (-28, 0), strict=False):
        heading(ax, model_name(group[0]), indent=indent)
    return _overlay(
        context,
        fig,
        axes,
        curves,
        title="Validation accuracy at each learning rate",
        caption="Accuracy (fraction correct) on the validation set by epoch; η is the learning rate and the "
        "panels share the vertical axis.",
    )


def _rate(record: RunRecord) -> float:
    return float(record.experiment["learning_rate"])


def _long_runs(context: Context) -> Drawing:
    """Validation loss and accuracy of the long runs, each measure in a panel of its own."""
    records = context.present(comparisons.REGULARIZATION.runs, least=2)
    fig, (left, right) = panels(1, 2, "text", 2.5, left=0.42, right=0.95, top=0.32, column_gap=1.1)
    labels = {record.run: comparisons.REGULARIZATION.label(record.experiment) for record in records}
    measures = ("loss", "accuracy")
    curves = [
        [
            Curve(record, f"val_{measure}", labels[record.run], PALETTE[index % len(PALETTE)], width=1.2)
            for index, record in enumerate(records)
        ]
        for measure in measures
    ]
    for ax, measure in zip((left, right), measures, strict=True):
        heading(ax, f"Validation {measure}", indent=-28)
    return _overlay(
        context,
        fig,
        [left, right],
        curves,
        title="Regularisation in the long runs: validation loss and accuracy",
        caption=f"Feed-forward network, {parameters(records[0], 'batch_size', 'epochs')}. "
        "Loss is the mean cross-entropy in nats, accuracy the fraction correct.",
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
    groups = [[curve for curve in group if curve.recorded] for group in curves]
    if not any(groups):
        raise OmittedFigureError("none of its runs has a finite value")
    if shared:
        draw(axes, groups)
    else:
        for ax, group in zip(axes, groups, strict=True):
            draw([ax], [group])
    everything = [curve for group in groups for curve in group]
    records = list({curve.record.run: curve.record for group in curves for curve in group}.values())
    words = [curve.words(f"{run_label(curve.record)}: {_measured(curve)}") for curve in everything]
    return Drawing(
        figure=fig,
        title=title,
        caption=caption
        + band_words(everything)
        + "".join(f" {run_label(r)}:{diverged(r)}" for r in records if r.metrics["diverged"]),
        alt="Line chart. " + "; ".join(words) + ".",
        data=_long_table(everything),
        sources=context.sources(records),
    )


def _measured(curve: Curve) -> str:
    split, _, measure = curve.column.partition("_")
    return f"{'validation' if split == 'val' else 'training'} {measure}"


def _long_table(curves: Sequence[Curve]) -> dict[str, list[Any]]:
    """One row for each run, measure and epoch; with the band over seeds where there is one."""
    table: dict[str, list[Any]] = {"run": [], "measure": [], "epoch": [], "value": []}
    for curve in curves:
        table["run"] += [curve.record.run] * len(curve.values)
        table["measure"] += [curve.column] * len(curve.values)
        table["epoch"] += list(curve.epochs)
        table["value"] += list(curve.values)
    if any(curve.band is not None for curve in curves):
        for end, name in enumerate(("low", "high")):
            table[name] = [
                value for curve in curves for value in (curve.band or [[None] * len(curve.values)] * 2)[end]
            ]
    return table


FIGURES = [
    *(
        FigureSpec(
            f"comparison_{comparison.id}",
            None,
            _best_beside_worst(comparison, "accuracy" if comparison.question == "1.1b" else "loss"),
        )
        for comparison in comparisons.COMPARISONS
    ),
    FigureSpec("learning_rates", None, _learning_rates),
    FigureSpec("regularization", None, _long_runs),
]
