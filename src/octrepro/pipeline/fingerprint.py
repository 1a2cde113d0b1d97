"""One hash for each kind of computation: ``python -m octrepro.pipeline.fingerprint``.

Two people whose hashes agree get the same results; one that differs names the library at fault.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Any

from octrepro.core import numerics

PACKAGES = ("numpy", "scipy", "numba", "llvmlite", "torch", "matplotlib")
DIGITS = 16


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the hashes, one a line, and one of them all; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m octrepro.pipeline.fingerprint", description=__doc__)
    parser.add_argument("--json", action="store_true", help="for a program to read")
    options = parser.parse_args(arguments)
    numerics.configure("portable")
    hashes = fingerprints()
    if options.json:
        print(json.dumps(hashes, indent=2))
        return 0
    width = max(map(len, hashes))
    for name, value in hashes.items():
        print(f"{name:{width}}  {value}")
    print(f"{'all':{width}}  {combined(hashes.values())}")
    print(f"\n{processor()}; Python {platform.python_version()}, {', '.join(map(_version, PACKAGES))}")
    if not numerics.covers_this_processor():
        print("This processor is outside the promise of equal bits (x86-64 with AVX2 and FMA).")
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
