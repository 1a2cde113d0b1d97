"""Measure what many seeds cost: ``python -m benchmarks.seeds``.

Two tables for docs/cost-model.md: the time per training image of every run at 28 x 28 and 224 x 224 pixels,
and several seeds as one batched program (`torch.func`) against the same seeds one after the other. Images are
noise; times are of one core, the shortest of the epochs.
"""

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from octrepro.config.experiments import Experiment
from octrepro.config.loading import load_params
from octrepro.core import numerics

if TYPE_CHECKING:
    from octrepro.core.prepared import Prepared

IMAGES = {28: 2048, 224: 512}  # by side
EPOCHS = 3
BATCHED_IMAGES = 3072
SEEDS = (8, 30)


def noise(images: int, features: int) -> "Prepared":
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


def seconds_per_image(data: "Prepared", experiment: Experiment) -> float:
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


def one_after_the_other(data: "Prepared", experiment: Any, seeds: int) -> Any:
    """Weights of each seed after an epoch, as training alone gives them."""
    from octrepro.training.train import train

    return [train(data, experiment, seed).layers for seed in range(seeds)]


def as_one_program(data: "Prepared", experiment: Any, seeds: int) -> Any:
    """The same by plain SGD with every tensor stacked over the seeds, forward and gradient by `vmap`."""
    import torch
    from torch.func import functional_call, grad, stack_module_state, vmap
    from torch.nn import functional

    from octrepro.models.network import build_network
    from octrepro.training.gradient import shuffled_batches

    networks = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        networks.append(build_network(experiment, data.features, data.classes, "native"))
    stacked, _ = stack_module_state(networks)
    weights = {name: each.detach() for name, each in stacked.items()}

    def loss(one: dict[str, torch.Tensor], features: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(functional_call(networks[0], one, (features,)), labels)

    gradient = vmap(grad(loss), randomness="different")
    every_label = torch.from_numpy(data.train_labels)
    generators = [torch.Generator().manual_seed(seed) for seed in range(seeds)]
    batches = [
        shuffled_batches(data.train_images, every_label, experiment.batch_size, generator)
        for generator in generators
    ]
    for together in zip(*batches, strict=True):
        features, labels = (torch.stack(parts) for parts in zip(*together, strict=True))
        for name, change in gradient(weights, features, labels).items():
            weights[name].add_(change, alpha=-experiment.learning_rate)
    return weights


def largest_difference(alone: Any, together: Any) -> float:
    """In a weight or bias between `one_after_the_other` and `as_one_program`."""
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
    print("| run | " + " | ".join(f"µs per image at {side} x {side}" for side in IMAGES) + " | ratio |")
    print("| --- | --- | --- | --- |")
    sets = [noise(images, side * side) for side, images in IMAGES.items()]
    for name, experiment in experiments.items():
        small, large = (1e6 * seconds_per_image(data, experiment) for data in sets)
        print(f"| `{name}` | {small:.1f} | {large:.0f} | {large / small:.0f} |", flush=True)
    print("\n| run, one epoch | seeds | ms per seed, alone | ms per seed, batched | largest difference |")
    print("| --- | --- | --- | --- | --- |")
    data = noise(BATCHED_IMAGES, 784)
    for name in ("torch_logistic_lr0_01", "feedforward", "feedforward_long"):
        found = experiments[name].model_copy(update={"epochs": 1, "learning_rate": 0.001})
        for seeds in SEEDS:
            results, times = [], []
            for way in (one_after_the_other, as_one_program):
                seconds = []
                for _ in range(2):
                    start = time.perf_counter()
                    result = way(data, found, seeds)
                    seconds.append(time.perf_counter() - start)
                results.append(result)
                times.append(f"{1e3 * min(seconds) / seeds:.0f}")
            print(
                f"| `{name}` | {seeds} | {' | '.join(times)} | {largest_difference(*results):.1g} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
