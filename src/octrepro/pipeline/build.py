"""Build the report of one data set, several stages at a time."""

from __future__ import annotations

import filecmp
import os
import re
import sys
import time
from collections.abc import Mapping, Set
from graphlib import TopologicalSorter
from multiprocessing.connection import wait
from pathlib import Path

from octrepro.config import File, Params, load_params
from octrepro.core import UserError, paths
from octrepro.pipeline.display import Display, without_bars
from octrepro.pipeline.latex_engine import engine_or_install
from octrepro.pipeline.locks import BUILD, locked
from octrepro.pipeline.repair import repair
from octrepro.pipeline.running import Running
from octrepro.reporting.pdf import HOW_TO_GET_ENGINE

# Each stage to those that it depends on.
Graph = Mapping[str, Set[str]]

# What DVC prints around a stage's own words.
_DVC_LINES = re.compile(
    r"^(Running stage |> |ERROR: failed to reproduce|Stage '|Updating lock file|Generating lock file|"
    r"To track |Use `dvc push`).*\n?",
    re.MULTILINE,
)
_FULL_DISK = re.compile(r"No possible cache link types|No space left on device|Disk quota exceeded")


def build(dataset: str, jobs: int | None = None) -> None:
    """Bring the report of `dataset` up to date, `jobs` stages at a time, and say where it lies.

    Raises
    ------
    UserError
        When the parameters are wrong or a stage fails.
    """
    params = params_with(dataset)
    jobs = available_cores() if jobs is None else jobs
    if jobs < 1:
        raise UserError(f"JOBS is {jobs}", expected="a whole number from 1 up")
    typeset = engine_or_install() is not None
    with locked(BUILD, "Another build"):
        reproduce(f"{'pdf' if typeset else 'report'}@{dataset}", jobs, params)
    folder = paths.report(dataset)
    print(f"\nThe report of {dataset}: {folder / 'report.html'}")
    print(
        f"                        {folder / 'report.pdf'}" if typeset else f"For the PDF {HOW_TO_GET_ENGINE}."
    )


def reproduce(target: str, jobs: int, params: Params) -> None:
    """Run whatever `target` still needs, `jobs` stages at a time.

    Raises
    ------
    UserError
        When a stage fails, with the stage's own message.
    """
    for line in repair(Path.cwd()):
        print(f"after an interruption: {line}")
    replaced = replaced_files(params)
    graph = pending(target, replaced)
    if not graph:
        print("Everything is up to date.")
        return
    display = Display(len(graph))
    try:
        message = _run(graph, jobs, params, display, replaced)
    finally:
        display.close()
    if message is not None:
        raise UserError(message)


def params_with(dataset: str, path: Path | str = "params.yaml") -> Params:
    """The parameters, which list `dataset`.

    Raises
    ------
    UserError
        When they are wrong, or do not list `dataset`.
    """
    params = load_params(path)
    if dataset not in params.datasets:
        raise UserError(
            f"{dataset!r} is not a data set of params.yaml",
            expected=f"one of {', '.join(params.datasets)}",
            hint="make report DATASET=<name>, or add it under `datasets` in params.yaml",
        )
    return params


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def replaced_files(params: Params) -> set[str]:
    """The fetch stages whose data set is a file that has other bytes than the copy made of it.

    A template of dvc.yaml cannot name a dependency that only some data sets have, so DVC sees another file
    only by its `sha256` in params.yaml.
    """
    files = {name: dataset.path for name, dataset in params.datasets.items() if isinstance(dataset, File)}
    return {
        f"fetch@{name}"
        for name, path in files.items()
        if Path(path).is_file()
        and paths.raw(name).is_file()
        and not filecmp.cmp(path, paths.raw(name), shallow=False)
    }


def pending(target: str, replaced: Set[str]) -> Graph:
    """The stages that must run before `target` is up to date: what changed, and all that depends on it."""
    import networkx as nx
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            graph = nx.relabel_nodes(repo.index.graph, lambda stage: stage.addressing)
            needed = {target, *nx.descendants(graph, target)}
            changed = {*replaced, *repo.status(targets=[target], with_deps=True)} & needed
    except DvcException as error:
        raise UserError(f"DVC cannot read the pipeline: {error}") from error
    affected = changed.union(*(nx.ancestors(graph, stage) & needed for stage in changed))
    return {stage: set(graph.successors(stage)) & affected for stage in affected}


def _run(graph: Graph, jobs: int, params: Params, display: Display, forced: Set[str]) -> str | None:
    """Run all stages of `graph`, those that train longest first; the message of the first failure."""
    order = TopologicalSorter(graph)
    order.prepare()
    ready: list[str] = []
    running: dict[int, tuple[Running, float]] = {}
    message: str | None = None
    try:
        while order.is_active() and (running or not message):
            ready = sorted([*ready, *order.get_ready()], key=lambda stage: (_epochs(stage, params), stage))
            while ready and len(running) < jobs and not message:
                name = ready.pop()
                stage = Running.start(name, force=name in forced)
                running[stage.process.sentinel] = stage, time.monotonic()
            for sentinel in wait(list(running), timeout=0.25):
                stage, start = running.pop(sentinel)  # type: ignore[arg-type]
                stage.process.join()
                ok = stage.process.exitcode == 0
                display.ended(stage.stage, time.monotonic() - start, ok=ok)
                if ok:
                    order.done(stage.stage)
                else:
                    message = message or _failure(stage)
            display.refresh([stage for stage, _ in running.values()])
    finally:
        for stage, _ in running.values():
            stage.kill()
    return message


def _epochs(stage: str, params: Params) -> int:
    """The epochs a stage trains: the longest go first, so that none is left over at the end."""
    kind, _, key = stage.partition("@")
    dataset, _, run = key.partition("-")
    seeds = params.replicates_of(dataset) if kind == "replicate" else 1
    return seeds * params.runs[run].epochs if run in params.runs else 0


def _failure(stage: Running) -> str:
    """The stage's own message, out of all that was printed."""
    printed = without_bars(stage.output())
    text = _DVC_LINES.sub("", printed).strip() or printed.strip() or "its process ended without a word"
    if _FULL_DISK.search(text):
        text += (
            "\n\nThe disk is full, or may not be written."
            "\n  what to do: make room and run the same command again; finished stages are kept"
        )
    return f"The build stopped at {stage.stage}.\n{text}"


def interrupted() -> int:
    """Say that an interrupted build goes on from where it was; the exit code."""
    print("\nInterrupted: run the same command again to go on from here.", file=sys.stderr)
    return 130
