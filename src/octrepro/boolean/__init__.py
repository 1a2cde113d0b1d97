"""Question 3: which networks compute f, how robustly, and where one perceptron is enough.

`parse_expression` reads the integer expressions of a construction; `verification.verify` gives the verdict
on one, `separability.table` the answer for single perceptrons. NumPy is imported by the modules that
compute, not here.
"""

from octrepro.boolean.expressions import Expression, parse_expression

__all__ = ["Expression", "parse_expression"]
