"""Question 2.2b: the feed-forward network at four learning rates."""

from functools import partial

from octrepro.claims.claim import Claim, Subject
from octrepro.claims.effects import LATE, arrives_first, leads

BEST = Subject("feedforward", r"$\eta = 0.1$")
WORST = Subject("feedforward_lr1", r"$\eta = 1$")
SMALL = Subject("feedforward_lr0_01", r"$\eta = 0.01$")
SMALLEST = Subject("feedforward_lr0_001", r"$\eta = 0.001$")
RATES = (WORST, BEST, SMALL, SMALLEST)

claim = partial(Claim, question="2.2b", pages="8", subjects=RATES, fixed=("learning_rate", "epochs"))


def _falls_short(subject: Subject, name: str) -> Claim:
    return claim(
        id=f"learning_rate_{name}_falls_short",
        statement=f"At {subject.phrase} the network has not reached a good accuracy after 20 epochs.",
        measure=leads([(BEST, subject)], "test"),
        source="The small learning rates are said not to reach a good accuracy in 20 epochs.",
        definition=f"It classifies fewer test images correctly than {BEST.phrase}, the best rate reported.",
        subjects=(BEST, subject),
    )


CLAIMS = (
    claim(
        id="learning_rate_0_1_best",
        statement=r"By validation accuracy $\eta = 0.1$ is the best of the four learning rates.",
        measure=leads([(BEST, other) for other in RATES if other is not BEST], "val"),
        source="The best configuration reported is learning rate 0.1, with test accuracy 0.7675.",
        definition=LATE,
    ),
    claim(
        id="learning_rate_1_worst",
        statement=r"By validation accuracy $\eta = 1$ is the worst of the four learning rates.",
        measure=leads([(other, WORST) for other in RATES if other is not WORST], "val"),
        source="The worst configuration reported is learning rate 1, which ends in a poor minimum.",
        definition=LATE,
    ),
    claim(
        id="high_rates_converge_faster",
        statement=r"The network converges faster at a higher learning rate: at $\eta = 0.1$ than at "
        r"$\eta = 0.01$, and there than at $\eta = 0.001$.",
        measure=arrives_first([(BEST, SMALL), (SMALL, SMALLEST)], "train_loss"),
        source="High learning rates are said to converge faster, since they take bigger steps, if perhaps "
        "to a poor minimum.",
        definition="It takes fewer epochs to first reach a training loss that both runs attain: the higher "
        r"of their means over the second half. $\eta = 1$ is left out: it ends in a poor minimum, as the "
        "source says.",
        subjects=(BEST, SMALL, SMALLEST),
    ),
    _falls_short(SMALL, "0_01"),
    _falls_short(SMALLEST, "0_001"),
)
