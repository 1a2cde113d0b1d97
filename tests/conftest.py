"""Numerics are set up before anything imports NumPy, as the stages do."""

from octrepro.core import numerics

numerics.configure("portable")
