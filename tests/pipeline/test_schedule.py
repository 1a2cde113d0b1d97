"""Stages are grouped and ordered so that every dependency comes first and no job idles."""

from __future__ import annotations

import networkx as nx

from octrepro.pipeline.schedule import Schedule, Unit, units


def small_graph() -> nx.DiGraph:
    graph = nx.DiGraph()
    edges = {
        "prepare": ["fetch"],
        "train-a": ["prepare"],
        "evaluate-a": ["train-a", "prepare"],
        "train-b": ["prepare"],
        "evaluate-b": ["train-b", "prepare"],
        "report": ["evaluate-a", "evaluate-b", "boolean"],
        "pdf": ["report"],
    }
    graph.add_edges_from((stage, dependency) for stage, needs in edges.items() for dependency in needs)
    return graph


def test_chains_become_one_unit() -> None:
    grouped = {unit.stages for unit in units(small_graph(), small_graph().nodes)}
    assert grouped == {
        ("fetch", "prepare"),
        ("train-a", "evaluate-a"),
        ("train-b", "evaluate-b"),
        ("boolean",),
        ("report", "pdf"),
    }


def test_stages_that_are_done_are_left_out() -> None:
    grouped = {unit.stages for unit in units(small_graph(), ["evaluate-b", "report", "pdf"])}
    assert grouped == {("evaluate-b", "report", "pdf")}


def run_all(schedule: Schedule, jobs: int) -> list[Unit]:
    order = []
    while not schedule.over:
        started = [unit for _ in range(jobs) if (unit := schedule.next())]
        assert started
        for unit in started:
            schedule.finish(unit, ok=True)
            order.append(unit)
    return order


def test_dependencies_come_first_and_costly_units_early() -> None:
    graph = small_graph()
    order = run_all(Schedule(units(graph, graph.nodes), cost=lambda unit: "train-b" in unit.stages), jobs=1)
    position = {stage: index for index, unit in enumerate(order) for stage in unit.stages}
    assert all(position[stage] >= position[dependency] for stage, dependency in graph.edges)
    assert position["train-b"] < position["train-a"]
    assert set(position) == set(graph)


def test_nothing_new_starts_after_a_failure() -> None:
    graph = small_graph()
    schedule = Schedule(units(graph, graph.nodes), cost=lambda unit: 0)
    first = schedule.next()
    second = schedule.next()
    assert first is not None
    assert second is not None
    schedule.finish(first, ok=False)
    assert schedule.next() is None
    assert not schedule.over
    schedule.finish(second, ok=True)
    assert schedule.over
