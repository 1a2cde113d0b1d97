"""Show that other processors give the same bytes: ``make check-cpus``.

A small copy of the project is run here and under emulation of other processors, every kind of stage, and all
files are compared. The PDF is left out: TeX computes in integers, and is no library of ours.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

from octrepro.core import UserError
from octrepro.pipeline import emulator, miniature
from octrepro.pipeline.emulator import Processor
from octrepro.pipeline.environment import check_processor

OUTPUTS = ("data", "results", "runs", "report/build")

# The content of files by their paths.
Files = Mapping[str, bytes]


def check_cpus(project: Path) -> int:
    """Run the small project here and on every model that can be emulated here, print which files differ.

    Returns an exit code: 0 when every model that ran gives the bytes of this machine, 1 when one does not or
    none ran.
    """
    check_processor()
    processors = []
    for model in emulator.MODELS:
        try:
            processors.append(emulator.find(model, project))
        except UserError as error:
            print(f"{model} is left out: {error}")
    with (
        tempfile.TemporaryDirectory(prefix="octrepro-cpus-") as name,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        folder = Path(name)
        expected = run_small(project, folder / "here", Processor("this machine", (sys.executable,)))
        print(f"A small run of every kind of stage wrote {len(expected)} files. Emulated:", flush=True)
        work = [pool.submit(_compared, project, folder / p.name, p, expected) for p in processors]
        same = [future.result() for future in work]
    if not same:
        print("  nothing: no other processor can be emulated here")
    return 0 if same and all(same) else 1


def run_small(project: Path, folder: Path, processor: Processor) -> Files:
    """All files that the stages, but the PDF's, of a small copy of `project` in `folder` write."""
    miniature.make(project, folder)
    scripts = miniature.scripts(folder).items()
    stages = [f"{address}={script}" for address, script in scripts if not address.startswith("pdf@")]
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
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        # QEMU has notes on features that no result depends on.
        lines = [line for line in result.stderr.splitlines() if "TCG doesn't support" not in line]
        raise UserError(f"a stage failed on {processor.name}:\n" + "\n".join(lines)[-2000:])
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for part in OUTPUTS
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
    }


def differences(expected: Files, found: Files) -> list[str]:
    """One line for each path whose content differs or that only one side has."""
    told = []
    for path in sorted({*expected, *found}):
        if path not in expected or path not in found:
            told.append(f"{path}: missing {'there' if path in expected else 'here'}")
        elif expected[path] != found[path]:
            lines = list(zip_longest(expected[path].splitlines(), found[path].splitlines()))
            differing = [number for number, (one, other) in enumerate(lines, 1) if one != other]
            first = differing[0] if differing else len(lines)
            told.append(f"{path}: {len(differing)} of {len(lines)} lines differ, the first is line {first}")
    return told


def _compared(project: Path, folder: Path, processor: Processor, expected: Files) -> bool:
    start = time.monotonic()
    try:
        wrong = differences(expected, run_small(project, folder, processor))
    except UserError as error:
        wrong = [str(error)]
    verdict = f"{len(wrong)} files DIFFER" if wrong else "the same bytes"
    took = f"({time.monotonic() - start:.0f} s)"
    print(f"  {processor.name:24s} {verdict}  {took}", *wrong, sep="\n    ", flush=True)
    return not wrong
