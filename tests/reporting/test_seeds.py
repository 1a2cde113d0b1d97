"""What the report says of further seeds and of sweeps, and that it says nothing where there are none."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from octrepro.reporting import html, latex
from octrepro.reporting.compose import build_report
from octrepro.reporting.inputs import Inputs
from tests.reporting.conftest import make_figure, share

SENTENCE = "Over 5 seeds the difference is $12$ images on average."


def accuracy(mean: float) -> dict[str, float]:
    return {"mean": mean, "sd": 0.0123, "low": mean - 0.02, "high": mean + 0.02}


def with_seeds(inputs: Inputs) -> Inputs:
    found = {"seeds": 5, "diverged": 1} | {split: accuracy(0.7) for split in ("train", "val", "test")}
    rows = [{**row, "over_seeds": found} for row in inputs.results["rows"]]
    claims = [{**claim, "seeds": 5, "sentence": SENTENCE} for claim in inputs.claims]
    best = {"seeds_best": "feedforward_lr0_01", "seeds_worst": "feedforward_lr1"}
    comparisons = [{**each, **best} for each in inputs.results["comparisons"]]
    results = {**inputs.results, "rows": rows, "comparisons": comparisons}
    return dataclasses.replace(inputs, results=results, claims=claims)


def setting(dropout: float, correct: int, *, diverged: bool = False) -> dict[str, Any]:
    return {
        "parameters": {"learning_rate": 0.1, "dropout": dropout},
        "val_correct": correct,
        "val_total": 700,
        "val_accuracy": correct / 700,
        "train_accuracy": 0.8,
        "train_loss": 0.5,
        "val_loss": None if diverged else 0.6,
        "epochs": 3,
        "diverged": diverged,
    }


def with_sweep(inputs: Inputs, selected: int | None = 1) -> Inputs:
    sweep = {
        "sweep": "my_sweep",
        "base": "feedforward",
        "seed": 42,
        "settings": [setting(0.0, 490), setting(0.5, 511), setting(0.9, 600, diverged=True)],
        "selected": selected,
        "test": None if selected is None else share(400, 529),
    }
    figures = {**inputs.figures, "sweep_my_sweep": make_figure("sweep_my_sweep", None)}
    return dataclasses.replace(inputs, results={**inputs.results, "sweeps": [sweep]}, figures=figures)


def test_without_seeds_and_sweeps_nothing_is_said_of_them(inputs: Inputs) -> None:
    report = build_report(inputs)
    assert "Sweep" not in report.markdown
    assert "One seed." in report.markdown
    assert not report.tables["seeds"].rows
    assert "Test over seeds" not in [column.title for column in report.tables["results"].columns]
    assert all(claim.basis == "this training run" for claim in report.claims)


def test_seeds_enter_the_tables_and_the_limitations(inputs: Inputs) -> None:
    report = build_report(with_seeds(inputs))
    assert "trained from 6 seeds" in report.markdown
    assert "One seed." not in report.markdown
    told = report.markdown.replace("\\", "").replace("\u00a0", " ")
    assert "On average over 6 seeds η = 0.01 is best and η = 1 worst" in told
    results = report.tables["results"]
    position = [column.title for column in results.columns].index("Test over seeds")
    cell = results.rows[0][position]
    assert (cell.text, cell.note) == ("0.7000 ± 0.0123", "0.680–0.720")
    assert len(report.tables["seeds"].rows) == len(results.rows)
    assert report.tables["seeds"].rows[0][1].note == "0.680–0.720; n = 5"
    assert report.tables["seeds"].rows[0][-1].text == "1"


@pytest.mark.parametrize("render", [html.page, latex.document])
def test_a_verdict_says_what_it_is_about(inputs: Inputs, render: Any) -> None:
    plain, told = render(build_report(inputs)), render(build_report(with_seeds(inputs)))
    assert "over 5 seeds" not in plain
    assert plain.count("this training run") >= len(inputs.claims)
    assert told.count("over 5 seeds") >= len(inputs.claims)


@pytest.mark.parametrize("render", [html.page, latex.document])
def test_a_sweep_has_its_section_with_the_selected_setting(inputs: Inputs, render: Any) -> None:
    report = build_report(with_sweep(inputs))
    rows = report.tables["sweep-my_sweep"].rows
    assert [row[0].note for row in rows] == ["selected", "", ""]
    assert [row[1].note for row in rows] == ["511 of 700", "490 of 700", "diverged in epoch 3"]
    assert "**η = 0.1, dropout 0.5** is selected" in report.markdown.replace("\\", "").replace("\u00a0", " ")
    assert "0.7561" in report.markdown
    assert "sweep_my_sweep" not in report.markdown.partition("# More figures")[2]
    assert "0.7561" in render(report)


def test_a_sweep_that_diverged_selects_nothing(inputs: Inputs) -> None:
    assert "All diverged" in build_report(with_sweep(inputs, selected=None)).markdown
