"""Data sets to compare on: random ones of awkward sizes, and drawn pictures."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from octrepro.core.files import write_json
from octrepro.core.prepared import Images, Labels, Prepared
from octrepro.datasets.phantom import generate

Split = tuple[Images, Labels]


def assemble(train: Split, val: Split, test: Split, classes: int) -> Prepared:
    indices, names = np.arange(len(test[1])), [f"class {c}" for c in range(classes)]
    return Prepared(*train, *val, *test, test_indices=indices, summary={"classes": names})


def random_data(n: int, features: int, classes: int, seed: int = 0, val: int = 37) -> Prepared:
    """Noise with a faint pattern per class, so that there is something to learn but not all of it."""
    rng = np.random.default_rng(seed)
    patterns = rng.normal(size=(classes, features))

    def split(size: int) -> Split:
        labels = rng.integers(0, classes, size)
        pixels = 110 + 60 * rng.normal(size=(size, features)) + 12 * patterns[labels]
        return pixels.clip(0, 255).astype(np.uint8), labels

    return assemble(split(n), split(val), split(val), classes)


def phantom() -> Prepared:
    """A small drawing of the embedded data set."""
    arrays = generate(seed=7, train=400, val=150, test=40)

    def split(name: str) -> Split:
        images, labels = arrays[f"{name}_images"], arrays[f"{name}_labels"]
        return images.reshape(-1, 784), labels.reshape(-1).astype(np.int64)

    return assemble(split("train"), split("val"), split("test"), 4)


def write_prepared(data: Prepared, folder: Path) -> None:
    folder.mkdir(parents=True)
    for split in ("train", "val", "test"):
        np.save(folder / f"{split}_images.npy", getattr(data, f"{split}_images"))
        np.save(folder / f"{split}_labels.npy", getattr(data, f"{split}_labels"))
    np.save(folder / "test_indices.npy", data.test_indices)
    write_json(folder / "summary.json", data.summary)


Maker = Callable[[], Prepared]

# The last sizes leave no whole batch or block of any size.
DATASETS: dict[str, Maker] = {
    "phantom": phantom,
    "two_classes": lambda: random_data(203, 50, 2),
    "three_classes": lambda: random_data(131, 784, 3),
    "six_classes": lambda: random_data(307, 33, 6),
}
