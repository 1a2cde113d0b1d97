"""A training step without the work of finding out each time what to do.

In small batches PyTorch spends longer on recording operations and differentiating them than on the
operations themselves, which are the same in every step. `torch.fx` traces one step, its automatic
differentiation included, into a list of operations; running that list gives the same bits in half the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import fx, nn
from torch.func import functional_call
from torch.fx.experimental.proxy_tensor import make_fx

from octrepro.arithmetic.differentiable import IMPLEMENTATIONS

Tensor = torch.Tensor
Update = Callable[[Sequence[Tensor], Sequence[Tensor]], None]


class TracedStep:
    """One step on a batch of one size: forward, gradients and, for plain gradient descent, the update.

    Parameters
    ----------
    network, cross_entropy
        What is differentiated. What they do must depend on numbers through PyTorch's operations alone.
    update
        Changes parameters in place, given their gradients, by the same operations each time; None if the
        gradients are wanted instead.
    batch
        Features and labels to trace with.
    """

    def __init__(
        self,
        network: nn.Module,
        cross_entropy: Callable[[Tensor, Tensor], Tensor],
        update: Update | None,
        batch: tuple[Tensor, Tensor],
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

        # Tracing makes the step once: on copies, and with the random generator put back after it.
        copies = [parameter.detach().clone().requires_grad_() for parameter in self._parameters]
        with torch.random.fork_rng(devices=[]):
            traced = make_fx(step)(*batch, *copies)
        _simplify(traced.graph)
        traced.recompile()
        self._run: Callable[..., tuple[Tensor, Sequence[Tensor]]] = traced.forward

    def __call__(self, features: Tensor, labels: Tensor) -> tuple[float, Sequence[Tensor]]:
        """Make the step; return its loss, measured before the update, and the gradients if wanted."""
        with torch.inference_mode():
            loss, gradients = self._run(features, labels, *self._parameters)
            return loss.item(), gradients


def _simplify(graph: fx.Graph) -> None:
    """Leave out what computes nothing, and call our own operations without PyTorch's dispatch."""
    for node in graph.nodes:
        if node.target == torch.ops.aten.detach.default:
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)
        node.target = IMPLEMENTATIONS.get(node.target, node.target)
