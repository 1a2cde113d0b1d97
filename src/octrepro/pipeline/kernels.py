"""Every kind of computation that a result comes from, on fixed inputs, small enough to take seconds.

What reads these imports NumPy; numerics must be configured before.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from octrepro.config import Experiment
from octrepro.core.prepared import Prepared

# What a kernel computed: arrays, or the bytes of a file.
Results = Iterator[NDArray[Any] | bytes]
KERNELS: dict[str, Callable[[], Results]] = {}

SEED = 42
IMAGES = {"train": 64, "val": 32, "test": 32}
FEATURES = 784
HIDDEN = 200
BATCHES = (1, 16, 64, 1024)
EPOCHS = 2


def kernel(name: str) -> Callable[[Callable[[], Results]], Callable[[], Results]]:
    """Register a computation under `name`."""

    def register(function: Callable[[], Results]) -> Callable[[], Results]:
        KERNELS[name] = function
        return function

    return register


@cache
def numbers(count: int, kind: str = "f8") -> NDArray[Any]:
    """Fixed numbers from -4 to 4, shape (count,), from raw words alone."""
    words = np.random.PCG64(SEED).random_raw(count) >> np.uint64(11)
    return ((words.astype(np.float64) * 2.0**-53 - 0.5) * 8.0).astype(kind)


@cache
def phantom() -> dict[str, NDArray[np.uint8]]:
    """A few synthetic images."""
    from octrepro.datasets.phantom.generation import generate

    return generate(SEED, IMAGES["train"], IMAGES["val"], IMAGES["test"])


@cache
def data() -> Prepared:
    """The synthetic images as stages see a prepared data set."""
    arrays = phantom()
    parts: dict[str, Any] = {}
    for split, count in IMAGES.items():
        parts[f"{split}_images"] = arrays[f"{split}_images"].reshape(count, FEATURES)
        parts[f"{split}_labels"] = arrays[f"{split}_labels"].ravel().astype(np.int64)
    summary = {"classes": ["0", "1", "2", "3"]}
    return Prepared(**parts, test_indices=np.arange(IMAGES["test"]), summary=summary)


def _train(**experiment: Any) -> Results:
    from octrepro.training.train import train

    run: Experiment = TypeAdapter(Experiment).validate_python({"epochs": EPOCHS, **experiment})
    trained = train(data(), run, SEED, "portable")
    for layer in trained.layers:
        yield layer.weight
        yield layer.bias
    for epoch in trained.epochs:
        yield repr(epoch).encode()


@kernel("phantom generator")
def _phantom() -> Results:
    yield from phantom().values()


@kernel("NumPy: exp, log, tanh, sqrt")
def _elementary() -> Results:
    for kind in ("f4", "f8"):
        x = numbers(4099, kind)
        for y in (x, x[::3]):  # contiguous and strided arrays take different paths
            yield np.exp(y)
            yield np.log(np.abs(y))
            yield np.tanh(y)
            yield np.sqrt(np.abs(y))


@kernel("NumPy: sums, extremes, sorting")
def _reductions() -> Results:
    for kind in ("f4", "f8"):
        table = numbers(64 * 131, kind).reshape(64, 131)
        for axis in (None, 0, 1):
            yield np.asarray(table.sum(axis=axis))
            yield np.asarray(table.std(axis=axis))
            yield np.asarray(table.max(axis=axis))
        yield np.minimum(table[:, 0], table[:, 1])
        yield np.sort(table, axis=None)
        yield np.argsort(table, axis=None, kind="stable")


@kernel("NumPy: matrix products (OpenBLAS)")
def _products() -> Results:
    yield from _products_of_layers(np.matmul)


@kernel("matrix products (compiled chains)")
def _chains() -> Results:
    from octrepro.arithmetic.products import product

    yield from _products_of_layers(product)


def _products_of_layers(multiply: Callable[..., NDArray[Any]]) -> Results:
    for kind in ("f4", "f8"):
        weight = numbers(HIDDEN * FEATURES, kind).reshape(HIDDEN, FEATURES)
        for rows in BATCHES:
            x = numbers(rows * FEATURES, kind).reshape(rows, FEATURES)
            out = multiply(x, weight.T)
            yield out
            yield multiply(out, weight)
            yield multiply(out.T, x)
            yield multiply(x, weight[:1].T)


@kernel("perceptron (compiled loop)")
def _perceptron() -> Results:
    yield from _train(model="perceptron")


@kernel("logistic regression (compiled loop)")
def _logistic_regression() -> Results:
    yield from _train(model="logistic_regression", learning_rate=0.01)


@kernel("multi-layer perceptron (compiled loop)")
def _mlp() -> Results:
    yield from _train(model="mlp", learning_rate=0.001, hidden_size=HIDDEN)


@kernel("PyTorch: random numbers")
def _random() -> Results:
    import torch

    torch.manual_seed(SEED)
    yield torch.randperm(1000).numpy()
    yield torch.nn.Linear(FEATURES, HIDDEN).weight.detach().numpy()
    yield torch.nn.functional.dropout(torch.ones(1000), 0.2).numpy()


@kernel("PyTorch: element-wise functions, softmax")
def _elementwise() -> Results:
    import torch

    torch.set_num_threads(1)
    x = torch.from_numpy(numbers(257 * 12, "f4").reshape(257, 12).copy()).requires_grad_()
    labels = torch.arange(257) % 12
    for function in (torch.relu, torch.tanh, lambda t: torch.log_softmax(t, dim=1)):
        out = function(x)
        loss = torch.nn.functional.cross_entropy(out, labels)
        (gradient,) = torch.autograd.grad(loss, x)
        yield from (tensor.detach().numpy() for tensor in (out, loss, gradient))


@kernel("torch logistic regression (SGD)")
def _torch_logistic_regression() -> Results:
    yield from _train(model="torch_logistic_regression", learning_rate=0.01, batch_size=16)


@kernel("feed-forward network (ReLU, SGD)")
def _feedforward() -> Results:
    yield from _train(
        model="feedforward", learning_rate=0.1, batch_size=16, hidden_size=HIDDEN, hidden_layers=2
    )


@kernel("feed-forward network (tanh, dropout, L2, Adam)")
def _feedforward_other() -> Results:
    yield from _train(
        model="feedforward", learning_rate=0.01, batch_size=24, hidden_size=HIDDEN, hidden_layers=2,
        activation="tanh", dropout=0.2, l2_decay=0.001, optimizer="adam",
    )  # fmt: skip


@kernel("statistics of the claims (SciPy)")
def _statistics() -> Results:
    from octrepro.claims import series
    from octrepro.results import proportions

    for correct in range(0, 530, 23):
        yield repr(proportions.wilson(correct, 529)).encode()
        right = np.arange(529) < correct
        yield repr(proportions.compare_paired(right, right[::-1])).encode()
        yield repr(proportions.fisher(correct, 529, 300, 529)).encode()
    first, second = np.abs(numbers(120)).reshape(2, 60) + 1.0
    yield repr([series.slope(first), series.oscillation_ratio(first, second)]).encode()


@kernel("figures: SVG, PDF (Matplotlib)")
def _figure() -> Results:
    from octrepro.plotting import PALETTE, FigureInfo, figure, save

    fig, axes = figure()
    x = np.arange(40)
    axes.plot(x, np.abs(numbers(40)), color=PALETTE[0])
    axes.scatter(x, numbers(40), color=PALETTE[1])
    axes.imshow(data().train_images[0].reshape(28, 28), extent=(0, 20, 0, 4), cmap="gray")
    axes.set_title("0.1 + 0.2")
    info = FigureInfo("kernel", "Kernel", "", "", "", "")
    with tempfile.TemporaryDirectory() as folder:
        save(fig, Path(folder), info, {"x": x.tolist()})
        yield (Path(folder) / "kernel.svg").read_bytes()
        yield (Path(folder) / "kernel.pdf").read_bytes()
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", metadata={"Software": None})
    yield buffer.getvalue()
