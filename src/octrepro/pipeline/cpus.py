"""Show that other processors give the same bytes: ``make check-cpus``.

A small copy of the project is run here and under emulation of other processors, every kind of stage, and all
files are compared. The PDF is left out: TeX computes in integers, and is no library of ours.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

from octrepro.core import UserError, numerics
from octrepro.pipeline import emulator, miniature
from octrepro.pipeline.emulator import HERE, Processor

OUTPUTS = ("data", "results", "runs", "report/build")

# The content of files by their paths.
Files = Mapping[str, bytes]


def check_cpus(project: Path, models: Sequence[str] = emulator.MODELS) -> int:
    """Run the small project here and on every emulated model, and print whether all files are the same.

    Models that cannot be emulated on this machine are named and left out.

    Returns
    -------
    int
        0 when every model that ran gives the bytes of this machine, 1 when one does not or none ran.

    Raises
    ------
    UserError
        When this machine is outside the promise of equal bits, or a stage fails on it.
    """
    if not numerics.covers_this_processor():
        raise UserError("this processor is outside the promise of equal bits", expected=numerics.COVERED)
    processors = []
    for model in models:
        try:
            processors.append(emulator.find(model, project))
        except UserError as error:
            print(f"{model} is left out: {error}")
    with (
        tempfile.TemporaryDirectory(prefix="octrepro-cpus-") as name,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        folder = Path(name)
        expected = run_small(project, folder / "here", HERE)
        print(f"A small run of every kind of stage wrote {len(expected)} files. Emulated:", flush=True)
        work = [pool.submit(_compared, project, folder / p.name, p, expected) for p in processors]
        same = [future.result() for future in work]
    if not same:
        print("  nothing: no other processor can be emulated here")
    return 0 if same and all(same) else 1


def run_small(
    project: Path,
    folder: Path,
    processor: Processor = HERE,
    *,
    kinds: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Files:
    """Run the stages of a small copy of `project` in `folder`, in one process; all files that they wrote.

    Parameters
    ----------
    project
        Whose working tree to copy.
    folder
        Where; must not exist.
    processor
        What to run them on.
    kinds
        Stages to run (verbs); all but the PDF when not given.
    environment
        Further environment variables.

    Raises
    ------
    UserError
        When a stage fails.
    """
    miniature.make(project, folder)
    stages = [
        f"{step.address}={step.command[1]}"
        for step in miniature.steps(folder)
        if step.kind != "pdf" and (kinds is None or step.kind in kinds)
    ]
    result = subprocess.run(
        [*processor.python, "-m", "octrepro.pipeline.miniature", *stages],
        cwd=folder,
        env={
            **os.environ,
            **processor.environment,
            "PYTHONPATH": os.pathsep.join(map(str, filter(None, [folder / "src", processor.site]))),
            # Loops are compiled by the processor that runs them; a child process would not be emulated.
            "NUMBA_CACHE_DIR": str(folder / "build" / "numba"),
            "OCTREPRO_JOBS": "1",
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise UserError(f"a stage failed on {processor.name}:\n{complaints(result.stderr)[-2000:]}")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for part in OUTPUTS
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
    }


def differences(expected: Files, found: Files) -> list[str]:
    """One line for each path whose content differs or that only one side has."""
    return [
        f"{path}: {_difference(expected.get(path), found.get(path))}"
        for path in sorted({*expected, *found})
        if expected.get(path) != found.get(path)
    ]


def complaints(stderr: str) -> str:
    """What a program printed, without QEMU's notes on features that no result depends on."""
    return "\n".join(line for line in stderr.splitlines() if "TCG doesn't support" not in line)


def _compared(project: Path, folder: Path, processor: Processor, expected: Files) -> bool:
    start = time.monotonic()
    try:
        wrong = differences(expected, run_small(project, folder, processor))
    except UserError as error:
        wrong = [str(error)]
    verdict = f"{len(wrong)} files DIFFER" if wrong else "the same bytes"
    lines = [
        f"  {processor.name:24s} {verdict}  ({time.monotonic() - start:.0f} s)",
        *(f"    {each}" for each in wrong),
    ]
    if wrong and not emulator.reads_gathers_right(processor):
        lines.append("    This QEMU misreads AVX2's gather instructions, as 7.2 does: try QEMU 8 or newer.")
    print("\n".join(lines), flush=True)
    return not wrong


def _difference(expected: bytes | None, found: bytes | None) -> str:
    if expected is None or found is None:
        return "missing here" if expected is None else "missing there"
    lines = list(zip_longest(expected.splitlines(), found.splitlines()))
    differing = [number for number, (one, other) in enumerate(lines, 1) if one != other]
    return (
        f"{len(differing)} of {len(lines)} lines differ, the first is line {(differing or [len(lines)])[0]}"
    )
