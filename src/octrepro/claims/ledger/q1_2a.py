"""Question 1.2a: logistic regression against a multi-layer perceptron, expressiveness and convexity."""

import numpy as np

from octrepro.claims import convexity
from octrepro.claims.claim import Build, Claim, Effect, Region, Subject, single, yes_or_no
from octrepro.claims.effects import leads, scientific
from octrepro.claims.ledger.q1_1b import FAST, SLOW
from octrepro.results import exclusive_or

MLP = Subject("mlp", "the MLP")
# Rounding in an eigenvalue or a loss of order one is far below this.
ROUNDING = 1e-9


def _expressiveness(build: Build) -> Effect:
    points, labels = exclusive_or.POINTS, exclusive_or.LABELS
    refuted = exclusive_or.refutes_linear_models(points, labels, exclusive_or.MULTIPLIERS)
    fitted = int(((exclusive_or.network(points) > 0) == (labels > 0)).sum())
    reproduced, models = exclusive_or.linear_models_as_networks(points)
    return yes_or_no(
        refuted and fitted == len(points) and reproduced == models,
        "exact certificate in integers (Gordan's theorem)",
        f"An integer certificate proves that no linear model fits the {len(points)} points of exclusive-or, "
        f"a network of two hidden ReLU units fits all {fitted}, and ReLU networks reproduce each of the "
        f"{models} linear models with weights and bias in $-1$, $0$ and $1$ exactly.",
        {
            "points": len(points),
            "network_fits": fitted,
            "linear_reproduced": reproduced,
            "linear_models": models,
        },
    )


def _logistic_curvature(build: Build) -> Effect:
    smallest, largest, points = convexity.smallest_curvature()
    return Effect(
        name="smallest eigenvalue of the Hessian, as a share of the largest",
        unit="",
        parts=single(smallest / largest),
        test="eigenvalues of the exact Hessian at sampled weights",
        sentence=f"At {points} sampled weights the smallest eigenvalue of the Hessian is "
        f"{scientific(smallest)} up to rounding and the largest {scientific(largest)}; none is negative in a "
        "convex function.",
        kind="exact",
        evidence={"smallest_eigenvalue": smallest, "largest_eigenvalue": largest, "sampled_points": points},
    )


def _mlp_chord(build: Build) -> Effect:
    first, middle, last = exclusive_or.losses_between_twins(np.array([0, 0.5, 1])).tolist()
    return Effect(
        name="loss halfway above the mean of the ends",
        unit="nats",
        parts=single(middle - (first + last) / 2),
        test="loss in the middle of a segment between two networks, from a formula",
        sentence="A network of two ReLU units that computes exclusive-or has the loss "
        f"{scientific(first)}, and the same network with its units exchanged has the same; halfway between "
        f"them the loss is {scientific(middle)}. A convex function is never above the mean of the ends.",
        kind="exact",
        evidence={"first_loss": first, "last_loss": last, "midpoint_loss": middle},
    )


CLAIMS = (
    Claim(
        id="logistic_less_expressive",
        question="1.2a",
        statement="Logistic regression is less expressive than a multi-layer perceptron with ReLU units.",
        measure=_expressiveness,
        source="A linear model is said to represent linear relations alone, and an MLP others too.",
        pages="3",
        definition="Networks can do all that linear models can, and something that no linear model can.",
    ),
    Claim(
        id="mlp_better_than_logistic",
        question="1.2a",
        statement="The MLP classifies more test images correctly than logistic regression at either step.",
        measure=leads([(MLP, SLOW), (MLP, FAST)], "test"),
        definition="Greater expressiveness in principle need not show on these images, so we ask whether it "
        "does.",
        subjects=(MLP, SLOW, FAST),
        fixed=("learning_rate",),
    ),
    Claim(
        id="logistic_loss_convex",
        question="1.2a",
        statement="The loss of logistic regression is convex in its weights.",
        measure=_logistic_curvature,
        region=Region(above=-ROUNDING),
        source="Training logistic regression is said to be a convex problem.",
        pages="3",
    ),
    Claim(
        id="mlp_loss_not_convex",
        question="1.2a",
        statement="The loss of a multi-layer perceptron is not convex in its weights.",
        measure=_mlp_chord,
        region=Region(above=ROUNDING),
        source="The loss surface of the MLP is said not to be convex, so that the best minimum is not "
        "guaranteed.",
        pages="3",
    ),
)
