"""Who builds, where, when, in which language and on how many cores changes no byte of any output."""

import os
import shutil
from pathlib import Path

import pytest

from tests.pipeline.project import Project, make_project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("same_bytes")]

RUNS = ("mlp", "feedforward")
# A person's own settings of the libraries, which must not reach a figure.
MATPLOTLIB_SETTINGS = "font.size: 31\naxes.facecolor: red\nsvg.fonttype: none\nlines.linewidth: 9\n"


def state(project: Project) -> dict[str, str]:
    """The hash of every output, and what dvc.lock says of each stage, in whatever order they ended."""
    locked = {stage: repr(sorted(entry.items())) for stage, entry in project.locked().items()}
    return project.digests() | locked


def test_independent_builds_have_equal_bytes(tmp_path: Path) -> None:
    home = tmp_path / "home of another"
    (home / ".config/matplotlib").mkdir(parents=True)
    (home / ".config/matplotlib/matplotlibrc").write_text(MATPLOTLIB_SETTINGS)
    one_core = ("taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))) if shutil.which("taskset") else ()
    # One process on one core, one stage after the other; a day and two hours later, as calendars there say.
    alone = make_project(tmp_path / "a", runs=RUNS)
    alone.run_all(
        one_core,
        TZ="Pacific/Kiritimati", LC_ALL="C", LANG="C", PYTHONHASHSEED="1", USER="first", LOGNAME="first",
    )  # fmt: skip
    # A process for each stage, two at a time; code compiled anew.
    other = make_project(tmp_path / "deeper/and deeper/ä b", runs=RUNS)
    other.run(
        "python", "-m", "octrepro", "build", "phantom", "--jobs", "2",
        TZ="Etc/GMT+12", LC_ALL="tr_TR.UTF-8", LANG="de_DE.UTF-8", PYTHONHASHSEED="4242",
        USER="second", LOGNAME="second", HOME=str(home), MPLCONFIGDIR=str(home / ".config/matplotlib"),
        SOURCE_DATE_EPOCH="86400", OMP_NUM_THREADS="7", OPENBLAS_CORETYPE="Nehalem", COLUMNS="40",
        MPLBACKEND="svg", NO_COLOR="1", NUMBA_CACHE_DIR=str(tmp_path / "compiled"),
    )  # fmt: skip
    first, second = state(alone), state(other)
    assert {name for name in first if name.endswith((".html", ".svg"))}
    assert ("report/build/phantom/report.pdf" in first) == bool(shutil.which("pdflatex"))
    assert {name for name in {*first, *second} if first.get(name) != second.get(name)} == set()
