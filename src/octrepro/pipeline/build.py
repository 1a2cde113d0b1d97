"""Build the report of one data set: ``python -m octrepro.pipeline.build phantom --jobs 2``."""

from __future__ import annotations

import argparse
import filecmp
import os
import sys
import tempfile
from collections.abc import Sequence, Set
from multiprocessing.connection import wait
from pathlib import Path

from octrepro.config import File, Params, load_params
from octrepro.core import UserError, paths
from octrepro.pipeline.display import Display
from octrepro.pipeline.latex import engine_or_install
from octrepro.pipeline.mend import mend
from octrepro.pipeline.schedule import Schedule, Unit, units
from octrepro.pipeline.workers import Worker
from octrepro.reporting.pdf import HOW_TO_GET_ENGINE


def main(arguments: Sequence[str] | None = None) -> int:
    """Build and say where the report lies; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m octrepro.pipeline.build", description=__doc__)
    parser.add_argument("dataset", help="a data set of params.yaml")
    parser.add_argument("--jobs", type=int, default=available_cores(), help="stages to run at once")
    options = parser.parse_args(arguments)
    try:
        build(options.dataset, options.jobs)
    except UserError as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    return 0


def build(dataset: str, jobs: int) -> None:
    """Bring the report of `dataset` up to date.

    Raises
    ------
    UserError
        When the parameters are wrong or a stage fails.
    """
    params = load_params()
    if dataset not in params.datasets:
        raise UserError(
            f"{dataset!r} is not a data set of params.yaml",
            expected=f"one of {', '.join(params.datasets)}",
            hint="make report DATASET=<name>, or add it under `datasets` in params.yaml",
        )
    if jobs < 1:
        raise UserError(f"JOBS is {jobs}", expected="a whole number from 1 up")
    typeset = engine_or_install() is not None
    reproduce([f"{'pdf' if typeset else 'report'}@{dataset}"], jobs, params)
    folder = paths.report(dataset)
    print(f"\nThe report of {dataset}: {folder / 'report.html'}")
    print(
        f"                        {folder / 'report.pdf'}" if typeset else f"For the PDF {HOW_TO_GET_ENGINE}."
    )


def reproduce(targets: Sequence[str], jobs: int, params: Params) -> None:
    """Run whatever `targets` still need, `jobs` stages at a time.

    Raises
    ------
    UserError
        When a stage fails, with the stage's own message.
    """
    for line in mend(Path.cwd()):
        print(f"after an interruption: {line}")
    replaced = _replaced_files(params)
    graph, changed = _graph_and_changes(targets, replaced)
    plan = units(graph, changed)
    if not plan:
        print("Everything is up to date.")
        return
    schedule = Schedule(plan, cost=lambda unit: _epochs(unit, params))
    with tempfile.TemporaryDirectory() as folder:
        workers = [Worker.start(Path(folder), number) for number in range(min(jobs, len(plan)))]
        display = Display(len(changed), workers)
        try:
            message = _run(schedule, workers, display, replaced)
        finally:
            display.close()
            for worker in workers:
                worker.stop()
    if message is not None:
        raise UserError(message)


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _replaced_files(params: Params) -> set[str]:
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


def _run(schedule: Schedule, workers: Sequence[Worker], display: Display, forced: Set[str]) -> str | None:
    """Run the schedule to its end; the message of the first failure."""
    message: str | None = None
    while not schedule.over:
        for worker in workers:
            if worker.unit is None and (unit := schedule.next()):
                display.started(unit)
                worker.submit(unit, force=not forced.isdisjoint(unit.stages))
        busy = {worker.pipe: worker for worker in workers if worker.unit}
        for pipe in wait(list(busy), timeout=0.25):
            worker = busy[pipe]  # type: ignore[index]
            unit, ok = worker.unit, worker.result()
            assert unit is not None  # noqa: S101 (a busy worker has one)
            worker.unit = None
            schedule.finish(unit, ok=ok)
            display.finished(unit, ok=ok)
            if not ok:
                message = message or _failure(unit, worker.output())
        display.refresh()
    return message


def _graph_and_changes(targets: Sequence[str], replaced: Set[str]) -> tuple[object, set[str]]:
    """DVC's graph by address, and the stages that must run: what changed, and all that depends on it."""
    import networkx as nx
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            graph = nx.relabel_nodes(repo.index.graph, lambda stage: stage.addressing)
            needed = set(targets).union(*(nx.descendants(graph, target) for target in targets))
            graph = graph.subgraph(needed)
            changed: set[str] = (
                set(replaced).union(repo.status(targets=list(targets), with_deps=True)) & needed
            )
    except DvcException as error:
        raise UserError(f"DVC cannot read the pipeline: {error}") from error
    affected = changed.union(*(nx.ancestors(graph, stage) for stage in changed))
    return graph, affected


def _epochs(unit: Unit, params: Params) -> float:
    """The epochs a unit trains: the longest runs go first, so that none is left over at the end."""
    run = unit.stages[0].rpartition("-")[2]
    return float(params.runs[run].epochs) if run in params.runs else 0.0


def _failure(unit: Unit, output: str) -> str:
    """The stage's own message, out of all that was printed."""
    lines = output.splitlines()
    noise = (
        "Running stage",
        "> ",
        "ERROR: failed to reproduce",
        "Stage '",
        "Updating lock file",
        "To track ",
    )
    kept = [line for line in lines if not line.startswith(noise)]
    text = "\n".join(kept).strip() or output.strip() or "its process ended without a word"
    return f"The build stopped at {unit}.\n{text}"


if __name__ == "__main__":
    sys.exit(main())
