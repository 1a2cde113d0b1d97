"""Question 1.2a: logistic regression against a multi-layer perceptron, expressiveness and convexity."""

from __future__ import annotations

from octrepro.claims import convexity, expressiveness
from octrepro.claims.claim import Case, Claim, Effect, Finding, Need, Verdict
from octrepro.claims.comparisons import ahead_of_all, scientific
from octrepro.claims.ledger.q1_1b import FAST, SLOW
from octrepro.claims.seeds import Region

MLP = Need("mlp", "the MLP", {"model": "mlp"})
# Rounding in an eigenvalue or a loss of order one is far below this.
ROUNDING = 1e-9


def _less_expressive(case: Case) -> Finding:
    points, labels = expressiveness.POINTS, expressiveness.LABELS
    refuted = expressiveness.refutes_linear_models(points, labels, expressiveness.MULTIPLIERS)
    fitted = int(((expressiveness.relu_network(points) > 0) == (labels > 0)).sum())
    reproduced, models = expressiveness.linear_models_as_networks(points)
    if fitted < len(points) or reproduced < models:
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = Verdict.HOLDS if refuted else Verdict.FAILS
    return Finding(
        verdict,
        {
            "points": len(points),
            "certificate": int(refuted),
            "network_fits": fitted,
            "linear_reproduced": reproduced,
            "linear_models": models,
        },
        Effect("points that the network fits and no linear model does", fitted, "points"),
        "exact certificate in integers (Gordan's theorem)",
    )


def _better_on_images(case: Case) -> Finding:
    return ahead_of_all(case, MLP, (SLOW, FAST), "test")


def _logistic_convex(case: Case) -> Finding:
    smallest, largest, points = convexity.smallest_curvature()
    return Finding(
        Verdict.HOLDS if smallest >= -ROUNDING * largest else Verdict.FAILS,
        {"smallest_eigenvalue": smallest, "largest_eigenvalue": largest, "sampled_points": points},
        Effect("smallest eigenvalue of the Hessian", smallest, "nats per squared weight"),
        "eigenvalues of the exact Hessian at sampled weights",
        {"smallest": scientific(smallest), "largest": scientific(largest)},
    )


def _mlp_not_convex(case: Case) -> Finding:
    first, second, middle = convexity.mlp_segment()
    excess = middle - (first + second) / 2
    return Finding(
        # A single segment below its chord proves nothing; one above it proves that the loss is not convex.
        Verdict.HOLDS if excess > ROUNDING else Verdict.INCONCLUSIVE,
        {"first_loss": first, "second_loss": second, "midpoint_loss": middle, "excess": excess},
        Effect("midpoint loss above the chord", excess, "nats"),
        "loss in the middle of a segment between two trained networks against the mean of its ends",
        {"ends": f"{scientific(first)} and {scientific(second)}", "middle": scientific(middle)},
    )


_ENDS = "two networks trained on exclusive-or have losses {ends}, the network halfway between them {middle}"

CLAIMS = (
    Claim(
        id="logistic_less_expressive",
        question="1.2a",
        statement="Logistic regression is less expressive than a multi-layer perceptron with ReLU units.",
        reference="A linear model is said to represent linear relations alone, and an MLP others too.",
        pages="3",
        judge=_less_expressive,
        holds="It is less expressive: an integer certificate proves that no linear model fits the {points} "
        "points of exclusive-or, a network of two hidden ReLU units fits all {network_fits}, and ReLU "
        "networks reproduced each of {linear_models} linear models exactly.",
        fails="The certificate does not prove that linear models cannot fit the {points} points of "
        "exclusive-or.",
        inconclusive="The network fits {network_fits} of the {points} points of exclusive-or and reproduces "
        "{linear_reproduced} of {linear_models} linear models, too few to show that it can do more.",
    ),
    Claim(
        id="mlp_better_than_logistic",
        question="1.2a",
        statement="The greater expressiveness shows on the images: the MLP classifies more test images right "
        "than logistic regression at either step.",
        reference="0.7505 for the MLP, 0.5784 and 0.5936 for logistic regression.",
        pages="2 to 4",
        needs=(MLP, SLOW, FAST),
        judge=_better_on_images,
        over_seeds=Region(above=0),
        holds="It shows on the images: {counts} ({tested}), and that is the closer of the two rivals.",
        fails="It does not show on the images: {counts} ({tested}).",
        inconclusive="On the images the difference is within chance for at least one step: {counts} "
        "({tested}).",
    ),
    Claim(
        id="logistic_loss_convex",
        question="1.2a",
        statement="The loss of logistic regression is convex in its weights.",
        reference="Training logistic regression is said to be a convex problem.",
        pages="3",
        judge=_logistic_convex,
        holds="The numbers agree: at {sampled_points} sampled weights the Hessian is positive semidefinite, "
        "its smallest eigenvalue {smallest} up to rounding and its largest {largest}.",
        fails="The numbers deny it: at {sampled_points} sampled weights the Hessian's smallest eigenvalue is "
        "{smallest}.",
    ),
    Claim(
        id="mlp_loss_not_convex",
        question="1.2a",
        statement="The loss of a multi-layer perceptron is not convex in its weights.",
        reference="The loss surface of the MLP is said not to be convex, so that the best minimum is not "
        "guaranteed.",
        pages="3",
        judge=_mlp_not_convex,
        holds=f"It is not convex: {_ENDS}, above the mean of both, while a convex function never is.",
        inconclusive=f"The segment tried does not tell: {_ENDS}, which is not above the chord.",
    ),
)
