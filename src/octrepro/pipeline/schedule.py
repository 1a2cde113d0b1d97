"""What may run when: units of stages, and the order that keeps every job busy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import networkx as nx


@dataclass(frozen=True)
class Unit:
    """Stages that one job runs in order, because nothing else could run between them."""

    stages: tuple[str, ...]

    def __str__(self) -> str:
        return self.stages[-1]


def units(graph: nx.DiGraph, pending: Iterable[str]) -> nx.DiGraph:
    """Group the pending stages into units.

    Parameters
    ----------
    graph
        Stage addresses; an edge leads from a stage to one it depends on, as in DVC's own graph.
    pending
        The stages that have to run; the others count as done.

    Returns
    -------
    nx.DiGraph
        Units, with an edge from a unit to each one it waits for.
    """
    todo = graph.subgraph(pending)
    head: dict[str, str] = {}
    chains: dict[str, list[str]] = {}
    for stage in reversed(list(nx.topological_sort(todo))):  # dependencies first
        joined = _chain_to_join(todo, stage)
        head[stage] = head[joined] if joined else stage
        chains.setdefault(head[stage], []).append(stage)
    unit_of = {stage: Unit(tuple(chains[head[stage]])) for stage in todo}
    grouped = nx.DiGraph()
    grouped.add_nodes_from(unit_of.values())
    grouped.add_edges_from((unit_of[a], unit_of[b]) for a, b in todo.edges if unit_of[a] != unit_of[b])
    return grouped


def _chain_to_join(todo: nx.DiGraph, stage: str) -> str | None:
    """The dependency whose one dependent is `stage`, when all others of its dependencies come before it."""
    dependencies = set(todo.successors(stage))
    for dependency in dependencies:
        only_dependent = set(todo.predecessors(dependency)) == {stage}
        if only_dependent and dependencies - {dependency} <= nx.descendants(todo, dependency):
            return str(dependency)
    return None


@dataclass
class Schedule:
    """Hands out units whose dependencies are done, the costliest first.

    Parameters
    ----------
    graph
        What `units` returns.
    cost
        A guess at a unit's cost, in any unit; it orders what is ready and nothing more.
    """

    graph: nx.DiGraph
    cost: Callable[[Unit], float]
    done: set[Unit] = field(default_factory=set)
    running: set[Unit] = field(default_factory=set)
    failed: set[Unit] = field(default_factory=set)

    def next(self) -> Unit | None:
        """A unit that can start now; None when there is none."""
        if self.failed:
            return None
        ready = [
            unit
            for unit in self.graph
            if unit not in self.done | self.running and set(self.graph.successors(unit)) <= self.done
        ]
        if not ready:
            return None
        unit: Unit = max(ready, key=lambda unit: (self.cost(unit), str(unit)))
        self.running.add(unit)
        return unit

    def finish(self, unit: Unit, *, ok: bool) -> None:
        """Note that a unit has ended."""
        self.running.remove(unit)
        (self.done if ok else self.failed).add(unit)

    @property
    def over(self) -> bool:
        """Whether nothing runs and nothing more will."""
        return not self.running and (bool(self.failed) or len(self.done) == len(self.graph))
