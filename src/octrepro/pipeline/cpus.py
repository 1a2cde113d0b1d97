"""Show that other processors give the same bytes: ``python -m octrepro.pipeline.cpus``.

A small copy of the project is run here and under emulation of other processors, every kind of stage, and all
files are compared. The PDF is left out: TeX computes in integers, and is no library of ours.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from octrepro.core import UserError, numerics
from octrepro.pipeline import emulator, miniature

OUTPUTS = ("data", "results", "runs", "report/build")
HERE = "this machine"

# Paths of files to their SHA-256.
Hashes = dict[str, str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run here and emulated, compare; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m octrepro.pipeline.cpus", description=__doc__)
    parser.add_argument("--cpu", action="append", help=f"a model of QEMU's ({', '.join(emulator.MODELS)})")
    parser.add_argument("--qemu", default=os.environ.get("QEMU", ""), help="the emulator")
    options = parser.parse_args(arguments)
    try:
        if not numerics.covers_this_processor():
            raise UserError("this processor is outside the promise of equal bits (x86-64 with AVX2 and FMA)")
        return compare_processors(Path.cwd(), options.cpu or emulator.MODELS, emulator.find(options.qemu))
    except UserError as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1


def compare_processors(project: Path, models: Sequence[str], qemu: emulator.Emulator) -> int:
    """Run the small project here and on every model, and print whether all files are the same.

    Returns
    -------
    int
        0 when every model gives the bytes of this machine, 1 when one does not.

    Raises
    ------
    UserError
        When a stage fails.
    """
    with tempfile.TemporaryDirectory(prefix="octrepro-cpus-") as folder:
        expected = run_small(project, Path(folder) / "here", [], HERE)
        print(f"A small run of every kind of stage wrote {len(expected)} files. Emulated:", flush=True)
        differing = 0
        for model in models:
            start = time.monotonic()
            found = run_small(project, Path(folder) / model, qemu.command(model), model)
            wrong = differences(expected, found)
            differing += bool(wrong)
            verdict = "the same bytes" if not wrong else f"{len(wrong)} files DIFFER"
            print(f"  {model:24s} {verdict}  ({time.monotonic() - start:.0f} s)", flush=True)
            for path in wrong:
                print(f"    {path}: {expected.get(path, 'missing')[:12]} {found.get(path, 'missing')[:12]}")
    return 1 if differing else 0


def run_small(
    project: Path, folder: Path, prefix: Sequence[str], where: str, kinds: Sequence[str] | None = None
) -> Hashes:
    """Run the stages of a small copy of `project` in `folder`; the hashes of all that they wrote.

    Parameters
    ----------
    project
        Whose working tree to copy.
    folder
        Where; must not exist.
    prefix
        What stands before each command, such as an emulator.
    where
        The processor's name, for messages.
    kinds
        Stages to run (verbs); all but the PDF when not given.

    Raises
    ------
    UserError
        When a stage fails.
    """
    miniature.make(project, folder)
    for step in miniature.steps(folder):
        if step.kind != "pdf" and (kinds is None or step.kind in kinds):
            _run(step, folder, prefix, where)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in OUTPUTS
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
    }


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """The paths whose hashes differ or that only one side has."""
    return sorted(path for path in {*expected, *found} if expected.get(path) != found.get(path))


def _run(step: miniature.Step, folder: Path, prefix: Sequence[str], where: str) -> None:
    environment = {
        **os.environ,
        "DVC_STAGE": step.address,
        "PYTHONPATH": str(folder / "src"),
        # Loops are compiled by the processor that runs them.
        "NUMBA_CACHE_DIR": str(folder / "build" / "numba"),
    }
    command = [*prefix, sys.executable, *step.command[1:]]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise UserError(f"{step.address} failed on {where}:\n{emulator.complaints(result.stderr)[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
