"""A tape's operations against PyTorch's, on numbers of every kind."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from octrepro.models.matrix_product import product
from octrepro.models.mersenne_twister import Stream
from octrepro.models.tape import Code, Operation, Place, Tape

# Below, at and above the widths of vectors.
SIZES = [1, 3, 8, 15, 16, 31, 32, 33, 200]


def numbers(size: int, seed: int = 0) -> torch.Tensor:
    """Ordinary ones, with zeros of both signs, infinities, NaN and a subnormal among them."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=size)
    special = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-40]
    places = rng.random(size) < 0.3
    values[places] = rng.choice(special, places.sum())
    return torch.from_numpy(values.astype(np.float32))


def flat(x: torch.Tensor) -> Place:
    return Place(x.data_ptr(), (1, x.numel()), (4 * x.numel(), 4))


def matrix(x: torch.Tensor) -> Place:
    rows, columns = x.shape
    return Place(x.data_ptr(), (rows, columns), (4 * x.stride(0), 4 * x.stride(1)))


def stream() -> Stream:
    return Stream(torch.Generator().manual_seed(1).get_state().numpy().tobytes())


def run(code: Code, places: tuple[Place, ...], *given: float) -> None:
    Tape([Operation(code, places, given)], stream()).run()


def assert_same_bits(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    # One NaN is as good as another; all else is compared by its bits, a zero's sign too.
    nan = theirs.isnan()
    assert torch.equal(ours.isnan(), nan)
    assert torch.equal(ours[~nan].view(torch.int32), theirs[~nan].view(torch.int32))


BINARY: list[tuple[Code, tuple[float, ...], Callable[[torch.Tensor, torch.Tensor], torch.Tensor]]] = [
    (Code.ADD_MULTIPLE, (-0.1,), lambda a, b: torch.add(a, b, alpha=-0.1)),
    (Code.ADD_MULTIPLE, (1.0,), lambda a, b: a + b),
    (Code.MULTIPLY, (), lambda a, b: a * b),
    (Code.DIVIDE, (0.8,), lambda a, b: a / 0.8),
    (Code.RELU, (), lambda a, b: torch.relu(a)),
    (Code.RELU_GRADIENT, (), lambda a, b: torch.ops.aten.threshold_backward(a, b, 0)),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("code", "given", "theirs"), BINARY)
def test_element_by_element(
    code: Code,
    given: tuple[float, ...],
    theirs: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    size: int,
) -> None:
    a, b, out = numbers(size), numbers(size, 1), torch.empty(size)
    expected = theirs(a.clone(), b)
    run(code, (flat(a), flat(b), flat(out)), *given)
    assert_same_bits(out, expected)
    run(code, (flat(a), flat(b), flat(a)), *given)
    assert_same_bits(a, expected)


@pytest.mark.parametrize("columns", SIZES)
@pytest.mark.parametrize("rows", [1, 2, 16])
def test_rows_and_columns(rows: int, columns: int) -> None:
    a, row = numbers(rows * columns).view(rows, columns), numbers(columns, 1)
    out, sums = torch.empty(rows, columns), torch.empty(columns)
    run(Code.ADD_ROW, (flat(a), flat(row), flat(out)))
    assert_same_bits(out, a + row)
    run(Code.COLUMN_SUMS, (flat(a), flat(sums)))
    expected = a[0].clone()
    for each in a[1:]:
        expected += each
    assert_same_bits(sums, expected)


@pytest.mark.parametrize("depth", [1, 16, 255, 257, 600])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (4, 200), (13, 32), (12, 64), (30, 47)])
@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_a_step_by_a_product_is_the_product_and_then_the_step(
    rows: int, columns: int, depth: int, decay: float
) -> None:
    rng = np.random.default_rng(depth)
    a, b, weight = (
        torch.from_numpy(rng.normal(size=shape).astype(np.float32))
        for shape in ((depth, rows), (depth, columns), (rows, columns))
    )
    gradient = torch.from_numpy(product(a.numpy().T, b.numpy()))
    if decay:
        gradient = gradient.add(weight, alpha=decay)
    expected = weight.add(gradient, alpha=-0.1)
    run(Code.STEP_BY_PRODUCT, (matrix(a.t()), matrix(b), matrix(weight)), -0.1, decay)
    assert_same_bits(weight, expected)


def test_they_follow_one_another_and_may_be_run_again() -> None:
    x = torch.tensor([1.0, -2.0, 3.0])
    mask, total = torch.empty(3), torch.zeros(3)
    tape = Tape(
        [
            Operation(Code.BERNOULLI, (flat(mask),), (0.5,)),
            Operation(Code.MULTIPLY, (flat(x), flat(mask), flat(mask))),
            Operation(Code.ADD_MULTIPLE, (flat(total), flat(mask), flat(total)), (1.0,)),
        ],
        stream(),
    )
    generator = torch.Generator().manual_seed(1)
    expected = torch.zeros(3)
    for _ in range(20):
        tape.run()
        expected += x * torch.empty(3).bernoulli_(0.5, generator=generator)
    assert torch.equal(total, expected)
