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

# These make numbers that are the same each time.
_CONSTANT = {aten.ones_like.default, aten.zeros_like.default}


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
        """The memory of the tensors given to it."""
        given = [*self.arguments, *self.named.values()]
        flat = [part for value in given for part in (value if isinstance(value, list | tuple) else [value])]
        return {_memory(value) for value in flat if isinstance(value, torch.Tensor)}

    @property
    def written(self) -> set[int]:
        """The memory of the tensors that it changed, which existed before."""
        return {_memory(tensor) for tensor in self.results} if self.function._schema.is_mutable else set()

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
        operations; it returns no tensors, but writes to ones that exist, or keeps them. A gradient that is
        only added to a weight is not among what replays write.
    stream
        The random numbers of the replays, from where PyTorch's generator will stand. They are drawn here as
        long as `step` draws nothing but dropout's masks, else by PyTorch.
    """

    def __init__(self, step: Callable[[], None], stream: Stream) -> None:
        recorder = _Recorder()
        with recorder:
            step()
        # Keeps the tensors, whose memory the replays work in.
        self._calls = _computing(recorder.calls)
        draws = all(call.function == aten.bernoulli_.float for call in self._calls if call.is_random)
        steps = [_translate(call, draws=draws) or _by_pytorch(call) for call in self._calls]
        self._parts = list(_joined(_with_steps_by_products(self._calls, steps), stream))

    def replay(self) -> None:
        """Do what `step` did, with the numbers that its tensors hold now."""
        for part in self._parts:
            part()


def _computing(calls: Sequence[Call]) -> list[Call]:
    """The calls that have to be made again."""
    written = {memory for call in calls for memory in call.written}

    def is_idle(call: Call) -> bool:
        made_once = call.function in _CONSTANT and _memory(call.results[0]) not in written
        return call.is_view or made_once or call.function == aten.empty_like.default

    return [call for call in calls if not is_idle(call)]


def _memory(tensor: torch.Tensor) -> int:
    """Where the memory begins that a tensor and all views of it share."""
    return tensor.untyped_storage().data_ptr()


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[Call] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Nothing is compiled by PyTorch here, and its compiler takes a second to load.
        return False

    def __torch_dispatch__(
        self, function: Any, kinds: Any, arguments: tuple[Any, ...] = (), named: dict[str, Any] | None = None
    ) -> Any:
        results = function(*arguments, **(named or {}))
        # Detached, they are the same memory, and what is done with them again is not differentiated.
        given = tuple(_detached(value) for value in arguments)
        given_by_name = {name: _detached(value) for name, value in (named or {}).items()}
        kept = tuple(_detached(result) for result in _as_tuple(results))
        self.calls.append(Call(function, given, given_by_name, kept))
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


def _detached(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_detached(part) for part in value]
    return value.detach() if isinstance(value, torch.Tensor) else value


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
    return tuple(_place(tensor.view(1, -1)) for tensor in tensors)


Step = Operation | Callable[[], None]


def _with_steps_by_products(calls: Sequence[Call], steps: Sequence[Step]) -> list[Step]:
    """Make one of a weight's gradient and its update, where the gradient is used for nothing else."""
    kept: dict[int, Step] = dict(enumerate(steps))
    for i, product in enumerate(steps):
        if not isinstance(product, Operation) or product.code != Code.PRODUCT:
            continue
        positions = _additions_of(i, calls, steps)
        if not positions:
            continue
        last = positions[-1]
        written = {memory for call in calls[i:last] for memory in call.written}
        if written & (calls[i].read | calls[last].written):
            continue
        for merged in (i, *positions):
            del kept[merged]
        # The update's factor first, then that of L2.
        factors = [float(calls[position].value("alpha")) for position in reversed(positions)]
        *places, gradient = product.places
        target = replace(gradient, address=calls[last].results[0].data_ptr())
        kept[last] = Operation(Code.STEP_BY_PRODUCT, (*places, target), tuple(factors))
    return [kept[i] for i in sorted(kept)]


def _additions_of(made: int, calls: Sequence[Call], steps: Sequence[Step]) -> list[int]:
    """Where a gradient is added to its weight: the update, with L2's addition before it if there is one.

    Nowhere, if the gradient, which call `made` made, is used in another way.
    """
    positions: list[int] = []
    gradient = calls[made].results[0]
    while len(positions) < 2:
        uses = [i for i in range(made + 1, len(calls)) if _memory(gradient) in calls[i].read]
        step = steps[uses[0]] if len(uses) == 1 else None
        if not isinstance(step, Operation) or step.code != Code.ADD_MULTIPLE:
            break
        call = calls[uses[0]]
        positions.append(uses[0])
        a, b = _memory(call.value("self")), _memory(call.value("other"))
        if b == _memory(gradient) and call.written == {a}:
            return positions
        if a != _memory(gradient) or b == a or call.written:
            break
        gradient = call.results[0]
    return []


def _joined(steps: Iterable[Step], stream: Stream) -> Iterable[Callable[[], None]]:
    """Neighbouring operations of ours as one tape."""
    for _, group in groupby(steps, lambda step: isinstance(step, Operation)):
        neighbours = list(group)
        operations = [step for step in neighbours if isinstance(step, Operation)]
        if operations:
            yield Tape(operations, stream).run
        else:
            yield from (step for step in neighbours if not isinstance(step, Operation))
