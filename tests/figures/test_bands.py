"""Bands over seeds around the curves, where runs have replicates."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from octrepro.figures.catalog import FIGURES
from octrepro.figures.curves import Curve
from tests.figures.built import context, diverged, record, replicated

CHOSEN = ("feedforward", "feedforward_lr1", "feedforward_long_l2", "torch_logistic_lr0_01")


@pytest.mark.parametrize("figure", ["feedforward_loss_batch_small", "regularization", "learning_rates"])
def test_bands_are_drawn_told_and_given_as_data_where_there_are_seeds(figure):
    plain = context()
    runs = {run: replicated(each) if run in CHOSEN else each for run, each in plain.records.items()}
    without, banded = (FIGURES[figure](each) for each in (plain, dataclasses.replace(plain, records=runs)))
    assert "The bands span 4 seeds, from the lowest to the highest" in banded.caption
    assert "bands" not in without.caption
    assert "low" not in without.data
    table = pd.DataFrame(banded.data)
    assert set(table[table.low.notna()].run) == set(table.run) & set(CHOSEN)
    bands = [sum(len(ax.collections) for ax in each.figure.axes) for each in (without, banded)]
    assert bands[1] == bands[0] + len(table[table.low.notna()][["run", "measure"]].drop_duplicates())


def test_a_band_spans_the_seeds():
    run = record("feedforward")
    low, high = Curve(replicated(run), "val_loss", "", "k").band
    assert low == pytest.approx(run.history["val_loss"])
    assert high == pytest.approx(run.history["val_loss"] + 0.03)


def test_a_smoothed_curve_has_a_band_of_smoothed_seeds():
    run = record("feedforward_long")
    run.history["val_loss"][:] = np.arange(150) % 2
    curve = Curve(replicated(run), "val_loss", "", "k", window=10)
    for values, middle in zip((curve.values, *curve.band), (0.5, 0.5, 0.53), strict=True):
        assert values[5:-5] == pytest.approx(middle)


def test_a_diverged_seed_leaves_the_band_where_it_ends():
    run = record("feedforward")
    seeds = {1: diverged(replicated(run).replicates[1], 3)}
    low, high = Curve(dataclasses.replace(run, replicates=seeds), "val_loss", "", "k").band
    own = run.history["val_loss"]
    assert high[:2] == pytest.approx(own[:2] + 0.01)
    assert np.array_equal(high[2:], own[2:])
    assert np.array_equal(low, own)


def test_further_seeds_are_ticks_in_the_overview():
    plain = context("mlp")
    marked = dataclasses.replace(plain, records={"mlp": replicated(plain.records["mlp"])})
    without, drawing = (FIGURES["test_accuracies"](each) for each in (plain, marked))
    assert "further seeds" in drawing.caption
    assert "further seeds" not in without.caption
    (ticks,) = (line for line in drawing.figure.axes[0].lines if line.get_marker() == "|")
    assert len(ticks.get_xdata()) == 3
