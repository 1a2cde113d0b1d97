"""The numbers: every operation whose bits would otherwise depend on the processor is computed here.

The promise is that a training run gives the same bits on x86-64 (with AVX2) and on aarch64. Whose is what:

- **Ours**, plain loops compiled by numba: matrix products, inner products and sums (`products`, `sums`),
  exponential, logarithm and hyperbolic tangent (`elementary`), softmax and cross-entropy with its gradient
  (`softmax`), Adam's step with its square root (`adam`). PyTorch and NumPy compute these with vector code
  that is chosen by processor and rounds or orders operations differently on each.
- **PyTorch's**: automatic differentiation; initial weights, permutations and dropout masks, which come from
  integer arithmetic; what is one IEEE 754 operation on each number, such as sums and products element by
  element, ReLU and its gradient, and the step of plain gradient descent, one fused multiply-add.
- **NumPy's**: the legacy generator, integers, comparisons, and single operations element by element. Never
  `sum`, `mean`, `exp`, `dot` or `@` of floating-point numbers.

Why the bits agree: IEEE 754 defines the results of addition, multiplication, division, square root and fused
multiply-add, so whoever fixes which operation is done on which operands fixes every bit. Each loop here
writes its order out. Without ``fastmath``, LLVM may compute neighboring elements in one vector, but neither
reorders a sum nor contracts a multiplication and an addition. Where one rounding is wanted instead of two,
`fma` says so, the only instruction that is emitted here by hand.
"""
