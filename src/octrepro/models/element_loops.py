"""Loops over all numbers of arrays, each of which is computed from those at its own place alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from octrepro.models.instructions import INT, SINGLE, Code, two


def elementwise(compute: Callable[..., Any], width: int) -> Any:
    """A function for compiled code, ``apply(a, b, s, t, out)``: out[j] = compute(code, a[j], b[j], s, t).

    All are float32, the arrays contiguous and as long as `out`, which may be `a` or `b`: compilers, who
    cannot know which, would take one number at a time.

    Parameters
    ----------
    compute
        Emits the operations on single numbers, which here are vectors of `width` bytes, and single numbers at
        the end.
    width
        In bytes.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, b, out = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 1, 4))
        (size,) = cgutils.unpack_tuple(builder, out.shape, 1)  # type: ignore[no-untyped-call]
        done: Any = INT(0)
        for lanes in (width // SINGLE, 1):
            code = Code(builder, ir.FloatType(), lanes, SINGLE)
            s, t = (code.in_every_lane(number) for number in arguments[2:4])
            end = builder.sub(size, builder.srem(size, INT(lanes)))
            with cgutils.for_range_slice(builder, done, end, INT(lanes), INT) as (j, _):
                offset = builder.mul(j, INT(SINGLE))
                values = [code.load(code.at(array.data, offset), align=SINGLE) for array in (a, b)]
                code.store(compute(code, *values, s, t), code.at(out.data, offset), align=SINGLE)
            done = end
        return context.get_dummy_value()

    @intrinsic
    def apply(_context, a, b, s, t, out):  # type: ignore[no-untyped-def]
        return types.void(a, b, types.float32, types.float32, out), emit

    return apply


def elementwise_block(compute: Callable[..., Any], vectors: int, width: int) -> Any:
    """A function for compiled code, ``apply(a, s, t, out, column)``, for a block of a matrix.

    It sets out[i, column + j] to compute(code, a[i, j], out[i, column + j], s, t) for all of `a`, float32,
    whose rows are `vectors` registers of `width` bytes, contiguous and aligned. The rows of `out` are
    contiguous.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, out = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 3))
        code = Code(builder, ir.FloatType(), width // SINGLE, SINGLE)
        s, t = (code.in_every_lane(number) for number in arguments[1:3])
        height, _ = two(builder, a.shape)
        a_step, _ = two(builder, a.strides)
        out_step, _ = two(builder, out.strides)
        corner = code.at(out.data, builder.mul(arguments[4], INT(SINGLE)))
        with cgutils.for_range(builder, height) as loop:
            here = code.at(a.data, builder.mul(loop.index, a_step))
            there = code.at(corner, builder.mul(loop.index, out_step))
            for v in range(vectors):
                value = code.load(code.at(here, INT(v * width)), align=width)
                place = code.at(there, INT(v * width))
                code.store(compute(code, value, code.load(place, SINGLE), s, t), place, align=SINGLE)
        return context.get_dummy_value()

    @intrinsic
    def apply(_context, a, s, t, out, column):  # type: ignore[no-untyped-def]
        return types.void(a, types.float32, types.float32, out, types.int64), emit

    return apply


def _vector_at(_context, address, size):  # type: ignore[no-untyped-def]
    """The contiguous float32 array, shape (size,), whose first number lies at `address`."""
    array = types.Array(types.float32, 1, "C")

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _place(context, builder, array, arguments[0], [arguments[1]], [INT(SINGLE)])

    return array(types.int64, types.int64), emit


vector_at: Any = intrinsic(_vector_at)


def _matrix_at(_context, address, rows, columns, row_step, column_step):  # type: ignore[no-untyped-def]
    """The float32 array, shape (rows, columns), at `address`; its strides are in bytes."""
    array = types.Array(types.float32, 2, "A")

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _place(context, builder, array, arguments[0], arguments[1:3], arguments[3:5])

    index = types.int64
    return array(index, index, index, index, index), emit


matrix_at: Any = intrinsic(_matrix_at)


def _place(context: Any, builder: Any, kind: Any, address: Any, shape: Any, strides: Any) -> Any:
    """An array of type `kind` that owns nothing."""
    array = context.make_array(kind)(context, builder)
    data = builder.inttoptr(address, context.get_data_type(kind.dtype).as_pointer())
    populate_array(  # type: ignore[no-untyped-call]
        array, data=data, shape=list(shape), strides=list(strides), itemsize=INT(SINGLE), meminfo=None
    )
    return array._getvalue()
