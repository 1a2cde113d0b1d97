"""Matrix products whose bits depend on the numbers and on nothing else.

Every element of a product is one chain of fused multiply-adds, in the order of the summed index:

    out[i, j] = fma(a[i, k], b[k, j], out[i, j])   for k = 0, 1, 2, ...

Libraries of linear algebra split such sums, each in its own way for each processor and number of threads.
Here a vector register holds neighboring elements and never parts of one, so neither its size nor the size
of a block changes a bit.

References
----------
K. Goto and R. A. van de Geijn, "Anatomy of high-performance matrix multiplication", *ACM Transactions on
Mathematical Software* 34(3), 2008: why blocks that stay in a cache pay.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled, fma

Matrix = NDArray[Any]

# Rows of `b` taken at a time, a multiple of the three that the inner loop takes: some 50 KB of them.
_DEPTH = 63

# With fewer columns than a vector has elements, the transposed product is faster.
_NARROW = 8

# Bytes of a line of the cache.
_LINE = 64


@compiled
def _multiply(a: Matrix, b: Matrix, out: Matrix, accumulate: bool) -> None:
    """Compute `out`; the rows of `b` and `out` are contiguous.

    The inner loop adds three terms to a row of each of four elements: enough work for what it loads and
    stores, and no more factors than there are registers.
    """
    rows, depth = a.shape
    columns = b.shape[1]
    if not accumulate:
        out[:] = 0
    for start in range(0, depth, _DEPTH):
        end = min(depth, start + _DEPTH)
        whole = end - (end - start) % 3
        for i in range(0, rows - rows % 4, 4):
            o0, o1, o2, o3 = out[i], out[i + 1], out[i + 2], out[i + 3]
            for k in range(start, whole, 3):
                b0, b1, b2 = b[k], b[k + 1], b[k + 2]
                p0, p1, p2 = a[i, k], a[i, k + 1], a[i, k + 2]
                q0, q1, q2 = a[i + 1, k], a[i + 1, k + 1], a[i + 1, k + 2]
                r0, r1, r2 = a[i + 2, k], a[i + 2, k + 1], a[i + 2, k + 2]
                s0, s1, s2 = a[i + 3, k], a[i + 3, k + 1], a[i + 3, k + 2]
                for j in range(columns):
                    x, y, z = b0[j], b1[j], b2[j]
                    o0[j] = fma(p2, z, fma(p1, y, fma(p0, x, o0[j])))
                    o1[j] = fma(q2, z, fma(q1, y, fma(q0, x, o1[j])))
                    o2[j] = fma(r2, z, fma(r1, y, fma(r0, x, o2[j])))
                    o3[j] = fma(s2, z, fma(s1, y, fma(s0, x, o3[j])))
            for k in range(whole, end):
                for r in range(i, i + 4):
                    for j in range(columns):
                        out[r, j] = fma(a[r, k], b[k, j], out[r, j])
        for r in range(rows - rows % 4, rows):
            for k in range(start, end):
                for j in range(columns):
                    out[r, j] = fma(a[r, k], b[k, j], out[r, j])


def aligned_empty(shape: tuple[int, int], dtype: Any) -> Matrix:
    """A row-major matrix, its values not set, that begins where a line of the cache does.

    Where it does not, vectors lie across two lines, and products take a fifth longer.
    """
    count = shape[0] * shape[1]
    room = np.empty(count + _LINE // np.dtype(dtype).itemsize, dtype)
    skipped = -room.ctypes.data % _LINE // room.itemsize
    return room[skipped : skipped + count].reshape(shape)


def multiply(a: Matrix, b: Matrix, out: Matrix, *, accumulate: bool = False) -> None:
    """Write a b to `out`, or with `accumulate` add it: each chain then starts from what is there.

    All are float32 or all float64, of shapes (m, k), (k, n) and (m, n), else a `ValueError` is raised, with
    any strides; `out` shares no memory with the others.
    """
    (m, k), (rows, n) = a.shape, b.shape
    if k != rows or out.shape != (m, n) or a.dtype != b.dtype or a.dtype != out.dtype:
        raise ValueError(
            f"{a.shape} {a.dtype} times {b.shape} {b.dtype} does not make {out.shape} {out.dtype}"
        )
    # A product and its transpose are the same numbers.
    if n < _NARROW < m or (out.flags.f_contiguous and not out.flags.c_contiguous and m >= _NARROW):
        a, b, out = b.T, a.T, out.T
    if not b.flags.c_contiguous:
        b = _row_major(b)
    if out.flags.c_contiguous:
        _multiply(a, b, out, accumulate)
    else:
        copy = _row_major(out)
        _multiply(a, b, copy, accumulate)
        out[:] = copy


def product(a: Matrix, b: Matrix) -> Matrix:
    """a b as a new array, shape (m, n)."""
    out = aligned_empty((a.shape[0], b.shape[1]), a.dtype)
    multiply(a, b, out)
    return out


def _row_major(matrix: Matrix) -> Matrix:
    copy = aligned_empty(matrix.shape, matrix.dtype)
    copy[:] = matrix
    return copy
