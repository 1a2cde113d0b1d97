"""The innermost loops of the models that learn from one sample at a time.

Inner products are summed in a fixed number of partial sums, whatever the size of a processor's vectors, so
that each number's own operations are the same everywhere.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from octrepro.models.instructions import (
    BYTES,
    DOUBLE,
    INT,
    INT8,
    INT16,
    INT32,
    PARTIAL_SUMS,
    SINGLE,
    Code,
    two,
)

# Rows by which `fetch_ahead` should run ahead of the work: some hundred nanoseconds of it.
AHEAD = 4

_CACHE_LINE = 64


def row_sums(rows: int, samples: int) -> Any:
    """A function for compiled code, ``set(a, row, x, end, results)``.

    It sets results[s, row + r], for all `rows` r and `samples` s, to the inner product of the first `end`
    elements of a[row + r] and x[s], summed as `Code.total` says. `end` is a positive multiple of
    PARTIAL_SUMS. All are float64 and their rows contiguous; rows beyond the last of `a` are taken as its
    last.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, x, results = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 2, 4)
        )
        _, row, _, end, _ = arguments
        code = Code(builder, ir.DoubleType(), PARTIAL_SUMS, DOUBLE)
        height, _ = two(builder, a.shape)
        a_rows = code.rows_from(a.data, row, rows, height, two(builder, a.strides)[0])
        x_rows = code.rows_from(x.data, INT(0), samples, INT(samples), two(builder, x.strides)[0])

        def multiply(offset: Any, totals: list[Any]) -> list[Any]:
            factors = [code.load(code.at(place, offset), align=DOUBLE) for place in x_rows]
            weights = [code.load(code.at(place, offset), align=DOUBLE) for place in a_rows]
            pairs = [(weight, factor) for factor in factors for weight in weights]
            return [code.fma(*pair, total) for pair, total in zip(pairs, totals, strict=True)]

        totals = iter(code.accumulate(rows * samples, end, multiply))
        for s in range(samples):
            line = code.at(results.data, builder.mul(INT(s), two(builder, results.strides)[0]))
            for place in code.rows_from(line, row, rows, height, INT(DOUBLE)):
                code.store_number(code.total(next(totals)), place)
        return context.get_dummy_value()

    @intrinsic
    def set_(_context, a, row, x, end, results):  # type: ignore[no-untyped-def]
        return types.void(a, types.int64, x, types.int64, results), emit

    return set_


def step_and_row_sums(rows: int) -> Any:
    """A function for compiled code, ``step(a, row, factors, x, next_x, end, results)``.

    It adds factors[row + r] x to a[row + r], by fused multiply-adds, for all `rows` r, which `a` must have,
    and sets results[row + r] to the inner product of that row and `next_x`, as `row_sums` does: each row is
    read once for both. Of `x` and `next_x` it takes the first `end` elements.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, factors, x, next_x, results = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 2, 3, 4, 6)
        )
        row, end = arguments[1], arguments[5]
        code = Code(builder, ir.DoubleType(), PARTIAL_SUMS, DOUBLE)
        height, _ = two(builder, a.shape)
        a_rows = code.rows_from(a.data, row, rows, height, two(builder, a.strides)[0])
        spread = [
            code.spread(place) for place in code.rows_from(factors.data, row, rows, height, INT(DOUBLE))
        ]

        def step(offset: Any, totals: list[Any]) -> list[Any]:
            here, following = (code.load(code.at(array.data, offset), align=DOUBLE) for array in (x, next_x))
            added = []
            for place, factor, total in zip(a_rows, spread, totals, strict=True):
                weights = code.at(place, offset)
                changed = code.fma(factor, here, code.load(weights, align=DOUBLE))
                code.store(changed, weights, align=DOUBLE)
                added.append(code.fma(changed, following, total))
            return added

        totals = code.accumulate(rows, end, step)
        for total, place in zip(
            totals, code.rows_from(results.data, row, rows, height, INT(DOUBLE)), strict=True
        ):
            code.store_number(code.total(total), place)
        return context.get_dummy_value()

    @intrinsic
    def step(_context, a, row, factors, x, next_x, end, results):  # type: ignore[no-untyped-def]
        return types.void(a, types.int64, factors, x, next_x, types.int64, results), emit

    return step


def digit_sums(rows: int) -> Any:
    """A function for compiled code, ``set(digits, row, pixels, start, end, sums)``.

    It sets sums[row + r], int32, to the inner product of digits[row + r] and `pixels` from `start` to `end`,
    for all `rows` r, which `digits`, int16, must have. Each sum must fit 32 bits; whole numbers may be added
    in any order.
    """
    lanes = 16

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        digits, pixels, sums = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 2, 5)
        )
        row, start, end = arguments[1], arguments[3], arguments[4]
        code = Code(builder, INT32, lanes, SINGLE)
        height, _ = two(builder, digits.shape)
        places = code.rows_from(digits.data, row, rows, height, two(builder, digits.strides)[0])
        results = code.rows_from(sums.data, row, rows, height, INT(SINGLE))

        def products(place: Any, j: Any, pixels_here: Any, count: int) -> Any:
            digits_here = code.load_as(INT16, code.at(place, builder.mul(j, INT(2))), count)
            kind = ir.VectorType(INT32, count)
            return builder.mul(builder.sext(digits_here, kind), builder.zext(pixels_here, kind))

        whole = builder.sub(end, builder.srem(builder.sub(end, start), INT(lanes)))
        zero = ir.Constant(ir.VectorType(INT32, lanes // 2), None)
        totals = [cgutils.alloca_once_value(builder, zero) for _ in places]  # type: ignore[no-untyped-call]
        with cgutils.for_range_slice(builder, start, whole, INT(lanes), INT) as (j, _):
            pixels_here = code.load_as(INT8, code.at(pixels.data, j), lanes)
            for place, total in zip(places, totals, strict=True):
                # Processors multiply and add neighbours in one instruction.
                added = code.add_neighbours(products(place, j, pixels_here, lanes))
                builder.store(builder.add(builder.load(total), added), total)
        for total, result in zip(totals, results, strict=True):
            code.store_number(code.sum_of_integers(builder.load(total), lanes // 2), result)
        with cgutils.for_range_slice(builder, whole, end, INT(1), INT) as (j, _):
            pixels_here = code.load_as(INT8, code.at(pixels.data, j), 1)
            for place, result in zip(places, results, strict=True):
                number = builder.extract_element(products(place, j, pixels_here, 1), INT32(0))
                so_far = builder.load(builder.bitcast(result, INT32.as_pointer()))
                code.store_number(builder.add(so_far, number), result)
        return context.get_dummy_value()

    @intrinsic
    def set_(_context, digits, row, pixels, start, end, sums):  # type: ignore[no-untyped-def]
        index = types.int64
        return types.void(digits, index, pixels, index, index, sums), emit

    return set_


def _add_multiple(_context, target, factor, x, end):  # type: ignore[no-untyped-def]
    """Set target[j] = fma(factor, x[j], target[j]) for j below `end`, a multiple of PARTIAL_SUMS.

    All are float64 and contiguous; `target` and `x` share no memory.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, x = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 2))
        _, factor, _, end = arguments
        code = Code(builder, ir.DoubleType(), PARTIAL_SUMS, DOUBLE)
        factors = code.in_every_lane(factor)
        with cgutils.for_range_slice(builder, INT(0), end, INT(PARTIAL_SUMS), INT) as (j, _):
            offset = builder.mul(j, INT(DOUBLE))
            place = code.at(target.data, offset)
            value = code.load(code.at(x.data, offset), align=DOUBLE)
            code.store(code.fma(factors, value, code.load(place, align=DOUBLE)), place, align=DOUBLE)
        return context.get_dummy_value()

    return types.void(target, types.float64, x, types.int64), emit


add_multiple: Any = intrinsic(_add_multiple)


def _widen(_context, pixels, factor, x):  # type: ignore[no-untyped-def]
    """Set x[j] = factor pixels[j] for the first elements of `x`, float64, one for each of `pixels`, uint8.

    Written in the vectors in which `row_sums` and `step_and_row_sums` read it: a processor passes what was
    just stored on to a load of the same size, and makes a larger one wait.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, target = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 2)
        )
        (size,) = cgutils.unpack_tuple(builder, source.shape, 1)  # type: ignore[no-untyped-call]
        done: Any = INT(0)
        for lanes in (4 * PARTIAL_SUMS, PARTIAL_SUMS, 1):
            code = Code(builder, ir.DoubleType(), lanes, DOUBLE)
            bytes_ = ir.VectorType(ir.IntType(8), lanes)
            end = builder.sub(size, builder.srem(size, INT(lanes)))
            with cgutils.for_range_slice(builder, done, end, INT(lanes), INT) as (j, _):
                place = builder.bitcast(code.at(source.data, j), bytes_.as_pointer())
                numbers = builder.uitofp(builder.load(place, align=1), code.vector)
                scaled = code.multiply(numbers, code.in_every_lane(arguments[1]))
                code.store(scaled, code.at(target.data, builder.mul(j, INT(DOUBLE))), align=DOUBLE)
            done = end
        return context.get_dummy_value()

    return types.void(pixels, types.float64, x), emit


widen: Any = intrinsic(_widen)


def _fetch_ahead(_context, images, row):  # type: ignore[no-untyped-def]
    """Ask for a row of `images`, uint8 and contiguous, to be brought to the cache while other work goes on.

    Rows in a random order are what the processor cannot foresee.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        _, size = two(builder, array.shape)
        step, _ = two(builder, array.strides)
        start = builder.gep(builder.bitcast(array.data, BYTES), [builder.mul(arguments[1], step)])
        hint = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, ir.FunctionType(ir.VoidType(), [BYTES, *[INT32] * 3]), "llvm.prefetch.p0"
        )
        with cgutils.for_range_slice(builder, INT(0), size, INT(_CACHE_LINE), INT) as (offset, _):
            # To be read, kept in all levels, data rather than code.
            builder.call(hint, [builder.gep(start, [offset]), INT32(0), INT32(3), INT32(1)])
        return context.get_dummy_value()

    return types.void(images, types.int64), emit


fetch_ahead: Any = intrinsic(_fetch_ahead)
