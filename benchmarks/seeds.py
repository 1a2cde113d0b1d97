"""Measure what many seeds cost: ``python -m benchmarks.seeds``.

Two tables for docs/cost-model.md: the time per training image of every run at 28 x 28 and 224 x 224 pixels,
and several seeds as one batched program (`torch.func`) against the same seeds one after the other. Images are
noise; times are of one core, the shortest of the epochs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from octrepro.config import Experiment, Feedforward, TorchLogisticRegression, load_params
from octrepro.core import numerics

if TYPE_CHECKING:
    from octrepro.core.prepared import Prepared

SIDES = (28, 224)
IMAGES = {28: 2048, 224: 512}
EPOCHS = 3
BATCHED_IMAGES = 3072
SEEDS = (8, 30)


def noise(images: int, features: int) -> Prepared:
    """Images of noise in four classes."""
    import numpy as np

    from octrepro.core.prepared import Prepared

    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (images, features), dtype=np.uint8)
    labels = generator.integers(0, 4, images)
    few = (pixels[:64], labels[:64])
    return Prepared(
        pixels, labels, *few, *few, test_indices=np.arange(64), summary={"classes": ["a", "b", "c", "d"]}
    )


def seconds_per_image(data: Prepared, experiment: Experiment) -> float:
    """Of training, the shortest epoch; at most as many images to a batch as there are."""
    from octrepro.training.train import train

    seconds: list[float] = []

    def watch(epochs: Iterable[int]) -> Iterator[int]:
        for epoch in epochs:
            start = time.perf_counter()
            yield epoch
            seconds.append(time.perf_counter() - start)

    # A small rate, so that no run diverges on noise and stops early.
    changes = {"epochs": EPOCHS, **({"learning_rate": 1e-6} if hasattr(experiment, "learning_rate") else {})}
    train(data, experiment.model_copy(update=changes), 42, watch=watch)
    return min(seconds) / len(data.train_labels)


def one_after_the_other(data: Prepared, experiment: TorchLogisticRegression | Feedforward, seeds: int) -> Any:
    """Weights of each seed after an epoch, as training alone gives them."""
    from octrepro.training.train import train

    return [train(data, experiment, seed).layers for seed in range(seeds)]


def as_one_program(data: Prepared, experiment: TorchLogisticRegression | Feedforward, seeds: int) -> Any:
    """The same by plain SGD with every tensor stacked over the seeds, forward and gradient by `vmap`."""
    import torch
    from torch.func import functional_call, grad, stack_module_state, vmap
    from torch.nn import functional

    from octrepro.models.network import build_network
    from octrepro.training.batches import ShuffledBatches

    networks = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        networks.append(build_network(experiment, data.features, data.classes, "native"))
    stacked, _ = stack_module_state(networks)
    weights = {name: each.detach() for name, each in stacked.items()}

    def loss(one: dict[str, torch.Tensor], features: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(functional_call(networks[0], one, (features,)), labels)

    gradient = vmap(grad(loss), randomness="different")
    batches = [
        ShuffledBatches(data.train_images, data.train_labels, experiment.batch_size, seed)
        for seed in range(seeds)
    ]
    for together in zip(*batches, strict=True):
        features, labels = (torch.stack(parts) for parts in zip(*together, strict=True))
        for name, change in gradient(weights, features, labels).items():
            weights[name].add_(change, alpha=-experiment.learning_rate)
    return weights


def _seconds(work: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    best, result = float("inf"), None
    for _ in range(2):
        start = time.perf_counter()
        result = work(*arguments)
        best = min(best, time.perf_counter() - start)
    return best, result


def _largest_difference(alone: Any, together: Any) -> float:
    stacked = list(together.values())
    return max(
        float(abs(array - stacked[2 * position + kind][seed].numpy()).max())
        for seed, layers in enumerate(alone)
        for position, layer in enumerate(layers)
        for kind, array in enumerate((layer.weight, layer.bias))
    )


def main() -> None:
    """Print both tables as Markdown."""
    numerics.configure("portable")
    experiments = load_params().experiments
    print("| run | " + " | ".join(f"µs per image at {side} x {side}" for side in SIDES) + " | ratio |")
    print("| --- | --- | --- | --- |")
    sets = {side: noise(IMAGES[side], side * side) for side in SIDES}
    for name, experiment in experiments.items():
        small, large = (1e6 * seconds_per_image(sets[side], experiment) for side in SIDES)
        print(f"| `{name}` | {small:.1f} | {large:.0f} | {large / small:.0f} |", flush=True)
    print("\n| run, one epoch | seeds | ms per seed, alone | ms per seed, batched | largest difference |")
    print("| --- | --- | --- | --- | --- |")
    data = noise(BATCHED_IMAGES, 784)
    for name in ("torch_logistic_lr0_01", "feedforward", "feedforward_long"):
        found = experiments[name].model_copy(update={"epochs": 1, "learning_rate": 0.001})
        assert isinstance(found, TorchLogisticRegression | Feedforward)  # noqa: S101 (their runs are named)
        for seeds in SEEDS:
            alone, one = _seconds(one_after_the_other, data, found, seeds)
            batched, other = _seconds(as_one_program, data, found, seeds)
            times = f"{1e3 * alone / seeds:.0f} | {1e3 * batched / seeds:.0f}"
            print(f"| `{name}` | {seeds} | {times} | {_largest_difference(one, other):.1g} |", flush=True)


if __name__ == "__main__":
    main()
