"""Vector instructions for loops that numba compiles, by the few names that the loops here need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.core.registry import cpu_target

INT = ir.IntType(64)
INT32 = ir.IntType(32)
INT16 = ir.IntType(16)
INT8 = ir.IntType(8)
BYTES = INT8.as_pointer()

# The sizes of numbers.
DOUBLE = 8
SINGLE = 4

# In an inner product of single vectors; they are independent, so that the processor works on them at once.
PARTIAL_SUMS = 8


def vector_bytes() -> int:
    """The size of the vector registers that code is compiled for: 64 with AVX-512, else 32.

    Where registers are smaller the compiler takes several for one.
    """
    _, _, features = cpu_target.target_context.codegen().magic_tuple()
    return 64 if "+avx512f" in features.split(",") else 32


def two(builder: Any, pair: Any) -> tuple[Any, Any]:
    """The parts of a matrix's shape or strides."""
    first, second = cgutils.unpack_tuple(builder, pair, 2)  # type: ignore[no-untyped-call]
    return first, second


class Code:
    """Instructions on vectors of `lanes` numbers."""

    def __init__(self, builder: Any, scalar: Any, lanes: int, size: int) -> None:
        self._builder = builder
        self._scalar = scalar
        self._lanes = lanes
        self._size = size
        self.vector = ir.VectorType(scalar, lanes)

    def bytes(self, pointer: Any) -> Any:
        return self._builder.bitcast(pointer, BYTES)

    def at(self, pointer: Any, offset: Any) -> Any:
        """The place `offset` bytes on."""
        return self._builder.gep(self.bytes(pointer), [offset])

    def rows_from(self, data: Any, first: Any, rows: int, height: Any, step: Any) -> list[Any]:
        """Where `rows` rows from `first` on begin; the last one of all stands in for those beyond it."""
        last = self._builder.sub(height, INT(1))
        places = []
        for r in range(rows):
            wanted = self._builder.add(first, INT(r))
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
        """`count` vectors that start at 0 and are changed for each vector of elements before `end`, above 0.

        `add` gets the offset in bytes of a vector's first element, and the vectors so far.
        """
        before = self._builder.block
        loop = self._builder.append_basic_block("loop")
        after = self._builder.append_basic_block("after")
        self._builder.branch(loop)
        self._builder.position_at_end(loop)
        j = self.running(INT, (INT(0), before))
        totals = [self.running(self.vector, (ir.Constant(self.vector, None), before)) for _ in range(count)]
        added = add(self._builder.mul(j, INT(self._size)), totals)
        j_next = self._builder.add(j, INT(self._lanes))
        j.add_incoming(j_next, loop)
        for total, value in zip(totals, added, strict=True):
            total.add_incoming(value, loop)
        self._builder.cbranch(self._builder.icmp_signed("<", j_next, end), loop, after)
        self._builder.position_at_end(after)
        return added

    def total(self, sums: Any) -> Any:
        """The sum of eight partial sums: ((0 + 4) + (1 + 5)) + ((2 + 6) + (3 + 7))."""
        s = [self._builder.extract_element(sums, INT32(lane)) for lane in range(PARTIAL_SUMS)]
        fours = [self._builder.fadd(s[i], s[i + 4]) for i in range(4)]
        return self.add(self.add(fours[0], fours[1]), self.add(fours[2], fours[3]))

    def load_as(self, number: Any, place: Any, count: int) -> Any:
        """`count` numbers of another type, wherever they lie."""
        vector = ir.VectorType(number, count)
        return self._builder.load(self._builder.bitcast(place, vector.as_pointer()), align=1)

    def add_neighbours(self, integers: Any) -> Any:
        """Half as many integers: 0 + 1, 2 + 3, ..."""
        halves = [
            self._builder.shuffle_vector(
                integers,
                ir.Constant(integers.type, ir.Undefined),
                ir.Constant(ir.VectorType(INT32, self._lanes // 2), list(range(first, self._lanes, 2))),
            )
            for first in (0, 1)
        ]
        return self._builder.add(*halves)

    def sum_of_integers(self, integers: Any, count: int) -> Any:
        """All of a vector's integers added up."""
        number = self._builder.extract_element(integers, INT32(0))
        for lane in range(1, count):
            number = self._builder.add(number, self._builder.extract_element(integers, INT32(lane)))
        return number

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
        first = self._builder.insert_element(undefined, number, INT32(0))
        lanes = ir.Constant(ir.VectorType(INT32, self._lanes), [0] * self._lanes)
        return self._builder.shuffle_vector(first, undefined, lanes)

    def interleave(self, a: Any, b: Any, *, upper: bool) -> Any:
        """a0 b0 a1 b1 ... of the vectors' lower or upper halves."""
        first = self._lanes // 2 if upper else 0
        order = [i for lane in range(first, first + self._lanes // 2) for i in (lane, self._lanes + lane)]
        lanes = ir.Constant(ir.VectorType(INT32, self._lanes), order)
        return self._builder.shuffle_vector(a, b, lanes)

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        kind = ir.FunctionType(self.vector, [self.vector] * 3)
        name = f"llvm.fma.v{self._lanes}f{8 * self._size}"
        function = cgutils.get_or_insert_function(self._builder.module, kind, name)  # type: ignore[no-untyped-call]
        return self._builder.call(function, (a, b, c))

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
