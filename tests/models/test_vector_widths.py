"""The same bits from vectors of any width."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Every kind of training with compiled loops, and the products of layers in both types.
PRINT_HASHES = """
from octrepro.core import numerics
numerics.configure("portable")
from octrepro.models.instructions import vector_bytes
from octrepro.pipeline.fingerprint import digest
from octrepro.pipeline.kernels import KERNELS
print(vector_bytes())
for name, compute in KERNELS.items():
    if name.startswith("torch") or "compiled" in name or "feed-forward" in name:
        print(name, digest(compute()))
"""

TOLD = {
    "as it is": {},
    "AVX2": {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2"},
    # Without AVX there are no fused instructions either, and the C library's function stands in.
    "SSE2": {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+sse2"},
}


@pytest.mark.slow
def test_vectors_of_any_width_give_the_same_bits(tmp_path: Path) -> None:
    printed = {}
    for name, variables in TOLD.items():
        environment = {**os.environ, **variables, "NUMBA_CACHE_DIR": str(tmp_path / name.replace(" ", "-"))}
        result = subprocess.run(
            [sys.executable, "-c", PRINT_HASHES], env=environment, capture_output=True, text=True, check=True
        )
        printed[name] = result.stdout.splitlines()
    assert printed["AVX2"][0] == printed["SSE2"][0] == "32"
    hashes = [lines[1:] for lines in printed.values()]
    assert len(hashes[0]) == 7
    assert hashes[0] == hashes[1] == hashes[2]
