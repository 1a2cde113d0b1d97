"""Processors that QEMU's user-mode emulation can stand in for, and how to start Python on each."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from octrepro.core import UserError
from octrepro.pipeline import aarch64

# By QEMU's names. Of x86-64, a processor with AVX2 and no AVX-512 (AMD's is EPYC-Rome, for the asking). The
# default for ARM is no choice: it signs pointers, which makes emulation several times slower.
X86_MODELS = ("Haswell",)
ARM_MODELS = ("neoverse-n1",)
MODELS = (*ARM_MODELS, *X86_MODELS)

# QEMU 7.2 reads the wrong elements here.
_GATHERS = """
import numpy as np
table = np.arange(4096, dtype=np.float32).reshape(64, 64)
assert np.array_equal(np.minimum(table[:, 3], 1e9), table[:, 3].copy())
"""


@dataclass(frozen=True)
class Processor:
    """A processor, this machine's or an emulated one.

    Attributes
    ----------
    name
        For messages.
    python
        The command that starts Python there.
    site
        The folder of its packages, where they are not those of this Python.
    environment
        Variables that Python needs there.
    """

    name: str
    python: tuple[str, ...]
    site: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


HERE = Processor("this machine", (sys.executable,))


def find(model: str, project: Path) -> Processor:
    """The emulated processor `model`.

    Raises
    ------
    UserError
        When it cannot be emulated on this machine.
    """
    if model in ARM_MODELS:
        qemu = _program("qemu-aarch64")
        folder = aarch64.python(project)
        home = folder / "root" / "usr"
        python = (qemu, "-cpu", model, "-L", str(home.parent), str(home / "bin/python3"))
        return Processor(f"{model} (aarch64)", python, folder / "site", {"PYTHONHOME": str(home)})
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        raise UserError("it runs this machine's own Python, which is not for x86-64")
    return Processor(f"{model} (x86-64)", (_program("qemu-x86_64"), "-cpu", model, sys.executable))


def reads_gathers_right(processor: Processor) -> bool:
    """Whether AVX2's gather instructions are right there (true where there are none)."""
    if processor.site is not None:
        return True
    return (
        subprocess.run([*processor.python, "-c", _GATHERS], capture_output=True, check=False).returncode == 0
    )


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(f"{name}-static")
    if found is None:
        raise UserError(f"{name} is not on this machine", hint="sudo apt-get install qemu-user")
    return found
