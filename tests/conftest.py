"""Numerics are set up before anything imports NumPy, as the stages do; any test may build a project."""

from octrepro.core import numerics

numerics.configure("portable")

pytest_plugins = ("tests.pipeline.project", "tests.pipeline.toy")
