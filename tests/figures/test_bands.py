"""Bands over seeds around the curves, where runs have replicates."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from octrepro.core.records import RunRecord
from octrepro.figures import FIGURES, Context
from octrepro.figures.curves import Curve
from octrepro.study.comparisons import COMPARISONS
from tests.figures.fakes import context

SPECS = {spec.id: spec for spec in FIGURES}
WITH_CURVES = ("feedforward_loss_batch_small", "regularization", "learning_rates")


def replicated(record: RunRecord, seeds: int = 3, diverged: bool = False) -> RunRecord:
    """The record with further seeds, each a little higher than the one before."""
    further = {}
    for seed in range(1, seeds + 1):
        history = {name: values + 0.01 * seed for name, values in record.history.items() if name != "epoch"}
        if diverged and seed == 1:
            history = {name: values[:2] for name, values in history.items()}
        epochs = len(next(iter(history.values())))
        metrics = {**record.metrics, "epochs": epochs, "diverged": epochs == 2}
        further[seed] = dataclasses.replace(record, history=history, metrics=metrics)
    return dataclasses.replace(record, replicates=further)


def with_replicates() -> Context:
    made = context()
    return dataclasses.replace(made, records={run: replicated(each) for run, each in made.records.items()})


@pytest.mark.parametrize("figure", WITH_CURVES)
def test_bands_are_drawn_told_and_given_as_data(figure: str) -> None:
    plain, banded = SPECS[figure].draw(context()), SPECS[figure].draw(with_replicates())
    assert "The bands span 4 seeds, from the lowest to the highest" in banded.caption
    assert "bands" not in plain.caption
    assert not any("low" in name for name in plain.data)
    assert {"val_loss_low", "val_loss_high"} <= banded.data.keys() or {"low", "high"} <= banded.data.keys()
    assert len({len(column) for column in banded.data.values()}) == 1
    assert all(axes.collections for axes in banded.figure.axes)
    assert sum(len(axes.collections) for axes in plain.figure.axes) < sum(
        len(axes.collections) for axes in banded.figure.axes
    )


SUBSETS = sorted(
    {tuple(sorted({a, b})) for comparison in COMPARISONS for a in comparison.runs for b in comparison.runs}
)


@pytest.mark.parametrize("chosen", SUBSETS, ids="+".join)
def test_draws_any_subset_of_replicated_runs(chosen: tuple[str, ...]) -> None:
    made = context()
    made = dataclasses.replace(
        made, records={run: replicated(each) if run in chosen else each for run, each in made.records.items()}
    )
    for figure in ("logistic_accuracy_lr0_01", *WITH_CURVES):
        data = SPECS[figure].draw(made).data
        assert len({len(column) for column in data.values()}) == 1
        if "low" in data:
            with_band = {run for run, low in zip(data["run"], data["low"], strict=True) if not np.isnan(low)}
            assert with_band == set(chosen) & set(data["run"])


def test_band_spans_the_seeds() -> None:
    record = context(runs=("feedforward",)).records["feedforward"]
    low, high = Curve(replicated(record), "val_loss", "", "k").band or ((), ())
    assert low == pytest.approx(record.history["val_loss"])
    assert high == pytest.approx(record.history["val_loss"] + 0.03)


def test_a_smoothed_curve_has_a_band_of_smoothed_seeds() -> None:
    record = context(runs=("feedforward_long",)).records["feedforward_long"]
    record.history["val_loss"][:] = np.arange(150) % 2
    curve = Curve(replicated(record), "val_loss", "", "k", window=10)
    low, high = curve.band or ((), ())
    assert curve.values[5:-5] == pytest.approx(0.5)
    assert low[5:-5] == pytest.approx(0.5)
    assert high[5:-5] == pytest.approx(0.53)


def test_further_seeds_are_ticks_in_the_overview() -> None:
    plain, marked = (SPECS["test_accuracies"].draw(each) for each in (context(), with_replicates()))
    assert "further seeds" in marked.caption
    assert "further seeds" not in plain.caption
    ticks = [line for line in marked.figure.axes[0].lines if line.get_marker() == "|"]
    assert [len(line.get_xdata()) for line in ticks] == [3] * 15


def test_a_diverged_seed_leaves_the_band_where_it_ends() -> None:
    record = context(runs=("feedforward",)).records["feedforward"]
    low, high = Curve(replicated(record, seeds=1, diverged=True), "val_loss", "", "k").band or ((), ())
    own = record.history["val_loss"]
    assert high[:2] == pytest.approx(own[:2] + 0.01)
    assert np.array_equal(high[2:], own[2:])
    assert np.array_equal(low, own)
