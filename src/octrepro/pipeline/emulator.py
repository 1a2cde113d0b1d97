"""Run Python as other processors would: QEMU's user-mode emulation."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass

from octrepro.core import UserError

# Both makers; `max` is everything that QEMU can emulate. All have AVX2, none has AVX-512.
MODELS = ("Haswell", "Skylake-Client", "EPYC-Rome", "max")

HOW_TO_GET = (
    "sudo apt-get install qemu-user (on Debian 12 from bookworm-backports, its own being too old); "
    "or name one: QEMU=/path/to/qemu-x86_64 make check-cpus"
)

# QEMU 7.2 reads the wrong elements in AVX2's gather instructions, which NumPy uses for strided arrays.
_GATHERS_RIGHT = """
import numpy as np
table = np.arange(4096, dtype=np.float32).reshape(64, 64)
assert np.array_equal(np.minimum(table[:, 3], 1e9), table[:, 3].copy())
"""


@dataclass(frozen=True)
class Emulator:
    """An emulator of x86-64 processors."""

    path: str

    def command(self, model: str) -> list[str]:
        """What stands before a command to run it on a processor `model`."""
        return [self.path, "-cpu", model]

    def works(self) -> bool:
        """Whether it computes what a processor would, where old versions are known not to."""
        command = [*self.command("max"), sys.executable, "-c", _GATHERS_RIGHT]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def find(path: str = "") -> Emulator:
    """The emulator at `path`, or the one that is installed.

    Raises
    ------
    UserError
        When there is none, or it is one that computes wrongly.
    """
    found = next(
        filter(None, map(shutil.which, [path] if path else ["qemu-x86_64", "qemu-x86_64-static"])), None
    )
    if found is None:
        raise UserError(f"{path or 'qemu-x86_64'} is not on this machine", hint=HOW_TO_GET)
    emulator = Emulator(found)
    if not emulator.works():
        raise UserError(
            f"{found} computes wrongly: it misreads AVX2's gather instructions, as QEMU 7.2 does",
            expected="QEMU 8 or newer",
            hint=HOW_TO_GET,
        )
    return emulator


def complaints(stderr: str) -> str:
    """What a program printed, without the emulator's notes on features that no result depends on."""
    return "\n".join(line for line in stderr.splitlines() if "TCG doesn't support" not in line)
