"""Question 2.2b: the feed-forward network at four learning rates."""

from __future__ import annotations

from octrepro.claims.claim import Claim, Subject
from octrepro.claims.curve_effects import arrives_first
from octrepro.claims.effect import Region
from octrepro.claims.leads import LATE, leads

BEST = Subject("feedforward", r"$\eta = 0.1$")
WORST = Subject("feedforward_lr1", r"$\eta = 1$")
SMALL = Subject("feedforward_lr0_01", r"$\eta = 0.01$")
SMALLEST = Subject("feedforward_lr0_001", r"$\eta = 0.001$")
RATES = (WORST, BEST, SMALL, SMALLEST)
FIXED = ("learning_rate", "epochs")


def _falls_short(subject: Subject, name: str) -> Claim:
    return Claim(
        id=f"learning_rate_{name}_falls_short",
        question="2.2b",
        statement=f"At {subject.phrase} the network has not reached a good accuracy after 20 epochs.",
        measure=leads([(BEST, subject)], "test"),
        region=Region(above=0),
        source="The small learning rates are said not to reach a good accuracy in 20 epochs.",
        pages="8",
        definition=f"It classifies fewer test images correctly than {BEST.phrase}, the best rate reported.",
        subjects=(BEST, subject),
        fixed=FIXED,
    )


CLAIMS = (
    Claim(
        id="learning_rate_0_1_best",
        question="2.2b",
        statement=r"By validation accuracy $\eta = 0.1$ is the best of the four learning rates.",
        measure=leads([(BEST, other) for other in RATES if other is not BEST], "val"),
        region=Region(above=0),
        source="The best configuration reported is learning rate 0.1, with test accuracy 0.7675.",
        pages="8",
        definition=LATE,
        subjects=RATES,
        fixed=FIXED,
    ),
    Claim(
        id="learning_rate_1_worst",
        question="2.2b",
        statement=r"By validation accuracy $\eta = 1$ is the worst of the four learning rates.",
        measure=leads([(other, WORST) for other in RATES if other is not WORST], "val"),
        region=Region(above=0),
        source="The worst configuration reported is learning rate 1, which ends in a poor minimum.",
        pages="8",
        definition=LATE,
        subjects=RATES,
        fixed=FIXED,
    ),
    Claim(
        id="high_rates_converge_faster",
        question="2.2b",
        statement=r"The network converges faster at a higher learning rate: at $\eta = 0.1$ than at "
        r"$\eta = 0.01$, and there than at $\eta = 0.001$.",
        measure=arrives_first([(BEST, SMALL), (SMALL, SMALLEST)], "train_loss"),
        region=Region(above=0),
        source="High learning rates are said to converge faster, since they take bigger steps, if perhaps "
        "to a poor minimum.",
        pages="8",
        definition="It takes fewer epochs to first reach a training loss that both runs attain: the higher "
        r"of their means over the second half. $\eta = 1$ is left out: it ends in a poor minimum, as the "
        "source says.",
        subjects=(BEST, SMALL, SMALLEST),
        fixed=FIXED,
    ),
    _falls_short(SMALL, "0_01"),
    _falls_short(SMALLEST, "0_001"),
)
