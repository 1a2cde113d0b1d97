"""Matrix products whose bits depend on the numbers and on nothing else.

Every element of a product is one chain of fused multiply-adds, in the order of the summed index:

    out[i, j] = fma(a[i, k], b[k, j], out[i, j])   for k = 0, 1, 2, ...

Libraries of linear algebra reach their speed by splitting such sums, each in a way of its own for each
processor and number of threads; a result then tells which machine it comes from. Here a vector register holds
neighbouring elements, never parts of one, so that vectors may be long or short and blocks large or small:
each element is still that chain. The speed is that of the libraries' own kernels, within a tenth or so.

References
----------
K. Goto and R. A. van de Geijn, "Anatomy of high-performance matrix multiplication", *ACM Transactions on
Mathematical Software* 34(3), 2008: panels copied so that they are read in order, blocks held in registers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import from_dtype, types
from numpy.typing import NDArray

from octrepro.models.aligned import aligned
from octrepro.models.compiled import compiled
from octrepro.models.element_loops import elementwise, elementwise_block
from octrepro.models.instructions import vector_bytes
from octrepro.models.product_loops import move, tile, tile_shape, turn

Matrix = NDArray[Any]

_WIDTH = vector_bytes()
_ROWS, _VECTORS = tile_shape(_WIDTH)
_full_tile = tile(_ROWS, _VECTORS, _WIDTH)
_narrow_tile = tile(_ROWS, 1, _WIDTH)
_move = move(_VECTORS, _WIDTH)
_turn = turn(_WIDTH)


def _step(code: Any, gradient: Any, weight: Any, factor: Any, _: Any) -> Any:
    return code.fma(factor, gradient, weight)


def _step_with_decay(code: Any, gradient: Any, weight: Any, factor: Any, decay: Any) -> Any:
    return code.fma(factor, code.fma(decay, weight, gradient), weight)


_step_row, _step_row_with_decay = (elementwise(step, _WIDTH) for step in (_step, _step_with_decay))
_step_block, _step_block_with_decay = (
    elementwise_block(step, _VECTORS, _WIDTH) for step in (_step, _step_with_decay)
)

# A panel this deep stays in the first-level cache beside the rows it meets.
_DEPTH = 256

# Rows taken at a time, a multiple of both blocks' rows: with this depth they stay in the second-level cache.
_HEIGHT = 240

# Columns computed beside at a time, a multiple of the blocks' columns, for the same reason.
_BREADTH = 256


@compiled
def _fill_panel(b: Matrix, start: int, first: int, count: int, panel: Matrix) -> None:
    """Copy `count` columns of `b` from `first` on, rows from `start` on, with zeros beside them."""
    depth, columns = panel.shape
    if count < columns:
        panel[:] = 0
    if b.strides[1] == b.itemsize:
        if count == columns and columns * b.itemsize == _VECTORS * _WIDTH:
            _move(b, start, first, panel)
            return
        for k in range(depth):
            for j in range(count):
                panel[k, j] = b[start + k, first + j]
        return
    deep = broad = 0
    if b.strides[0] == b.itemsize:
        lanes = _WIDTH // b.itemsize
        deep, broad = depth // lanes * lanes, count // lanes * lanes
        for k in range(0, deep, lanes):
            for j in range(0, broad, lanes):
                _turn(b, start + k, first + j, panel, k, j)
    for j in range(count):
        for k in range(deep if j < broad else 0, depth):
            panel[k, j] = b[start + k, first + j]


@compiled
def _multiply_panel(
    a: Matrix, start: int, panel: Matrix, out: Matrix, first: int, count: int, edge: Matrix, accumulate: bool
) -> None:
    """Compute `count` columns of `out` from `first` on, block by block."""
    narrow = panel.shape[1] * panel.itemsize == _WIDTH
    for i in range(0, a.shape[0], _ROWS):
        rows = min(_ROWS, a.shape[0] - i)
        if rows == _ROWS and count == panel.shape[1]:
            if narrow:
                _narrow_tile(a, i, start, panel, out, i, first, accumulate)
            else:
                _full_tile(a, i, start, panel, out, i, first, accumulate)
            continue
        # The block reaches beyond the matrix: it is computed beside and copied.
        if accumulate:
            for r in range(rows):
                for j in range(count):
                    edge[r, j] = out[i + r, first + j]
        if narrow:
            _narrow_tile(a, i, start, panel, edge, 0, 0, accumulate)
        else:
            _full_tile(a, i, start, panel, edge, 0, 0, accumulate)
        for r in range(rows):
            for j in range(count):
                out[i + r, first + j] = edge[r, j]


@compiled
def _multiply(a: Matrix, b: Matrix, out: Matrix, accumulate: bool) -> None:
    """Compute `out`, whose rows are contiguous; a and b have at least one element."""
    depth, width = b.shape
    lanes = _WIDTH // a.itemsize
    columns = lanes if width <= lanes else _VECTORS * lanes
    workspace = aligned(min(_DEPTH, depth), columns, a)
    edge = aligned(_ROWS, columns, a)
    edge[:] = 0
    for top in range(0, a.shape[0], _HEIGHT):
        a_rows, out_rows = a[top : top + _HEIGHT], out[top : top + _HEIGHT]
        for start in range(0, depth, _DEPTH):
            panel = workspace[: min(_DEPTH, depth - start)]
            for first in range(0, width, columns):
                count = min(columns, width - first)
                _fill_panel(b, start, first, count, panel)
                _multiply_panel(a_rows, start, panel, out_rows, first, count, edge, accumulate or start > 0)


@compiled
def _filled_up(rows: int, columns: int, itemsize: int) -> int:
    """The size of the blocks that cover a matrix."""
    lanes = _WIDTH // itemsize
    step = lanes if columns <= lanes else _VECTORS * lanes
    return -(-rows // _ROWS) * _ROWS * (-(-columns // step) * step)


@compiled
def _multiply_crosswise(a: Matrix, b: Matrix, out: Matrix, accumulate: bool) -> None:
    """Compute `out`, whose columns are contiguous, some of them at a time beside, and turn them."""
    beside = aligned(a.shape[0], _BREADTH, a)
    for first in range(0, b.shape[1], _BREADTH):
        b_columns, out_columns = b[:, first : first + _BREADTH], out[:, first : first + _BREADTH]
        part = beside[:, : b_columns.shape[1]]
        if accumulate:
            _fill_panel(out_columns, 0, 0, part.shape[1], part)
        _multiply(a, b_columns, part, accumulate)
        _fill_panel(part.T, 0, 0, part.shape[0], out_columns.T)


def _multiply_any(a: Matrix, b: Matrix, out: Matrix, accumulate: bool) -> None:
    if out.size == 0:
        return
    if a.shape[1] == 0:
        if not accumulate:
            out[:] = 0
        return
    # A product and its transpose are the same numbers. The matrix that is copied into panels should lie in
    # the panels' own order, or, when neither does, be the one that leaves fewer places of the blocks empty.
    if b.strides[1] != b.itemsize and (
        a.strides[0] == a.itemsize
        or _filled_up(b.shape[1], a.shape[0], a.itemsize) < _filled_up(a.shape[0], b.shape[1], a.itemsize)
    ):
        a, b, out = b.T, a.T, out.T
    if out.strides[1] == out.itemsize:
        _multiply(a, b, out, accumulate)
    elif out.strides[0] == out.itemsize:
        _multiply_crosswise(a, b, out, accumulate)
    else:
        beside = aligned(out.shape[0], out.shape[1], a)[:, : out.shape[1]]
        beside[:] = out
        _multiply(a, b, beside, accumulate)
        out[:] = beside


@compiled
def step_by_product(a: Matrix, b: Matrix, target: Matrix, factor: Any, decay: Any) -> None:
    """Add `factor` times a gradient, the product a b, to `target`: all float32, rows of `target` contiguous.

    With `decay`, which is not 0 then, its multiple of `target` is added to the gradient first (L2). The
    gradient, needed for nothing else, is never written to memory whole. The numbers are those of the product
    and of the additions made one after the other, each a fused multiply-add.
    """
    (rows, depth), width = a.shape, b.shape[1]
    columns = _VECTORS * _WIDTH // a.itemsize
    workspace = aligned(min(_DEPTH, depth), columns, a)
    edge = aligned(_ROWS, columns, a)
    edge[:] = 0
    beside = aligned(rows, columns, a)
    for first in range(0, width, columns):
        count = min(columns, width - first)
        for start in range(0, depth, _DEPTH):
            panel = workspace[: min(_DEPTH, depth - start)]
            _fill_panel(b, start, first, count, panel)
            _multiply_panel(a, start, panel, beside, 0, count, edge, start > 0)
        if count == columns and decay == 0:
            _step_block(beside, factor, decay, target, first)
        elif count == columns:
            _step_block_with_decay(beside, factor, decay, target, first)
        else:
            for i in range(rows):
                gradient, here = beside[i, :count], target[i, first : first + count]
                if decay == 0:
                    _step_row(gradient, here, factor, decay, here)
                else:
                    _step_row_with_decay(gradient, here, factor, decay, here)


@cache
def multiply_for(dtype: np.dtype[Any]) -> Callable[[Matrix, Matrix, Matrix, bool], None]:
    """The compiled product for one type of number, whatever the strides: `multiply` with nothing checked."""
    matrix = types.Array(from_dtype(dtype), 2, "A")
    return compiled([types.void(matrix, matrix, matrix, types.boolean)])(_multiply_any)


def multiply(a: Matrix, b: Matrix, out: Matrix, *, accumulate: bool = False) -> None:
    """Write a b to `out`, or with `accumulate` add it: each chain then starts from what is there.

    Parameters
    ----------
    a, b, out
        All float32 or all float64, of shapes (m, k), (k, n) and (m, n), with any strides; `out` shares no
        memory with the others.
    accumulate
        Whether to add.

    Raises
    ------
    ValueError
        When shapes or types do not go together.
    """
    (m, k), (rows, n) = a.shape, b.shape
    if k != rows or out.shape != (m, n) or a.dtype != b.dtype or a.dtype != out.dtype:
        raise ValueError(
            f"{a.shape} {a.dtype} times {b.shape} {b.dtype} does not make {out.shape} {out.dtype}"
        )
    multiply_for(out.dtype)(a, b, out, accumulate)


def product(a: Matrix, b: Matrix) -> Matrix:
    """a b as a new array, shape (m, n)."""
    out = np.empty((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, out)
    return out
