"""The innermost loops of a matrix product.

Compilers do not keep a block of results in registers over a loop that is written in Python, and choose
vectors by processor, so the instructions are spelled out here. What they compute is plain:

    c = fma(a[row, k], b[k, column], c)   for k = 0, 1, 2, ...

where fma rounds once, as IEEE 754 defines it. A vector holds neighbouring columns, so its width, like the
block's shape, decides how many elements are computed at once, and nothing about any of them.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from octrepro.models.instructions import BYTES, INT, Code, two


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
        code = Code(builder, scalar, width // size, size)
        height, _ = two(builder, a.shape)
        row_step, column_step = two(builder, a.strides)
        depth, _ = two(builder, panel.shape)
        panel_step, _ = two(builder, panel.strides)
        c_step, _ = two(builder, c.strides)

        first = code.at(a.data, builder.mul(start, column_step))
        starts = code.rows_from(first, row, rows, height, row_step)
        corner = code.at(code.at(c.data, builder.mul(c_row, c_step)), builder.mul(c_column, INT(size)))
        results = [
            code.at(code.at(corner, builder.mul(INT(r), c_step)), INT(v * width))
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
        zero, empty = INT(0), ir.Constant(code.vector, None)
        k = code.running(INT, (zero, before), (zero, loading))
        a_offset = code.running(INT, (zero, before), (zero, loading))
        panel_row = code.running(BYTES, (top, before), (top, loading))
        sums = [code.running(code.vector, (empty, before), (value, loading)) for value in present]
        columns = [code.load(code.at(panel_row, INT(v * width)), align=width) for v in range(vectors)]
        added = []
        for r in range(rows):
            factor = code.spread(code.at(starts[r], a_offset))
            added += [code.fma(factor, columns[v], sums[r * vectors + v]) for v in range(vectors)]
        k_next = builder.add(k, INT(1))
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
        code = Code(builder, scalar, lanes, size)
        _, b_step = two(builder, b.strides)
        panel_step, _ = two(builder, panel.strides)
        source = code.at(code.at(b.data, builder.mul(row, INT(size))), builder.mul(column, b_step))
        target = code.at(
            code.at(panel.data, builder.mul(panel_row, panel_step)), builder.mul(panel_column, INT(size))
        )
        vectors = [code.load(code.at(source, builder.mul(INT(i), b_step)), align=size) for i in range(lanes)]
        # Interleaving the first half with the second moves one bit of the place in a vector to the number
        # of the vector; when all have moved, the square is turned.
        for _ in range(lanes.bit_length() - 1):
            half = lanes // 2
            vectors = [
                code.interleave(vectors[i // 2], vectors[i // 2 + half], upper=bool(i % 2))
                for i in range(lanes)
            ]
        for i, vector in enumerate(vectors):
            code.store(vector, code.at(target, builder.mul(INT(i), panel_step)), align=size)
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
        code = Code(builder, scalar, width // size, size)
        b_step, _ = two(builder, b.strides)
        depth, _ = two(builder, panel.shape)
        panel_step, _ = two(builder, panel.strides)
        source = code.at(code.at(b.data, builder.mul(row, b_step)), builder.mul(column, INT(size)))
        with cgutils.for_range(builder, depth) as loop:
            here, there = (
                code.at(start, builder.mul(loop.index, step))
                for start, step in ((source, b_step), (panel.data, panel_step))
            )
            for v in range(vectors):
                value = code.load(code.at(here, INT(v * width)), align=size)
                code.store(value, code.at(there, INT(v * width)), align=width)
        return context.get_dummy_value()

    @intrinsic
    def copy(_context, b, row, column, panel):  # type: ignore[no-untyped-def]
        index = types.int64
        return types.void(b, index, index, panel), emit

    return copy
