"""Question 1.2a: logistic regression against a multi-layer perceptron, expressiveness and convexity."""

from __future__ import annotations

import numpy as np

from octrepro.claims import convexity
from octrepro.claims.claim import Build, Claim, Subject
from octrepro.claims.effect import Effect, Region, single
from octrepro.claims.leads import leads
from octrepro.claims.ledger.q1_1b import FAST, SLOW
from octrepro.claims.sentences import scientific
from octrepro.results import exclusive_or
from octrepro.results.estimate import UndeterminedError

MLP = Subject("mlp", "the MLP")
# Rounding in an eigenvalue or a loss of order one is far below this.
ROUNDING = 1e-9


def _expressiveness(build: Build) -> Effect:
    points, labels = exclusive_or.POINTS, exclusive_or.LABELS
    refuted = exclusive_or.refutes_linear_models(points, labels, exclusive_or.MULTIPLIERS)
    fitted = int(((exclusive_or.network(points) > 0) == (labels > 0)).sum())
    reproduced, models = exclusive_or.linear_models_as_networks(points)
    if fitted < len(points) or reproduced < models:
        raise UndeterminedError(
            f"the network fits {fitted} of the {len(points)} points of exclusive-or and reproduces "
            f"{reproduced} of {models} linear models, too few to show that it can do more"
        )
    return Effect(
        "",
        "",
        single(int(refuted)),
        "exact certificate in integers (Gordan's theorem)",
        f"An integer certificate proves that no linear model fits the {len(points)} points of exclusive-or, "
        f"a network of two hidden ReLU units fits all {fitted}, and ReLU networks reproduce each of the "
        f"{models} linear models with weights and bias in $-1$, $0$ and $1$ exactly."
        if refuted
        else "The certificate does not prove that linear models cannot fit exclusive-or.",
        "exact",
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
        "smallest eigenvalue of the Hessian, as a share of the largest",
        "",
        single(smallest / largest),
        "eigenvalues of the exact Hessian at sampled weights",
        f"At {points} sampled weights the smallest eigenvalue of the Hessian is {scientific(smallest)} up "
        f"to rounding and the largest {scientific(largest)}; none is negative in a convex function.",
        "exact",
        {"smallest_eigenvalue": smallest, "largest_eigenvalue": largest, "sampled_points": points},
    )


def _mlp_chord(build: Build) -> Effect:
    first, middle, last = (float(loss) for loss in exclusive_or.losses_between_twins(np.array([0, 0.5, 1])))
    if middle - (first + last) / 2 <= ROUNDING:
        # One segment below its chord proves nothing; one above it proves that the loss is not convex.
        raise UndeterminedError("the loss halfway between the two networks is not above the mean of theirs")
    return Effect(
        "loss halfway above the mean of the ends",
        "nats",
        single(middle - (first + last) / 2),
        "loss in the middle of a segment between two networks, from a formula",
        f"A network of two ReLU units that computes exclusive-or has the loss {scientific(first)}, and the "
        "same network with its units exchanged has the same; halfway between them the loss is "
        f"{scientific(middle)}. A convex function is never above the mean of the ends.",
        "exact",
        {"first_loss": first, "last_loss": last, "midpoint_loss": middle},
    )


CLAIMS = (
    Claim(
        id="logistic_less_expressive",
        question="1.2a",
        statement="Logistic regression is less expressive than a multi-layer perceptron with ReLU units.",
        measure=_expressiveness,
        region=Region(above=0),
        source="A linear model is said to represent linear relations alone, and an MLP others too.",
        pages="3",
        definition="Networks can do all that linear models can, and something that no linear model can.",
    ),
    Claim(
        id="mlp_better_than_logistic",
        question="1.2a",
        statement="The MLP classifies more test images correctly than logistic regression at either step.",
        measure=leads([(MLP, SLOW), (MLP, FAST)], "test"),
        region=Region(above=0),
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
