"""Build the report of one data set, several stages at a time."""

import fcntl
import filecmp
import logging
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from octrepro.config.loading import load_params
from octrepro.config.schema import Params
from octrepro.config.sources import File
from octrepro.core import UserError, paths
from octrepro.pipeline.running import Graph, run
from octrepro.reporting.pdf import DEBIAN_PACKAGES, HOW_TO_GET_ENGINE, is_engine_available

BUILD_LOCK = Path(".dvc/tmp/build.lock")
# DVC holds it save while a stage's command runs.
DVC_LOCK = Path(".dvc/tmp/lock")
# DVC's list of the processes that run a stage's command.
AT_WORK = Path(".dvc/tmp/rwlock")


def build(dataset: str, jobs: int | None = None) -> None:
    """Bring the report of `dataset` up to date, `jobs` stages at a time, and say where it lies."""
    from dask.system import CPU_COUNT

    params = params_with(dataset)
    typeset = find_or_install_engine()
    with alone():
        replaced = replaced_files(params)
        graph = pending(f"{'pdf' if typeset else 'report'}@{dataset}", replaced)
        if graph:
            run(graph, jobs or CPU_COUNT, lambda stage: _epochs(stage, params), replaced)
        else:
            print("Everything is up to date.")
    folder = paths.report(dataset)
    print(f"\nThe report of {dataset}: {folder / 'report.html'}")
    print(
        f"                        {folder / 'report.pdf'}" if typeset else f"For the PDF {HOW_TO_GET_ENGINE}."
    )


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other build and no plain DVC runs in this folder; then keep other builds waiting."""
    with _locked(BUILD_LOCK, "Another build"):
        with _locked(DVC_LOCK, "DVC", _dvc_at_work):
            # It may be cut off, or name the dead: DVC takes a killed process for a living one until its
            # parent has buried it, which in a container without an init may be never.
            AT_WORK.unlink(missing_ok=True)
        yield


def find_or_install_engine() -> bool:
    """Whether the PDF can be made; as root on a Debian system without pdfLaTeX, it is installed first."""
    if is_engine_available() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return is_engine_available()
    print("Installing LaTeX for the PDF (once) ...", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES]
    for command in (["apt-get", "update", "-qq"], install):
        if subprocess.run(command, env=environment, capture_output=True, check=False).returncode != 0:
            return False
    return is_engine_available()


def params_with(dataset: str, path: Path | str = "params.yaml") -> Params:
    """The parameters; raises `UserError` when they are wrong, or do not list `dataset`."""
    params = load_params(path)
    if dataset not in params.datasets:
        raise UserError(
            f"{dataset!r} is not a data set of params.yaml",
            expected=f"one of {', '.join(params.datasets)}",
            hint="make report DATASET=<name>, or add it under `datasets` in params.yaml",
        )
    return params


def replaced_files(params: Params) -> set[str]:
    """The fetch stages whose data set is a file that has other bytes than the copy made of it.

    A template of dvc.yaml cannot name a dependency that only some data sets have, so DVC sees another file
    only by its `sha256` in params.yaml.
    """
    return {
        f"fetch@{name}"
        for name, dataset in params.datasets.items()
        if isinstance(dataset, File)
        and Path(dataset.path).is_file()
        and paths.raw(name).is_file()
        and not filecmp.cmp(dataset.path, paths.raw(name), shallow=False)
    }


def pending(target: str, replaced: Set[str]) -> Graph:
    """The stages that must run before `target` is up to date: what changed, and all that depends on it."""
    import networkx as nx
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo(_wait_for_lock=True) as repo:  # plain DVC may have begun just now
            graph = nx.relabel_nodes(repo.index.graph, lambda stage: stage.addressing)
            needed = {target, *nx.descendants(graph, target)}
            changed = {*replaced, *repo.status(targets=[target], with_deps=True)} & needed
    except DvcException as error:
        logging.getLogger("dvc").exception("")  # DVC prints which file and line, and what is wrong
        raise UserError(
            "DVC cannot read the pipeline",
            hint="correct that file; if it is dvc.lock, take the committed one (git checkout HEAD dvc.lock): "
            "what has been built since comes back from DVC's cache of runs",
        ) from error
    affected = changed.union(*(nx.ancestors(graph, stage) & needed for stage in changed))
    return {stage: set(graph.successors(stage)) & affected for stage in affected}


def _epochs(stage: str, params: Params) -> int:
    """The epochs that a stage trains."""
    kind, _, key = stage.partition("@")
    dataset, _, run = key.partition("-")
    seeds = params.replicates_of(dataset) if kind == "replicate" else 1
    return seeds * params.runs[run].epochs if run in params.runs else 0


@contextmanager
def _locked(path: Path, holder: str, busy: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Hold the lock file at `path`; while `holder` has it, or is `busy` without it, say so and wait.

    The lock belongs to an open file, which forked processes share: it is free once the last of them has
    ended, also when the process that took it was killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    said = False
    with path.open("a") as file:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not busy():
                    break
                fcntl.flock(file, fcntl.LOCK_UN)
            if not said:
                print(f"{holder} is running in this folder: waiting for it to end ...", file=sys.stderr)
                said = True
            time.sleep(0.2)
        yield


def _dvc_at_work() -> bool:
    """Whether a process that DVC's list names works in this folder; elsewhere it is another of its number."""
    listed = AT_WORK.read_text(encoding="utf-8", errors="replace") if AT_WORK.exists() else ""
    for pid in re.findall(r'"pid": (\d+)', listed):
        with suppress(psutil.Error):  # it has ended
            if Path(psutil.Process(int(pid)).cwd()).is_relative_to(Path.cwd()):
                return True
    return False
