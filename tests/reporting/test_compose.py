"""The report says what its inputs say: verdicts, divergence, missing runs, what can be compared."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from octrepro.reporting import html, latex
from octrepro.reporting.compose import build_report
from octrepro.reporting.content import VERDICTS, Cell, Row
from octrepro.reporting.inputs import Inputs
from octrepro.study.comparisons import PUBLISHED
from tests.reporting.conftest import make_figure, make_inputs, prose_of, row_of


def comparison(inputs: Inputs) -> dict[str, Any]:
    """That of the learning rates."""
    found: dict[str, Any] = inputs.results["comparisons"]["2.2b"]
    return found


def column(rows: list[Row], title: str) -> list[Cell]:
    return [row[title] for row in rows]


ACCURACY = {"correct": 181, "total": 529, "accuracy": 0.342155, "low": 0.302, "high": 0.3824}
# An edit of the results, and what the prose says only after it.
CHANGES: dict[str, tuple[Callable[[Inputs], object], str]] = {
    "accuracy": (
        lambda i: row_of(i, "mlp").update(test=ACCURACY),
        "181 of 529 test images are classified correctly, an accuracy of **0.3422** (95 % interval 0.302–",
    ),
    "limitation": (lambda i: row_of(i, "mlp").update(diverged=True), "**Diverged runs.** mlp ended"),
    "tie": (
        lambda i: comparison(i).update(best_ties=["feedforward_lr0_01", "feedforward_lr0_001"]),
        "η = 0.1, η = 0.01 and η = 0.001, tied, are best, with",
    ),
    "chance": (lambda i: comparison(i).update(p_value=0.4), "The data cannot tell whether they differ"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_words_follow_the_results(inputs: Inputs, name: str) -> None:
    change, words = CHANGES[name]
    assert words not in prose_of(inputs)
    change(inputs)
    assert words in prose_of(inputs)


def test_seeds_enter_tables_limitations_and_verdicts(inputs: Inputs) -> None:
    report, text = build_report(inputs), prose_of(inputs)
    replicated = [row["run"] for row in inputs.results["rows"] if row["over_seeds"]]
    seeds = max(claim["seeds"] for claim in inputs.claims)
    assert f"On average over {seeds} seeds η = 0.1 is best and η = 1 worst" in text
    assert "**One seed.**" not in text
    assert [cell.text for cell in column(report.tables["seeds"], "Run")] == replicated
    assert f"over {seeds} seeds" in {claim["basis"] for claim in report.claims}
    for each in (*inputs.results["rows"], *inputs.claims):
        each.update(over_seeds=None, seeds=1)
    report = build_report(inputs)
    assert "**One seed.**" in prose_of(inputs)
    assert not report.tables["seeds"]
    assert {claim["basis"] for claim in report.claims} == {"", "this training run"}


def test_claims_are_counted_by_verdict_and_those_of_ours_stand_apart(inputs: Inputs) -> None:
    inputs.claims[0]["reference"] = ""
    report = build_report(inputs)
    page = html.page(report)
    verdicts = [claim["verdict"] for claim in inputs.claims]
    for verdict in VERDICTS:
        assert report.tally(verdict) == page.count(f'class="claim {verdict}"') == verdicts.count(verdict)
    ours = {claim["id"] for claim in inputs.claims if not claim["reference"]}
    assert {cell.sort for cell in column(report.tables["questions"], "Claim")} == ours
    assert not ours & {cell.sort for cell in column(report.tables["claims"], "Claim")}
    before, _, after = page.partition('id="questions-of-ours"')
    for claim in inputs.claims:
        assert f'id="claim-{claim["id"]}"' in (after if claim["id"] in ours else before)


def test_the_report_stands_without_some_runs(inputs: Inputs) -> None:
    inputs.results.update(rows=[row_of(inputs, "perceptron")], comparisons={}, best_run=None)
    report = build_report(replace(inputs, figures={}, omitted={"mlp_loss": "no run is named mlp"}))
    assert "`mlp` is not among the runs" in report.markdown
    for written in (html.page(report), latex.document(report)):
        assert "is not in this build: no run is named mlp." in written
        assert "is not in this build: it was not drawn." in written


def test_results_of_others_are_compared_on_their_own_data_only(inputs: Inputs) -> None:
    there = make_inputs(comparable=True, synthetic=False, source="medmnist")
    words, words_there = prose_of(inputs), prose_of(there)
    tables, tables_there = build_report(inputs).tables, build_report(there).tables
    assert "The source report prints 0.3422, measured on OCTMNIST." in words
    assert "The source report prints 0.3422, 3 images more." in words_there
    assert "on OCTMNIST; not comparable" not in words_there
    assert "Test" not in tables["audit"][0]
    assert column(tables_there["audit"], "Test")[0].text == "no detectable difference (p\u00a0=\u00a00.8)"
    assert not tables["published"]
    assert "Doerrich" not in words
    assert "Doerrich and others (2025) published" in words_there
    published = tables_there["published"]
    ours = row_of(there, there.results["best_run"])["label"]
    assert {cell.text for cell in column(published, "Model")} == {ours, *(each.model for each in PUBLISHED)}


def test_a_sweep_has_its_section_with_the_selected_setting(inputs: Inputs) -> None:
    assert "# Sweeps" not in prose_of(inputs)
    shared = {"val_total": 700, "val_accuracy": 0.7, "train_accuracy": 0.8, "val_loss": 0.6, "epochs": 3}
    settings = [
        {**shared, "parameters": {"dropout": dropout}, "val_correct": correct, "diverged": dropout == 0.9}
        for dropout, correct in ((0.0, 490), (0.5, 511), (0.9, 600))
    ]
    sweep = {"sweep": "my_sweep", "base": "feedforward", "seed": 42, "settings": settings, "selected": 1}
    inputs.results["sweeps"] = [sweep | {"test": ACCURACY}]
    inputs.figures["sweep_my_sweep"] = make_figure("sweep_my_sweep")
    rows = build_report(inputs).tables["sweep-my_sweep"]
    assert [cell.note for cell in column(rows, "Setting")] == ["selected", "", ""]
    notes = [cell.note for cell in column(rows, "Validation")]
    assert notes == ["511 of 700", "490 of 700", "diverged in epoch 3"]
    section = prose_of(inputs).partition("\n# Sweeps")[2].partition("\n# ")[0]
    assert "**dropout 0.5** is selected" in section
    assert "0.3422" in section
    assert "sweep_my_sweep" in section
