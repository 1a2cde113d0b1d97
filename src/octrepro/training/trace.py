"""A training step without the work of finding out each time what to do.

In small batches PyTorch spends longer on recording operations and differentiating them than on the
operations themselves, which are the same in every step. `torch.fx` traces one step, its automatic
differentiation included, into a list of operations; running that list gives the same bits in half the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import fx, nn
from torch.func import functional_call

from octrepro.arithmetic.differentiable import IMPLEMENTATIONS

Tensor = torch.Tensor
Update = Callable[[Sequence[Tensor], Sequence[Tensor]], None]


# Tracing takes a second or two, most of it to load PyTorch's tracer; a step then saves 0.3 to 0.6 ms.
TRACED_FROM = 3000


class Step:
    """One step on a batch of one size: forward, gradients and, for plain gradient descent, the update.

    Parameters
    ----------
    network, cross_entropy
        What is differentiated. What they do must depend on numbers through PyTorch's operations alone.
    update
        Changes parameters in place, given their gradients, by the same operations each time; None if the
        gradients are wanted instead.
    batch
        Features and labels of such a batch.
    traced
        Whether to trace, which changes no bit: it pays from about `TRACED_FROM` steps on.
    """

    def __init__(
        self,
        network: nn.Module,
        cross_entropy: Callable[[Tensor, Tensor], Tensor],
        update: Update | None,
        batch: tuple[Tensor, Tensor],
        *,
        traced: bool,
    ) -> None:
        names = [name for name, _ in network.named_parameters()]
        self._parameters = list(network.parameters())

        def step(features: Tensor, labels: Tensor, *parameters: Tensor) -> tuple[Tensor, Sequence[Tensor]]:
            scores = functional_call(network, dict(zip(names, parameters, strict=True)), (features,))
            loss = cross_entropy(scores, labels)
            gradients = torch.autograd.grad(loss, parameters)
            if update is None:
                return loss.detach(), gradients
            update(parameters, gradients)
            return loss.detach(), ()

        # A trace has the derivatives written out, and nothing is left to differentiate.
        self._mode = torch.inference_mode if traced else torch.enable_grad
        self._run = _trace(step, batch, self._parameters) if traced else step

    def __call__(self, features: Tensor, labels: Tensor) -> tuple[float, Sequence[Tensor]]:
        """Make the step; return its loss, measured before the update, and the gradients if wanted."""
        with self._mode():
            loss, gradients = self._run(features, labels, *self._parameters)
            return loss.item(), gradients


def _trace(
    step: Callable[..., Any], batch: tuple[Tensor, Tensor], parameters: Sequence[nn.Parameter]
) -> Callable[..., Any]:
    """The operations of a step, which is made once: on copies, the random generator put back after it."""
    from torch.fx.experimental.proxy_tensor import make_fx

    copies = [parameter.detach().clone().requires_grad_() for parameter in parameters]
    with torch.random.fork_rng(devices=[]):
        traced = make_fx(step)(*batch, *copies)
    _simplify(traced.graph)
    traced.recompile()
    forward: Callable[..., Any] = traced.forward
    return forward


def _simplify(graph: fx.Graph) -> None:
    """Leave out what computes nothing, and call our own operations without PyTorch's dispatch."""
    for node in graph.nodes:
        if node.target == torch.ops.aten.detach.default:
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)
        node.target = IMPLEMENTATIONS.get(node.target, node.target)
