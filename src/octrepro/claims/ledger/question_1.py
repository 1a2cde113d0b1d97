"""Question 1: logistic regression from scratch, and what a multi-layer perceptron can do that it cannot."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from octrepro.claims.claim import Build, Claim, Effect, Region, Subject, single, yes_or_no
from octrepro.claims.effects import arrives_first, leads, oscillates, scientific
from octrepro.results import exclusive_or
from octrepro.results.estimate import UndeterminedError

Array = NDArray[np.float64]

SLOW = Subject("logistic_lr0_001", r"logistic regression at $\eta = 0.001$")
FAST = Subject("logistic_lr0_01", r"logistic regression at $\eta = 0.01$")
# "Near epoch 40": how many epochs to either side still count as near.
LOW_EPOCH, NEAR = 40, 5
MLP = Subject("mlp", "the MLP")
# Rounding in an eigenvalue or a loss of order one is far below this.
ROUNDING = 1e-9


def _lowest_epoch(build: Build) -> Effect:
    history = build.records[FAST.run].history
    curve = history["train_accuracy"]
    if len(curve) < LOW_EPOCH + NEAR:
        raise UndeterminedError(
            f"`{FAST.run}` has {len(curve)} epochs, and the claim is about epochs {LOW_EPOCH - NEAR} to "
            f"{LOW_EPOCH + NEAR}"
        )
    lowest, validation = (int(np.argmin(each)) + 1 for each in (curve, history["val_accuracy"]))
    return Effect(
        name=f"distance of the lowest training accuracy from epoch {LOW_EPOCH}",
        unit="epochs",
        parts=single(abs(lowest - LOW_EPOCH)),
        test="epoch of the minimum in this training run",
        sentence=f"The training accuracy is lowest in epoch {lowest}, at {100 * curve[lowest - 1]:.2f} %; in "
        f"epoch {LOW_EPOCH} it is {100 * curve[LOW_EPOCH - 1]:.2f} %. On the validation images it is lowest "
        f"in epoch {validation}.",
        kind="observed",
        evidence={"lowest_epoch": lowest, "lowest_epoch_validation": validation},
    )


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


def logistic_hessian(weights: Array, inputs: Array) -> Array:
    """Second derivatives of the loss of softmax regression, mean cross-entropy, in its weights.

    The mean over samples of (diag(p) - p p^T) kron (x x^T), with p the class probabilities; the labels drop
    out. C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), section 4.3.4.

    Weights of shape (classes, features) and inputs of shape (samples, features) give a matrix of shape
    (classes * features, classes * features), classes first.
    """
    probabilities = softmax(inputs @ weights.T, axis=1)
    terms = [
        np.kron(np.diag(p) - np.outer(p, p), np.outer(x, x))
        for p, x in zip(probabilities, inputs, strict=True)
    ]
    return np.asarray(np.mean(terms, axis=0))


def _logistic_curvature(build: Build) -> Effect:
    rng = np.random.default_rng(42)
    samples, features, classes = 60, 5, 4
    inputs = np.column_stack([rng.standard_normal((samples, features - 1)), np.ones(samples)])
    eigenvalues = [
        np.linalg.eigvalsh(logistic_hessian(scale * rng.standard_normal((classes, features)), inputs))
        for scale in np.repeat([0.0, 0.1, 1.0, 10.0], 25)
    ]
    # Scores may all be shifted, so the least eigenvalue is 0 in truth, and noise of rounding in practice.
    smallest, largest = round(float(np.min(eigenvalues)), 12) + 0.0, float(np.max(eigenvalues))
    points = len(eigenvalues)
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


logistic = partial(Claim, question="1.1b", pages="2", subjects=(SLOW, FAST), fixed=("learning_rate",))

CLAIMS = (
    logistic(
        id="logistic_slow_ends_higher",
        statement=r"Logistic regression ends with a higher test accuracy at $\eta = 0.001$ than at "
        r"$\eta = 0.01$.",
        measure=leads([(SLOW, FAST)], "test"),
        source="The smaller step is said to reach the higher value: 0.5936 against 0.5784.",
    ),
    logistic(
        id="logistic_slow_climbs_more_slowly",
        statement=r"The accuracy climbs more slowly at $\eta = 0.001$ than at $\eta = 0.01$.",
        measure=arrives_first([(FAST, SLOW)], "train_accuracy"),
        source="The accuracy at the smaller step is said to rise more slowly.",
        definition="It takes more epochs to first reach a training accuracy that both runs attain: the "
        "lower of their means over the second half.",
    ),
    logistic(
        id="logistic_slow_oscillates_less",
        statement=r"The accuracy oscillates less at $\eta = 0.001$ than at $\eta = 0.01$.",
        measure=oscillates(FAST, SLOW, "train_accuracy"),
        region=Region(above=1),
        source="The smaller step is said to oscillate less.",
        definition="The standard deviation of the change of the training accuracy from one epoch to the "
        "next, over the second half of the epochs, where the first climb is over.",
    ),
    logistic(
        id="logistic_fast_lowest_near_epoch_40",
        statement=r"At $\eta = 0.01$ the accuracy is at its lowest near epoch 40.",
        measure=_lowest_epoch,
        region=Region(below=NEAR + 0.5),
        source="Near epoch 40 the accuracy at the larger step is said to drop to its lowest of all.",
        definition=f"Near means within {NEAR} epochs, as closely as a figure can be read.",
        subjects=(FAST,),
    ),
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
