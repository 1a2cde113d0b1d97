"""Innermost loops as vector instructions, of which each number's own operations do not depend.

Compilers do not keep a block of results in registers over a loop that is written in Python, and choose
vectors by processor, so the instructions are spelled out here. What they compute is plain. A product's block:

    c = fma(a[row, k], b[k, column], c)   for k = 0, 1, 2, ...

where fma rounds once, as IEEE 754 defines it. A vector holds neighbouring columns, so its width, like the
block's shape, decides how many elements are computed at once, and nothing about any of them. Inner products
of single vectors are summed in a fixed number of partial sums, for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.registry import cpu_target
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

_INT = ir.IntType(64)
_INT32 = ir.IntType(32)
_BYTES = ir.IntType(8).as_pointer()
# Rows by which `fetch_ahead` should run ahead of the work: some hundred nanoseconds of it.
AHEAD = 4

_DOUBLE = 8
_SINGLE = 4
_CACHE_LINE = 64

# In an inner product; they are independent, so that the processor works on them at once.
PARTIAL_SUMS = 8


def vector_bytes() -> int:
    """The size of the vector registers that code is compiled for: 64 with AVX-512, else 32.

    Where registers are smaller the compiler takes several for one.
    """
    _, _, features = cpu_target.target_context.codegen().magic_tuple()
    return 64 if "+avx512f" in features.split(",") else 32


def tile_shape(width: int) -> tuple[int, int]:
    """Rows and vectors of the block that fills the registers: 32 of them with AVX-512, else 16."""
    return (12, 2) if width == 64 else (6, 2)


def tile(rows: int, vectors: int, width: int) -> Any:
    """A function for compiled code, ``add(a, row, start, panel, c, c_row, c_column, accumulate)``.

    It sets the block of `c` at (c_row, c_column), `rows` by `vectors` registers of `width` bytes, to the
    product of rows `row` to ``row + rows`` of `a`, columns from `start` on, with `panel`, shape (depth,
    columns of the block); with `accumulate` it adds to what is there. `a` may have any strides; rows beyond
    its last are read as its last. The rows of `panel` and of `c` must be contiguous, those of `panel`
    aligned to `width`, and depth at least 1.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = [context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 3, 4)]
        _, row, start, _, _, c_row, c_column, accumulate = arguments
        a, panel, c = array
        scalar = context.get_data_type(signature.args[0].dtype)
        size = context.get_abi_sizeof(scalar)
        code = _Code(builder, scalar, width // size, size)
        height, _ = _two(builder, a.shape)
        row_step, column_step = _two(builder, a.strides)
        depth, _ = _two(builder, panel.shape)
        panel_step, _ = _two(builder, panel.strides)
        c_step, _ = _two(builder, c.strides)

        first = code.at(a.data, builder.mul(start, column_step))
        starts = code.rows_from(first, row, rows, height, row_step)
        corner = code.at(code.at(c.data, builder.mul(c_row, c_step)), builder.mul(c_column, _INT(size)))
        results = [
            code.at(code.at(corner, builder.mul(_INT(r), c_step)), _INT(v * width))
            for r in range(rows)
            for v in range(vectors)
        ]

        top = code.bytes(panel.data)
        before = builder.block
        loading = builder.append_basic_block("loading")
        loop = builder.append_basic_block("loop")
        after = builder.append_basic_block("after")
        builder.cbranch(accumulate, loading, loop)
        builder.position_at_end(loading)
        present = [code.load(place, align=size) for place in results]
        builder.branch(loop)

        builder.position_at_end(loop)
        zero, empty = _INT(0), ir.Constant(code.vector, None)
        k = code.running(_INT, (zero, before), (zero, loading))
        a_offset = code.running(_INT, (zero, before), (zero, loading))
        panel_row = code.running(_BYTES, (top, before), (top, loading))
        sums = [code.running(code.vector, (empty, before), (value, loading)) for value in present]
        columns = [code.load(code.at(panel_row, _INT(v * width)), align=width) for v in range(vectors)]
        added = []
        for r in range(rows):
            factor = code.spread(code.at(starts[r], a_offset))
            added += [code.fma(factor, columns[v], sums[r * vectors + v]) for v in range(vectors)]
        k_next = builder.add(k, _INT(1))
        k.add_incoming(k_next, loop)
        a_offset.add_incoming(builder.add(a_offset, column_step), loop)
        panel_row.add_incoming(code.at(panel_row, panel_step), loop)
        for running, value in zip(sums, added, strict=True):
            running.add_incoming(value, loop)
        builder.cbranch(builder.icmp_signed("<", k_next, depth), loop, after)

        builder.position_at_end(after)
        for place, value in zip(results, added, strict=True):
            code.store(value, place, align=size)
        return context.get_dummy_value()

    @intrinsic
    def add(  # type: ignore[no-untyped-def]  # numba reads the parameters' names and nothing else
        _context, a, row, start, panel, c, c_row, c_column, accumulate
    ):
        index = types.int64
        return types.void(a, index, index, panel, c, index, index, types.boolean), emit

    return add


def turn(width: int) -> Any:
    """A function for compiled code, ``turn(b, row, column, panel, panel_row, panel_column)``.

    It copies a square of `b` to `panel`, as many rows and columns as a register of `width` bytes holds
    numbers. The columns of `b` and the rows of `panel` must be contiguous.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        b, panel = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 3))
        _, row, column, _, panel_row, panel_column = arguments
        scalar = context.get_data_type(signature.args[0].dtype)
        size = context.get_abi_sizeof(scalar)
        lanes = width // size
        code = _Code(builder, scalar, lanes, size)
        _, b_step = _two(builder, b.strides)
        panel_step, _ = _two(builder, panel.strides)
        source = code.at(code.at(b.data, builder.mul(row, _INT(size))), builder.mul(column, b_step))
        target = code.at(
            code.at(panel.data, builder.mul(panel_row, panel_step)), builder.mul(panel_column, _INT(size))
        )
        vectors = [code.load(code.at(source, builder.mul(_INT(i), b_step)), align=size) for i in range(lanes)]
        # Interleaving the first half with the second moves one bit of the place in a vector to the number
        # of the vector; when all have moved, the square is turned.
        for _ in range(lanes.bit_length() - 1):
            half = lanes // 2
            vectors = [
                code.interleave(vectors[i // 2], vectors[i // 2 + half], upper=bool(i % 2))
                for i in range(lanes)
            ]
        for i, vector in enumerate(vectors):
            code.store(vector, code.at(target, builder.mul(_INT(i), panel_step)), align=size)
        return context.get_dummy_value()

    @intrinsic
    def copy(  # type: ignore[no-untyped-def]
        _context, b, row, column, panel, panel_row, panel_column
    ):
        index = types.int64
        return types.void(b, index, index, panel, index, index), emit

    return copy


def move(vectors: int, width: int) -> Any:
    """A function for compiled code, ``move(b, row, column, panel)``.

    It copies rows of `b` from `row` on, columns from `column` on, to all of `panel`, whose rows are `vectors`
    registers of `width` bytes. The rows of both must be contiguous, those of `panel` aligned, and `panel` not
    empty.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        b, panel = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 3))
        _, row, column, _ = arguments
        scalar = context.get_data_type(signature.args[0].dtype)
        size = context.get_abi_sizeof(scalar)
        code = _Code(builder, scalar, width // size, size)
        b_step, _ = _two(builder, b.strides)
        depth, _ = _two(builder, panel.shape)
        panel_step, _ = _two(builder, panel.strides)
        source = code.at(code.at(b.data, builder.mul(row, b_step)), builder.mul(column, _INT(size)))
        with cgutils.for_range(builder, depth) as loop:
            here, there = (
                code.at(start, builder.mul(loop.index, step))
                for start, step in ((source, b_step), (panel.data, panel_step))
            )
            for v in range(vectors):
                value = code.load(code.at(here, _INT(v * width)), align=size)
                code.store(value, code.at(there, _INT(v * width)), align=width)
        return context.get_dummy_value()

    @intrinsic
    def copy(_context, b, row, column, panel):  # type: ignore[no-untyped-def]
        index = types.int64
        return types.void(b, index, index, panel), emit

    return copy


def row_sums(rows: int, samples: int) -> Any:
    """A function for compiled code, ``set(a, row, x, end, results)``.

    It sets results[s, row + r], for all `rows` r and `samples` s, to the inner product of the first `end`
    elements of a[row + r] and x[s], summed as `_Code.total` says. `end` is a positive multiple of PARTIAL_SUMS.
    All are float64 and their rows contiguous; rows beyond the last of `a` are taken as its last.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, x, results = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 2, 4)
        )
        _, row, _, end, _ = arguments
        code = _Code(builder, ir.DoubleType(), PARTIAL_SUMS, _DOUBLE)
        height, _ = _two(builder, a.shape)
        a_rows = code.rows_from(a.data, row, rows, height, _two(builder, a.strides)[0])
        x_rows = code.rows_from(x.data, _INT(0), samples, _INT(samples), _two(builder, x.strides)[0])

        def multiply(offset: Any, totals: list[Any]) -> list[Any]:
            factors = [code.load(code.at(place, offset), align=_DOUBLE) for place in x_rows]
            weights = [code.load(code.at(place, offset), align=_DOUBLE) for place in a_rows]
            pairs = [(weight, factor) for factor in factors for weight in weights]
            return [code.fma(*pair, total) for pair, total in zip(pairs, totals, strict=True)]

        totals = iter(code.accumulate(rows * samples, end, multiply))
        for s in range(samples):
            line = code.at(results.data, builder.mul(_INT(s), _two(builder, results.strides)[0]))
            for place in code.rows_from(line, row, rows, height, _INT(_DOUBLE)):
                code.store_number(code.total(next(totals)), place)
        return context.get_dummy_value()

    @intrinsic
    def set_(_context, a, row, x, end, results):  # type: ignore[no-untyped-def]
        return types.void(a, types.int64, x, types.int64, results), emit

    return set_


def step_and_row_sums(rows: int) -> Any:
    """A function for compiled code, ``step(a, row, factors, x, next_x, end, results)``.

    It adds factors[row + r] x to a[row + r], by fused multiply-adds, for all `rows` r, which `a` must have, and
    sets results[row + r] to the inner product of that row and `next_x`, as `row_sums` does: each row is read
    once for both. Of `x` and `next_x` it takes the first `end` elements.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, factors, x, next_x, results = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 2, 3, 4, 6)
        )
        row, end = arguments[1], arguments[5]
        code = _Code(builder, ir.DoubleType(), PARTIAL_SUMS, _DOUBLE)
        height, _ = _two(builder, a.shape)
        a_rows = code.rows_from(a.data, row, rows, height, _two(builder, a.strides)[0])
        spread = [
            code.spread(place) for place in code.rows_from(factors.data, row, rows, height, _INT(_DOUBLE))
        ]

        def step(offset: Any, totals: list[Any]) -> list[Any]:
            here, following = (code.load(code.at(array.data, offset), align=_DOUBLE) for array in (x, next_x))
            added = []
            for place, factor, total in zip(a_rows, spread, totals, strict=True):
                weights = code.at(place, offset)
                changed = code.fma(factor, here, code.load(weights, align=_DOUBLE))
                code.store(changed, weights, align=_DOUBLE)
                added.append(code.fma(changed, following, total))
            return added

        totals = code.accumulate(rows, end, step)
        for total, place in zip(
            totals, code.rows_from(results.data, row, rows, height, _INT(_DOUBLE)), strict=True
        ):
            code.store_number(code.total(total), place)
        return context.get_dummy_value()

    @intrinsic
    def step(_context, a, row, factors, x, next_x, end, results):  # type: ignore[no-untyped-def]
        return types.void(a, types.int64, factors, x, next_x, types.int64, results), emit

    return step


def _add_multiple(_context, target, factor, x, end):  # type: ignore[no-untyped-def]
    """Set target[j] = fma(factor, x[j], target[j]) for j below `end`, a multiple of PARTIAL_SUMS.

    All are float64 and contiguous; `target` and `x` share no memory.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, x = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 2))
        _, factor, _, end = arguments
        code = _Code(builder, ir.DoubleType(), PARTIAL_SUMS, _DOUBLE)
        factors = code.in_every_lane(factor)
        with cgutils.for_range_slice(builder, _INT(0), end, _INT(PARTIAL_SUMS), _INT) as (j, _):
            offset = builder.mul(j, _INT(_DOUBLE))
            place = code.at(target.data, offset)
            value = code.load(code.at(x.data, offset), align=_DOUBLE)
            code.store(code.fma(factors, value, code.load(place, align=_DOUBLE)), place, align=_DOUBLE)
        return context.get_dummy_value()

    return types.void(target, types.float64, x, types.int64), emit


add_multiple: Any = intrinsic(_add_multiple)


def _widen(_context, pixels, factor, x):  # type: ignore[no-untyped-def]
    """Set x[j] = factor pixels[j] for the first elements of `x`, float64, as many as there are `pixels`, uint8.

    Written in the vectors in which `row_sums` and `step_and_row_sums` read it: a processor passes what was
    just stored on to a load of the same size, and makes a larger one wait.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, target = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 2)
        )
        (size,) = cgutils.unpack_tuple(builder, source.shape, 1)  # type: ignore[no-untyped-call]
        done: Any = _INT(0)
        for lanes in (4 * PARTIAL_SUMS, PARTIAL_SUMS, 1):
            code = _Code(builder, ir.DoubleType(), lanes, _DOUBLE)
            bytes_ = ir.VectorType(ir.IntType(8), lanes)
            end = builder.sub(size, builder.srem(size, _INT(lanes)))
            with cgutils.for_range_slice(builder, done, end, _INT(lanes), _INT) as (j, _):
                place = builder.bitcast(code.at(source.data, j), bytes_.as_pointer())
                numbers = builder.uitofp(builder.load(place, align=1), code.vector)
                scaled = code.multiply(numbers, code.in_every_lane(arguments[1]))
                code.store(scaled, code.at(target.data, builder.mul(j, _INT(_DOUBLE))), align=_DOUBLE)
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
        _, size = _two(builder, array.shape)
        step, _ = _two(builder, array.strides)
        start = builder.gep(builder.bitcast(array.data, _BYTES), [builder.mul(arguments[1], step)])
        hint = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, ir.FunctionType(ir.VoidType(), [_BYTES, *[_INT32] * 3]), "llvm.prefetch.p0"
        )
        with cgutils.for_range_slice(builder, _INT(0), size, _INT(_CACHE_LINE), _INT) as (offset, _):
            # To be read, kept in all levels, data rather than code.
            builder.call(hint, [builder.gep(start, [offset]), _INT32(0), _INT32(3), _INT32(1)])
        return context.get_dummy_value()

    return types.void(images, types.int64), emit


fetch_ahead: Any = intrinsic(_fetch_ahead)


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
        done: Any = _INT(0)
        for lanes in (width // _SINGLE, 1):
            code = _Code(builder, ir.FloatType(), lanes, _SINGLE)
            s, t = (code.in_every_lane(number) for number in arguments[2:4])
            end = builder.sub(size, builder.srem(size, _INT(lanes)))
            with cgutils.for_range_slice(builder, done, end, _INT(lanes), _INT) as (j, _):
                offset = builder.mul(j, _INT(_SINGLE))
                values = [code.load(code.at(array.data, offset), align=_SINGLE) for array in (a, b)]
                code.store(compute(code, *values, s, t), code.at(out.data, offset), align=_SINGLE)
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
        code = _Code(builder, ir.FloatType(), width // _SINGLE, _SINGLE)
        s, t = (code.in_every_lane(number) for number in arguments[1:3])
        height, _ = _two(builder, a.shape)
        a_step, _ = _two(builder, a.strides)
        out_step, _ = _two(builder, out.strides)
        corner = code.at(out.data, builder.mul(arguments[4], _INT(_SINGLE)))
        with cgutils.for_range(builder, height) as loop:
            here = code.at(a.data, builder.mul(loop.index, a_step))
            there = code.at(corner, builder.mul(loop.index, out_step))
            for v in range(vectors):
                value = code.load(code.at(here, _INT(v * width)), align=width)
                place = code.at(there, _INT(v * width))
                code.store(compute(code, value, code.load(place, _SINGLE), s, t), place, align=_SINGLE)
        return context.get_dummy_value()

    @intrinsic
    def apply(_context, a, s, t, out, column):  # type: ignore[no-untyped-def]
        return types.void(a, types.float32, types.float32, out, types.int64), emit

    return apply


def _vector_at(_context, address, size):  # type: ignore[no-untyped-def]
    """The contiguous float32 array, shape (size,), whose first number lies at `address`."""
    array = types.Array(types.float32, 1, "C")

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _place(context, builder, array, arguments[0], [arguments[1]], [_INT(_SINGLE)])

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
        array, data=data, shape=list(shape), strides=list(strides), itemsize=_INT(_SINGLE), meminfo=None
    )
    return array._getvalue()


def _two(builder: Any, pair: Any) -> tuple[Any, Any]:
    """The parts of a matrix's shape or strides."""
    first, second = cgutils.unpack_tuple(builder, pair, 2)  # type: ignore[no-untyped-call]
    return first, second


class _Code:
    """Instructions on vectors of `lanes` numbers."""

    def __init__(self, builder: Any, scalar: Any, lanes: int, size: int) -> None:
        self._builder = builder
        self._scalar = scalar
        self._lanes = lanes
        self._size = size
        self.vector = ir.VectorType(scalar, lanes)
        self._fma = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, ir.FunctionType(self.vector, [self.vector] * 3), f"llvm.fma.v{lanes}f{8 * size}"
        )

    def bytes(self, pointer: Any) -> Any:
        return self._builder.bitcast(pointer, _BYTES)

    def at(self, pointer: Any, offset: Any) -> Any:
        """The place `offset` bytes on."""
        return self._builder.gep(self.bytes(pointer), [offset])

    def rows_from(self, data: Any, first: Any, rows: int, height: Any, step: Any) -> list[Any]:
        """Where `rows` rows from `first` on begin; the last one of all stands in for those beyond it."""
        last = self._builder.sub(height, _INT(1))
        places = []
        for r in range(rows):
            wanted = self._builder.add(first, _INT(r))
            inside = self._builder.select(self._builder.icmp_signed("<", wanted, last), wanted, last)
            places.append(self.at(data, self._builder.mul(inside, step)))
        return places

    def running(self, kind: Any, *incoming: tuple[Any, Any]) -> Any:
        """A value that changes from turn to turn of a loop."""
        value = self._builder.phi(kind)
        for start, block in incoming:
            value.add_incoming(start, block)
        return value

    def accumulate(self, count: int, end: Any, add: Callable[[Any, list[Any]], list[Any]]) -> list[Any]:
        """`count` vectors that start at 0 and are changed for all lanes of elements before `end`, at least one.

        `add` gets the offset in bytes of a vector's first element, and the vectors so far.
        """
        before = self._builder.block
        loop = self._builder.append_basic_block("loop")
        after = self._builder.append_basic_block("after")
        self._builder.branch(loop)
        self._builder.position_at_end(loop)
        j = self.running(_INT, (_INT(0), before))
        totals = [self.running(self.vector, (ir.Constant(self.vector, None), before)) for _ in range(count)]
        added = add(self._builder.mul(j, _INT(self._size)), totals)
        j_next = self._builder.add(j, _INT(self._lanes))
        j.add_incoming(j_next, loop)
        for total, value in zip(totals, added, strict=True):
            total.add_incoming(value, loop)
        self._builder.cbranch(self._builder.icmp_signed("<", j_next, end), loop, after)
        self._builder.position_at_end(after)
        return added

    def total(self, sums: Any) -> Any:
        """The sum of eight partial sums: ((0 + 4) + (1 + 5)) + ((2 + 6) + (3 + 7))."""
        s = [self._builder.extract_element(sums, _INT32(lane)) for lane in range(PARTIAL_SUMS)]
        fours = [self._builder.fadd(s[i], s[i + 4]) for i in range(4)]
        return self.add(self.add(fours[0], fours[1]), self.add(fours[2], fours[3]))

    def store_number(self, value: Any, place: Any) -> None:
        """Store one number."""
        self._builder.store(value, self._builder.bitcast(place, self._scalar.as_pointer()))

    def load(self, place: Any, align: int) -> Any:
        return self._builder.load(self._builder.bitcast(place, self.vector.as_pointer()), align=align)

    def store(self, value: Any, place: Any, align: int) -> None:
        self._builder.store(value, self._builder.bitcast(place, self.vector.as_pointer()), align=align)

    def spread(self, place: Any) -> Any:
        """A vector that holds the number at `place` in every lane."""
        return self.in_every_lane(self._builder.load(self._builder.bitcast(place, self._scalar.as_pointer())))

    def in_every_lane(self, number: Any) -> Any:
        undefined = ir.Constant(self.vector, ir.Undefined)
        first = self._builder.insert_element(undefined, number, _INT32(0))
        lanes = ir.Constant(ir.VectorType(_INT32, self._lanes), [0] * self._lanes)
        return self._builder.shuffle_vector(first, undefined, lanes)

    def interleave(self, a: Any, b: Any, *, upper: bool) -> Any:
        """a0 b0 a1 b1 ... of the vectors' lower or upper halves."""
        first = self._lanes // 2 if upper else 0
        order = [i for lane in range(first, first + self._lanes // 2) for i in (lane, self._lanes + lane)]
        lanes = ir.Constant(ir.VectorType(_INT32, self._lanes), order)
        return self._builder.shuffle_vector(a, b, lanes)

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        return self._builder.call(self._fma, [a, b, c])

    def add(self, a: Any, b: Any) -> Any:
        return self._builder.fadd(a, b)

    def multiply(self, a: Any, b: Any) -> Any:
        return self._builder.fmul(a, b)

    def divide(self, a: Any, b: Any) -> Any:
        return self._builder.fdiv(a, b)

    def zero_where_below_zero(self, a: Any, b: Any, *, or_zero: bool = False) -> Any:
        """a, but 0 where b is below 0, or is 0 itself if so asked; a NaN is not below."""
        zero = ir.Constant(self.vector, None)
        return self._builder.select(self._builder.fcmp_ordered("<=" if or_zero else "<", b, zero), zero, a)
