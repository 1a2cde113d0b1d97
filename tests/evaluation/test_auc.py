"""AUC by its definition, and standard errors by simulation."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from octrepro.evaluation.auc import auc, log_odds

COUNTS = (40, 12, 25)
LABELS = np.repeat(np.arange(3), COUNTS)


def drawn(rng: np.random.Generator, labels: NDArray[np.int64] = LABELS) -> NDArray[np.float64]:
    scores: NDArray[np.float64] = rng.normal(size=(len(labels), 3)) + np.eye(3)[labels]
    return scores


def pairs_won(ranking: NDArray[Any], positive: NDArray[np.bool_]) -> float:
    """The definition: over all pairs of a positive and a negative image, ties counting half."""
    pairs = itertools.product(ranking[positive], ranking[~positive])
    return float(np.mean([(a > b) + 0.5 * (a == b) for a, b in pairs]))


def test_equals_the_share_of_pairs_won_ties_counting_half() -> None:
    scores = drawn(np.random.default_rng(0)).round(0)  # many ties
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    found = auc(scores, LABELS)
    expected = [pairs_won(column.round(12), c == LABELS) for c, column in enumerate(probabilities.T)]
    assert found["class_auc"] == pytest.approx(expected, abs=1e-12)
    assert found["auc"] == pytest.approx(np.mean(expected), abs=1e-12)


def test_standard_errors_are_the_spread_over_samples() -> None:
    rng = np.random.default_rng(1)
    samples = [auc(drawn(rng), LABELS) for _ in range(1000)]
    for value, se in (("auc", "auc_se"), ("class_auc", "class_auc_se")):
        spread = np.std([each[value] for each in samples], axis=0)
        claimed = np.sqrt(np.mean(np.square([each[se] for each in samples]), axis=0))
        np.testing.assert_allclose(claimed, spread, rtol=0.08)


def test_two_classes_have_delongs_variance() -> None:
    labels = np.repeat([0, 1], [10, 15])
    scores = np.random.default_rng(2).normal(size=(25, 2))
    difference = scores[:, 1] - scores[:, 0]
    won = (difference[labels == 1][:, None] > difference[labels == 0]).astype(float)
    variance = won.mean(axis=1).var(ddof=1) / 15 + won.mean(axis=0).var(ddof=1) / 10
    found = auc(scores, labels)
    assert found["class_auc"] == pytest.approx([won.mean()] * 2)
    assert [found["auc_se"], *found["class_auc_se"]] == pytest.approx([math.sqrt(variance)] * 3)


def test_probabilities_that_round_to_one_still_rank() -> None:
    odds = log_odds(np.array([[900.0, 0, -50], [800.0, 0, -50], [-1000.0, 0, 0]]))
    assert odds[:, 0] == pytest.approx([900, 800, -1000 - math.log(2)])
    assert odds[0, 1] == -900


def test_what_has_no_auc_has_none() -> None:
    scores = drawn(np.random.default_rng(3))
    absent = auc(scores[:52], LABELS[:52])  # no image of class 2
    assert absent["class_auc"][2] is None
    assert absent["auc"] == np.mean(absent["class_auc"][:2])
    alone = auc(scores[:41], LABELS[:41])  # one image of class 1
    assert alone["auc"] is not None
    assert alone["auc_se"] is None
    constant = auc(np.tile([3.0, 1.0, 2.0], (77, 1)), LABELS)
    assert (constant["auc"], constant["auc_se"]) == (0.5, 0.0)
    scores[5, 1] = np.nan  # of a run that diverged
    assert auc(scores, LABELS)["auc"] is None
