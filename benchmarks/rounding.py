"""``python -m benchmarks.rounding DATASET``: how much rounding decides of the multi-layer perceptron.

The same training is done in blocks of different sizes. In exact arithmetic a block's size changes nothing, so
whatever differs is rounding, amplified by training.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octrepro.config.experiments import Mlp
from octrepro.config.loading import load_params
from octrepro.core import UserError, numerics
from octrepro.core.files import write_json

if TYPE_CHECKING:
    from octrepro.core.prepared import Prepared

BLOCKS = (1, 16, 32, 64)  # samples; 1 is the plain algorithm
STANDARD_DEVIATIONS = (0.01, 0.1)


def train_in_blocks(data: "Prepared", experiment: Mlp, seed: int, block: int) -> dict[str, Any]:
    """The mean loss of each epoch in nats, and the accuracies after the last."""
    import numpy as np

    from octrepro.models.layers import predict
    from octrepro.models.mlp import MultiLayerPerceptron
    from octrepro.training.from_scratch import compounding_orders

    generator = np.random.RandomState(seed)
    learner = MultiLayerPerceptron(experiment, data, generator, block=block)
    orders = compounding_orders(generator, len(data.train_labels))
    losses = [
        learner.train_epoch(data.train_images, data.train_labels, next(orders))
        for _ in range(experiment.epochs)
    ]
    val = predict(data.val_images, learner.layers())
    test = predict(data.test_images[data.test_indices], learner.layers())
    return {
        "block": block,
        "init_sd": experiment.init_sd,
        "losses": losses,
        "val_accuracy": float(np.mean(val == data.val_labels)),
        "test_accuracy": float(np.mean(test == data.test_labels[data.test_indices])),
    }


def spread(values: Sequence[float]) -> float:
    """Largest minus smallest."""
    return max(values) - min(values)


def main() -> None:
    """Train the run `mlp` in blocks of several sizes, for both initial standard deviations."""
    try:
        if len(sys.argv) != 2:
            raise UserError("one data set is needed", expected="the name of a prepared data set")
        _report(sys.argv[1])
    except UserError as error:
        print(f"\nrounding: {error}\n", file=sys.stderr)
        sys.exit(1)


def _report(dataset: str) -> None:
    params = load_params()
    experiment = params.experiments.get("mlp")
    if not isinstance(experiment, Mlp):
        raise UserError("params.yaml has no run 'mlp' of model mlp")
    numerics.configure("portable")
    from octrepro.core.prepared import Prepared

    data = Prepared.load(dataset)
    outcomes = []
    for sd in STANDARD_DEVIATIONS:
        drawn = experiment.model_copy(update={"init_sd": sd})
        some = [train_in_blocks(data, drawn, params.seed, block) for block in BLOCKS]
        outcomes += some
        print(f"initial sd {sd}, blocks of {', '.join(map(str, BLOCKS))}: largest less smallest")
        for name, epoch in (("first", 0), ("last", -1)):
            losses = [outcome["losses"][epoch] for outcome in some]
            print(f"  mean loss of the {name} epoch   {spread(losses) / losses[0]:.2%} of {losses[0]:.4f}")
        for split in ("val", "test"):
            rates = [outcome[f"{split}_accuracy"] for outcome in some]
            print(f"  final {split} accuracy        {100 * spread(rates):.2f} points of {100 * rates[0]:.2f}")
    write_json(Path("build/rounding") / f"{dataset}.json", outcomes)


if __name__ == "__main__":
    main()
