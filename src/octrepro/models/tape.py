"""A list of float32 operations on fixed places in memory, carried out without Python between them.

Where batches are small, a step of training is some dozens of operations of a few microseconds each, and
finding and calling the next one takes as long as doing it. Here one compiled loop goes through a table of
them. Each gives the bits that PyTorch's operation of the same name gives, since all are single IEEE 754
operations on each number, or the chains of `octrepro.models.matrix_product`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numba import types
from numpy.typing import NDArray

from octrepro.models.compiled import compiled
from octrepro.models.element_loops import elementwise, matrix_at, vector_at
from octrepro.models.instructions import vector_bytes
from octrepro.models.matrix_product import multiply_for, step_by_product
from octrepro.models.mersenne_twister import Stream, draw_bernoulli


class Code(IntEnum):
    """What an operation does, with its places a, b and out, and its numbers s and t."""

    PRODUCT = 0  # out = a b
    STEP_BY_PRODUCT = 1  # out = out + s (a b + t out)
    COLUMN_SUMS = 2  # out = the sums of the columns of a, from the first row to the last
    ADD_ROW = 3  # out = a + b, the same row b to each row
    BERNOULLI = 4  # out = 1 with probability s, else 0
    ADD_MULTIPLE = 5  # out = a + s b
    MULTIPLY = 6  # out = a b, element by element
    DIVIDE = 7  # out = a / s
    RELU = 8  # out = a, but 0 where a is below 0
    RELU_GRADIENT = 9  # out = a, but 0 where b is 0 or below


@dataclass(frozen=True)
class Place:
    """Where float32 numbers lie.

    Attributes
    ----------
    address
        Of the first.
    shape
        Rows and columns; one row for anything but a matrix.
    strides
        In bytes.
    """

    address: int
    shape: tuple[int, int]
    strides: tuple[int, int]


@dataclass(frozen=True)
class Operation:
    """One entry of a tape; what its places and numbers mean is said at `Code`."""

    code: Code
    places: tuple[Place, ...]
    numbers: tuple[float, ...] = ()


_PLACES = 3
_NUMBERS = 2
_PLACE_SIZE = 5


class Tape:
    """Operations to be carried out in order, again and again.

    Parameters
    ----------
    operations
        Whoever makes them sees to it that their places exist as long as the tape, that those of one operation
        have fitting shapes, that a product's result shares no memory with its factors, and that all
        but the factors of products are contiguous.
    stream
        The random numbers of `Code.BERNOULLI`.
    """

    def __init__(self, operations: Sequence[Operation], stream: Stream) -> None:
        self._table = np.zeros((len(operations), 1 + _PLACES * _PLACE_SIZE), dtype=np.int64)
        self._numbers = np.zeros((len(operations), _NUMBERS))
        for i, operation in enumerate(operations):
            self._table[i, 0] = operation.code
            for p, place in enumerate(operation.places):
                entry = (place.address, *place.shape, *place.strides)
                self._table[i, 1 + p * _PLACE_SIZE :][:_PLACE_SIZE] = entry
            self._numbers[i, : len(operation.numbers)] = operation.numbers
        self._stream = stream

    def run(self) -> None:
        """Carry all of them out once."""
        _run(self._table, self._numbers, self._stream.state, self._stream.position)


Table = NDArray[np.int64]


@compiled
def _matrix(table: Table, i: int, place: int) -> NDArray[np.float32]:
    at = 1 + place * _PLACE_SIZE
    row = table[i]
    matrix: NDArray[np.float32] = matrix_at(row[at], row[at + 1], row[at + 2], row[at + 3], row[at + 4])
    return matrix


@compiled
def _vector(table: Table, i: int, place: int) -> NDArray[np.float32]:
    at = 1 + place * _PLACE_SIZE
    vector: NDArray[np.float32] = vector_at(table[i, at], table[i, at + 1] * table[i, at + 2])
    return vector


_WIDTH = vector_bytes()
_multiply_matrices = multiply_for(np.dtype(np.float32))
_add = elementwise(lambda code, a, b, s, t: code.add(a, b), _WIDTH)
_add_multiple = elementwise(lambda code, a, b, s, t: code.fma(s, b, a), _WIDTH)
_multiply = elementwise(lambda code, a, b, s, t: code.multiply(a, b), _WIDTH)
_divide = elementwise(lambda code, a, b, s, t: code.divide(a, s), _WIDTH)
_relu = elementwise(lambda code, a, b, s, t: code.zero_where_below_zero(a, a), _WIDTH)
_relu_gradient = elementwise(lambda code, a, b, s, t: code.zero_where_below_zero(a, b, or_zero=True), _WIDTH)


@compiled
def _column_sums(a: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    columns = out.size
    out[:] = a[:columns]
    for start in range(columns, a.size, columns):
        _add(out, a[start : start + columns], np.float32(0), np.float32(0), out)


@compiled
def _add_row(a: NDArray[np.float32], b: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    columns = b.size
    for start in range(0, a.size, columns):
        end = start + columns
        _add(a[start:end], b, np.float32(0), np.float32(0), out[start:end])


# The codes as plain numbers, which compiled code takes for constants.
(
    _PRODUCT, _STEP_BY_PRODUCT, _COLUMN_SUMS, _ADD_ROW, _BERNOULLI,
    _ADD_MULTIPLE, _MULTIPLY, _DIVIDE, _RELU, _RELU_GRADIENT,
) = (int(code) for code in Code)  # fmt: skip


@compiled([types.void(types.int64[:, ::1], types.float64[:, ::1], types.uint32[:, ::1], types.int64[::1])])
def _run(
    table: Table, numbers: NDArray[np.float64], state: NDArray[np.uint32], position: NDArray[np.int64]
) -> None:
    for i in range(table.shape[0]):
        code = table[i, 0]
        s, t = np.float32(numbers[i, 0]), np.float32(numbers[i, 1])
        if code == _PRODUCT:
            _multiply_matrices(_matrix(table, i, 0), _matrix(table, i, 1), _matrix(table, i, 2), False)
        elif code == _STEP_BY_PRODUCT:
            step_by_product(_matrix(table, i, 0), _matrix(table, i, 1), _matrix(table, i, 2), s, t)
        elif code == _COLUMN_SUMS:
            _column_sums(_vector(table, i, 0), _vector(table, i, 1))
        elif code == _ADD_ROW:
            _add_row(_vector(table, i, 0), _vector(table, i, 1), _vector(table, i, 2))
        elif code == _BERNOULLI:
            draw_bernoulli(state, position, numbers[i, 0], _vector(table, i, 0))
        else:
            a, b, out = _vector(table, i, 0), _vector(table, i, 1), _vector(table, i, 2)
            if code == _ADD_MULTIPLE:
                _add_multiple(a, b, s, t, out)
            elif code == _MULTIPLY:
                _multiply(a, b, s, t, out)
            elif code == _DIVIDE:
                _divide(a, b, s, t, out)
            elif code == _RELU:
                _relu(a, b, s, t, out)
            else:
                _relu_gradient(a, b, s, t, out)
