"""One place that decides how numbers are computed, set before any library loads.

Floating-point sums depend on their order, and libraries choose the order by processor and by number of
threads. `portable` pins both: one thread, and in each library the kernels that every x86-64 processor with
AVX2 and FMA has, or every aarch64 processor.
"""

import os
import platform
import sys
from pathlib import Path
from typing import Literal

Mode = Literal["portable", "native"]

# A second thread splits a sum in two: other bits. Parallelism comes from running stages side by side.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")}

# The kernels of AVX2 and FMA, which every x86-64 server and desktop processor since 2015 has. NumPy is held
# to its baseline: nearly the same speed, and no gather instructions, which QEMU 7.2 misreads.
AVX2_KERNELS = {
    "OPENBLAS_CORETYPE": "Haswell",
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "COMPATIBLE",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
}

# The kernels of NEON, which every 64-bit ARM processor has; none of SVE's.
NEON_KERNELS = {
    "OPENBLAS_CORETYPE": "ARMV8",
    "ATEN_CPU_CAPABILITY": "default",
    "NPY_DISABLE_CPU_FEATURES": "ASIMDHP ASIMDFHM SVE",
}

# Linux's names. Apple's processors ("arm64") have the same instructions, but nothing has been run on them.
COVERED = "x86-64 with AVX2 and FMA, or aarch64"
_X86, _ARM = {"x86_64", "amd64"}, {"aarch64"}


def environment(mode: Mode) -> dict[str, str]:
    """The environment variables that `mode` stands for on this machine."""
    variables = dict(ONE_THREAD)
    if mode == "portable" and covers_this_processor():
        variables |= NEON_KERNELS if _machine() in _ARM else AVX2_KERNELS
    return variables


def covers_this_processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the promise of equal bits covers this processor.

    Elsewhere `portable` still means one thread, and the libraries choose their kernels: the ones named here
    would be illegal instructions. Systems without Linux's `cpuinfo` are taken to have AVX2.
    """
    if _machine() in _ARM:
        return True
    if _machine() not in _X86:
        return False
    try:
        with cpuinfo.open(encoding="ascii", errors="replace") as lines:
            flags = next((line for line in lines if line.startswith("flags")), None)
    except OSError:
        return True
    return flags is None or {"avx2", "fma"} <= set(flags.split())


def _machine() -> str:
    return platform.machine().lower()


def configure(mode: Mode) -> None:
    """Set the environment that `mode` stands for.

    Raises `RuntimeError` when NumPy has been loaded already under other settings: it read them at import, so
    setting them now would claim what is not so.
    """
    wanted = environment(mode)
    changed = {name for name, value in wanted.items() if os.environ.get(name) != value}
    if changed and "numpy" in sys.modules:
        raise RuntimeError(
            f"numerics must be configured before NumPy is imported (differs: {sorted(changed)})"
        )
    os.environ.update(wanted)
