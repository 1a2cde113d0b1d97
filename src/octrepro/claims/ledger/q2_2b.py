"""Question 2.2b: the feed-forward network at four learning rates."""

from __future__ import annotations

from collections.abc import Callable

from octrepro.claims.claim import Case, Claim, Finding, Need, unmet
from octrepro.claims.comparisons import ahead_of_all, better
from octrepro.claims.seeds import Region

EPOCHS = 20


def _at(run: str, learning_rate: float) -> Need:
    label = rf"$\eta = {learning_rate:g}$"
    return Need(run, label, {"model": "feedforward", "learning_rate": learning_rate, "epochs": EPOCHS})


BEST = _at("feedforward", 0.1)
WORST = _at("feedforward_lr1", 1.0)
SMALL = _at("feedforward_lr0_01", 0.01)
SMALLEST = _at("feedforward_lr0_001", 0.001)
RATES = (WORST, BEST, SMALL, SMALLEST)


def _others(need: Need) -> tuple[Need, ...]:
    return tuple(other for other in RATES if other is not need)


def _best(case: Case) -> Finding:
    return ahead_of_all(case, BEST, _others(BEST), "val")


def _worst(case: Case) -> Finding:
    return ahead_of_all(case, WORST, _others(WORST), "val", sign=-1)


def _below_the_best(need: Need) -> Callable[[Case], Finding]:
    """Judge "this run ends below the best of the others by more than chance".

    Of the others, those that are missing or diverged are no rivals.
    """

    def judge(case: Case) -> Finding:
        rivals = [other for other in _others(need) if unmet((other,), case.records) is None]
        best = max(rivals, key=lambda other: case.records[other.run].metrics["val_correct"])
        return better(case, best, need, "val")

    return judge


def _not_there_yet(need: Need, name: str) -> Claim:
    return Claim(
        id=f"learning_rate_{name}_falls_short",
        question="2.2b",
        statement=f"At {need.label} the network has not reached a good accuracy after {EPOCHS} epochs: it is "
        "below the best of the other rates by more than chance.",
        reference="The small learning rates are said not to reach a good accuracy in 20 epochs.",
        pages="8",
        needs=(BEST, need),
        judge=_below_the_best(need),
        over_seeds=Region(above=0),
        holds="It falls short of the best rate: {counts} ({tested}).",
        fails="It is itself the best of the rates: {counts} ({tested}).",
        inconclusive="Its distance from the best other rate is within chance: {counts} ({tested}).",
    )


CLAIMS = (
    Claim(
        id="learning_rate_0_1_best",
        question="2.2b",
        statement=r"By validation accuracy $\eta = 0.1$ is the best of the four learning rates.",
        reference="The best configuration reported is learning rate 0.1, with test accuracy 0.7675.",
        pages="8",
        needs=RATES,
        judge=_best,
        over_seeds=Region(above=0),
        holds="It is the best: even against the closest rival, {counts} ({tested}).",
        fails="It is not the best: {counts} ({tested}).",
        inconclusive="Whether it is the best is within chance: {counts} ({tested}).",
    ),
    Claim(
        id="learning_rate_1_worst",
        question="2.2b",
        statement=r"By validation accuracy $\eta = 1$ is the worst of the four learning rates.",
        reference="The worst configuration reported is learning rate 1, which ends in a poor minimum.",
        pages="8",
        needs=RATES,
        judge=_worst,
        over_seeds=Region(above=0),
        holds="It is the worst: even against the closest rival, {counts} ({tested}).",
        fails="It is not the worst: {counts} ({tested}).",
        inconclusive="Whether it is the worst is within chance: {counts} ({tested}).",
    ),
    _not_there_yet(SMALL, "0_01"),
    _not_there_yet(SMALLEST, "0_001"),
)
