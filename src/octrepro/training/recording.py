"""Recording what PyTorch does in one step, to do it again without PyTorch finding out each time what to do.

A step of a fixed network on batches of a fixed size is the same operations on the same places in memory each
time, and only the numbers there change. Automatic differentiation finds the operations once, as it does in
any step; a recording keeps them, and every tensor that they read or wrote, and carries them out again. What a
CUDA graph is on a GPU, this is on the processor: the bits are those of the step itself, because each
operation is PyTorch's own, or one of `octrepro.models.tape`, which gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from octrepro.models import portable_linear  # noqa: F401  # defines its operations
from octrepro.models.mersenne_twister import Stream
from octrepro.models.tape import Code, Operation, Place, Tape

aten = torch.ops.aten
ours = torch.ops.octrepro

# These only make room, or numbers that are the same each time.
_CONSTANT = {aten.empty_like.default, aten.ones_like.default, aten.zeros_like.default}


@dataclass(frozen=True)
class Call:
    """One operation that PyTorch carried out, with the tensors themselves."""

    function: Any
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    results: tuple[torch.Tensor, ...]

    def value(self, name: str) -> Any:
        """An argument by its name; PyTorch leaves out those that are at their defaults."""
        for position, argument in enumerate(self.function._schema.arguments):
            if argument.name == name:
                given = position < len(self.arguments)
                default = self.named.get(name, argument.default_value)
                return self.arguments[position] if given else default
        raise KeyError(name)

    @property
    def is_view(self) -> bool:
        """Whether the result is another look at the same memory, and nothing is computed."""
        results = self.function._schema.returns
        return any(result.alias_info is not None and not result.alias_info.is_write for result in results)

    @property
    def read(self) -> set[int]:
        """Where the tensors given to it lie."""
        return {value.data_ptr() for value in self.arguments if isinstance(value, torch.Tensor)}

    @property
    def written(self) -> set[int]:
        """Where the tensors that it changed lie."""
        return {tensor.data_ptr() for tensor in self.results} if self.function._schema.is_mutable else set()

    @property
    def is_random(self) -> bool:
        """Whether a random generator is drawn from."""
        return torch.Tag.nondeterministic_seeded in self.function.tags


class Recording:
    """The operations of one call of `step`, which is called here, and can then be replayed.

    Parameters
    ----------
    step
        Runs on the CPU. What it does must not depend on numbers in its tensors, but through PyTorch's
        operations; it returns no tensors, but writes to ones that exist, or keeps them.
    stream
        The random numbers of the replays, from where PyTorch's generator will stand. They are drawn here as
        long as `step` draws nothing but dropout's masks, else by PyTorch.
    """

    def __init__(self, step: Callable[[], None], stream: Stream) -> None:
        recorder = _Recorder()
        with recorder:
            step()
        # Keeps the tensors, whose memory the replays work in.
        self._calls = [call for call in recorder.calls if not call.is_view and call.function not in _CONSTANT]
        draws = all(call.function == aten.bernoulli_.float for call in self._calls if call.is_random)
        steps = [_translate(call, draws=draws) or _by_pytorch(call) for call in self._calls]
        self._parts = list(_joined(_with_steps_by_products(self._calls, steps), stream))

    def replay(self) -> None:
        """Do what `step` did, with the numbers that its tensors hold now."""
        for part in self._parts:
            part()


class _Recorder(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Nothing is compiled by PyTorch here, and its compiler takes a second to load.
        return False

    def __torch_dispatch__(
        self, function: Any, kinds: Any, arguments: tuple[Any, ...] = (), named: dict[str, Any] | None = None
    ) -> Any:
        results = function(*arguments, **(named or {}))
        self.calls.append(Call(function, arguments, named or {}, _as_tuple(results)))
        return results


# ---- operations that PyTorch carries out again ----


def _by_pytorch(call: Call) -> Callable[[], None]:
    """Do an operation again, its results going to the tensors they went to."""
    if call.function._schema.is_mutable:
        return partial(call.function, *call.arguments, **call.named)
    variant = _variant_with_places(call.function)
    if variant:
        places = [argument.name for argument in variant._schema.arguments if argument.is_out]
        return partial(variant, *call.arguments, **call.named, **dict(zip(places, call.results, strict=True)))

    def call_and_copy() -> None:
        results = call.function(*call.arguments, **call.named)
        for kept, result in zip(call.results, _as_tuple(results), strict=True):
            kept.copy_(result)

    return call_and_copy


def _variant_with_places(function: Any) -> Any:
    """The form of a PyTorch operation that is told where to write, if there is one."""
    wanted = [(argument.name, str(argument.type)) for argument in function._schema.arguments]
    for name in function.overloadpacket.overloads():
        variant = getattr(function.overloadpacket, name)
        arguments = variant._schema.arguments
        given = [(argument.name, str(argument.type)) for argument in arguments if not argument.is_out]
        if given == wanted and len(arguments) - len(given) == len(function._schema.returns):
            return variant
    return None


def _as_tuple(results: Any) -> tuple[torch.Tensor, ...]:
    return results if isinstance(results, tuple) else (results,)


# ---- operations that a tape carries out ----


def _translate(call: Call, *, draws: bool) -> Operation | None:
    """An operation as a tape's, or None where a tape has none that gives the same bits."""
    translation = _TRANSLATIONS.get(call.function)
    tensors = [value for value in (*call.arguments, *call.results) if isinstance(value, torch.Tensor)]
    if translation is None or not all(tensor.dtype == torch.float32 for tensor in tensors):
        return None
    if call.function == ours.product.default:
        return translation(call)
    if not all(tensor.is_contiguous() for tensor in tensors) or (call.is_random and not draws):
        return None
    return translation(call)


def _product(call: Call) -> Operation:
    return Operation(Code.PRODUCT, tuple(_place(x) for x in (*call.arguments, *call.results)))


def _column_sums(call: Call) -> Operation:
    return Operation(Code.COLUMN_SUMS, _flat(call.arguments[0], call.results[0]))


def _add(call: Call) -> Operation | None:
    a, b, factor = call.value("self"), call.value("other"), float(call.value("alpha"))
    if not isinstance(b, torch.Tensor):
        return None
    if a.shape == b.shape:
        return Operation(Code.ADD_MULTIPLE, _flat(a, b, call.results[0]), (factor,))
    if b.dim() == 1 and a.dim() == 2 and b.shape[0] == a.shape[1] and factor == 1:
        return Operation(Code.ADD_ROW, _flat(a, b, call.results[0]))
    return None


def _multiply(call: Call) -> Operation | None:
    a, b = call.arguments
    if not isinstance(b, torch.Tensor) or a.shape != b.shape:
        return None
    return Operation(Code.MULTIPLY, _flat(a, b, call.results[0]))


def _divide(call: Call) -> Operation:
    a, out = call.arguments[0], call.results[0]
    return Operation(Code.DIVIDE, _flat(a, a, out), (float(call.value("other")),))


def _relu(call: Call) -> Operation:
    a, out = call.arguments[0], call.results[0]
    return Operation(Code.RELU, _flat(a, a, out))


def _relu_gradient(call: Call) -> Operation | None:
    gradient, result = call.value("grad_output"), call.value("self")
    if call.value("threshold") != 0:
        return None
    return Operation(Code.RELU_GRADIENT, _flat(gradient, result, call.results[0]))


def _bernoulli(call: Call) -> Operation:
    return Operation(Code.BERNOULLI, _flat(call.results[0]), (float(call.value("p")),))


_TRANSLATIONS: dict[Any, Callable[[Call], Operation | None]] = {
    ours.product.default: _product,
    ours.column_sums.default: _column_sums,
    aten.add.Tensor: _add,
    aten.add_.Tensor: _add,
    aten.mul.Tensor: _multiply,
    aten.div_.Scalar: _divide,
    aten.relu.default: _relu,
    aten.threshold_backward.default: _relu_gradient,
    aten.bernoulli_.float: _bernoulli,
}


def _place(matrix: torch.Tensor) -> Place:
    rows, columns = matrix.shape
    row_step, column_step = (stride * matrix.element_size() for stride in matrix.stride())
    return Place(matrix.data_ptr(), (rows, columns), (row_step, column_step))


def _flat(*tensors: torch.Tensor) -> tuple[Place, ...]:
    return tuple(_place(tensor.detach().view(1, -1)) for tensor in tensors)


Step = Operation | Callable[[], None]


def _with_steps_by_products(calls: Sequence[Call], steps: Sequence[Step]) -> list[Step]:
    """Make one of a weight's gradient and its update, where the gradient is used for nothing else."""
    merged: dict[int, Step | None] = {}
    for i, product in enumerate(steps):
        if not isinstance(product, Operation) or product.code != Code.PRODUCT:
            continue
        *factors, gradient = product.places
        chain = _additions_after(i, gradient.address, calls, steps)
        if not chain:
            continue
        last = steps[chain[-1]]
        assert isinstance(last, Operation)
        target = last.places[2].address
        written = {address for call in calls[i : chain[-1]] for address in call.written}
        if written & {target, *(factor.address for factor in factors)}:
            continue
        numbers = [step.numbers[0] for step in (steps[j] for j in chain) if isinstance(step, Operation)]
        merged |= dict.fromkeys([i, *chain], None)
        places = (*factors, replace(gradient, address=target))
        merged[chain[-1]] = Operation(Code.STEP_BY_PRODUCT, places, tuple(reversed(numbers)))
    chosen = [merged.get(i, step) for i, step in enumerate(steps)]
    return [step for step in chosen if step is not None]


def _additions_after(
    i: int, gradient: int, calls: Sequence[Call], steps: Sequence[Step]
) -> list[int] | None:
    """Where a gradient made by call `i` is added to a weight: [update], or [L2's addition, update]."""
    chain: list[int] = []
    while len(chain) < 2:
        uses = [j for j in range(i + 1, len(calls)) if gradient in calls[j].read]
        step = steps[uses[0]] if len(uses) == 1 else None
        if not isinstance(step, Operation) or step.code != Code.ADD_MULTIPLE:
            return None
        chain.append(uses[0])
        a, b, out = (place.address for place in step.places)
        if b == gradient and out == a:
            return chain
        if a != gradient or out in (a, b):
            return None
        gradient = out
    return None


def _joined(operations: Iterable[Step], stream: Stream) -> Iterable[Callable[[], None]]:
    """Neighbouring operations of ours as one tape."""
    for is_ours, group in groupby(operations, lambda operation: isinstance(operation, Operation)):
        if is_ours:
            yield Tape([operation for operation in group if isinstance(operation, Operation)], stream).run
        else:
            yield from group
