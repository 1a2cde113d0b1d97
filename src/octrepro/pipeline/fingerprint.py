"""One hash for each kind of computation.

Two people whose hashes agree get the same results; one that differs names the library at fault.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from importlib import metadata
from typing import Any

from octrepro.core import numerics

PACKAGES = ("numpy", "scipy", "numba", "llvmlite", "torch", "matplotlib")
DIGITS = 16


def show(*, as_json: bool) -> None:
    """Print the hashes, one a line, and one of them all; or as JSON for a program to read."""
    numerics.configure("portable")
    hashes = fingerprints()
    if as_json:
        print(json.dumps(hashes, indent=2))
        return
    width = max(map(len, hashes))
    for name, value in hashes.items():
        print(f"{name:{width}}  {value}")
    print(f"{'all':{width}}  {combined(hashes.values())}")
    print(f"\n{processor()}; Python {platform.python_version()}, {', '.join(map(_version, PACKAGES))}")
    if not numerics.covers_this_processor():
        print(f"This processor is outside the promise of equal bits ({numerics.COVERED}).")


def fingerprints() -> dict[str, str]:
    """The hash of what every kernel computes, by name.

    Raises
    ------
    RuntimeError
        When numerics are not configured as `portable` before NumPy is loaded.
    """
    numerics.configure("portable")
    from octrepro.pipeline.kernels import KERNELS

    return {name: digest(compute()) for name, compute in KERNELS.items()}


def digest(results: Iterable[Any]) -> str:
    """The start of the SHA-256 over types, shapes and bytes of `results` (arrays or bytes)."""
    total = hashlib.sha256()
    for result in results:
        if not isinstance(result, bytes):
            total.update(f"{result.dtype.str}{result.shape}".encode())
            result = result.tobytes()
        total.update(result)
    return total.hexdigest()[:DIGITS]


def combined(hashes: Iterable[str]) -> str:
    """One hash of several."""
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()[:DIGITS]


def processor() -> str:
    """The processor's name."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
            return next(named, platform.machine())
    except OSError:
        return platform.processor() or platform.machine()


def _version(package: str) -> str:
    # A build of the same version, such as 2.13.0+cpu, is another computation: say which.
    return f"{package} {metadata.version(package)}"
