"""A training step without the work of finding out each time what to do.

In small batches PyTorch spends longer on recording operations and differentiating them than on the
operations themselves, which are the same in every step. `torch.fx` traces one step, its automatic
differentiation included, into a list of operations; running that list gives the same bits in half the time.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from octrepro.arithmetic.differentiable import IMPLEMENTATIONS

# Makes a step on features and labels: sets the gradient of each parameter, and returns the loss.
Step = Callable[[Tensor, Tensor], float]

# Tracing takes a second or two, most of it to load PyTorch's tracer; a step then saves 0.3 to 0.6 ms.
TRACED_FROM = 3000


def make_step(
    network: nn.Module,
    cross_entropy: Callable[[Tensor, Tensor], Tensor],
    batch: tuple[Tensor, Tensor],
    *,
    traced: bool,
) -> Step:
    """One step on batches of the size of `batch`: forward and gradients; the update is the optimizer's.

    What `network` and `cross_entropy` do must depend on numbers through PyTorch's operations alone. Tracing
    changes no bit: it pays from about `TRACED_FROM` steps on.
    """
    names = [name for name, _ in network.named_parameters()]
    parameters = list(network.parameters())

    def plain(features: Tensor, labels: Tensor, *parameters: Tensor) -> tuple[Tensor, Sequence[Tensor]]:
        scores = functional_call(network, dict(zip(names, parameters, strict=True)), (features,))
        loss = cross_entropy(scores, labels)
        return loss.detach(), torch.autograd.grad(loss, parameters)

    # A trace has the derivatives written out, and nothing is left to differentiate.
    mode = torch.inference_mode if traced else torch.enable_grad
    run = _trace(plain, batch, parameters) if traced else plain

    def step(features: Tensor, labels: Tensor) -> float:
        with mode():
            loss, gradients = run(features, labels, *parameters)
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient
            return loss.item()

    return step


def _trace(
    step: Callable[..., Any], batch: tuple[Tensor, Tensor], parameters: Sequence[nn.Parameter]
) -> Callable[..., Any]:
    """The operations of a step, which is made once: on copies, the random generator put back after it."""
    from torch.fx.experimental.proxy_tensor import make_fx

    copies = [parameter.detach().clone().requires_grad_() for parameter in parameters]
    with torch.random.fork_rng(devices=[]):
        traced = make_fx(step)(*batch, *copies)
    # Leave out what computes nothing, and call our own operations without PyTorch's dispatch.
    for node in traced.graph.nodes:
        if node.target == torch.ops.aten.detach.default:
            node.replace_all_uses_with(node.args[0])
            traced.graph.erase_node(node)
        node.target = IMPLEMENTATIONS.get(node.target, node.target)
    traced.recompile()
    forward: Callable[..., Any] = traced.forward
    return forward
