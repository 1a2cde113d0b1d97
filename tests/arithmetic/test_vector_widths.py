"""The same bits from vectors of any width."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Every kind of training, and the products of layers in both types.
PRINT_HASHES = """
from octrepro.core import numerics
numerics.configure("portable")
from octrepro.pipeline.fingerprint import digest
from octrepro.pipeline.kernels import KERNELS
for name, compute in KERNELS.items():
    if name.startswith("torch") or "compiled" in name or "feed-forward" in name:
        print(name, digest(compute()))
"""

TARGETS = {
    "host": {},
    "AVX2": {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2"},
    # Without AVX there are no fused instructions either, and the C library's function stands in.
    "SSE2": {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+sse2"},
}


@pytest.mark.slow
def test_vector_width_changes_no_bit(tmp_path: Path) -> None:
    printed = {}
    for name, variables in TARGETS.items():
        environment = {**os.environ, **variables, "NUMBA_CACHE_DIR": str(tmp_path / name)}
        result = subprocess.run(
            [sys.executable, "-c", PRINT_HASHES], env=environment, capture_output=True, text=True, check=True
        )
        printed[name] = result.stdout.splitlines()
    assert len(printed["host"]) == 7
    assert printed["host"] == printed["AVX2"] == printed["SSE2"]
