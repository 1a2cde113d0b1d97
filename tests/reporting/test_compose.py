"""The report says what its inputs say: verdicts, divergence, missing runs, what can be compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from octrepro.reporting import html, latex
from octrepro.reporting.compose import build_report
from octrepro.reporting.inputs import Inputs
from octrepro.reporting.prose import figures_named, fill
from octrepro.reporting.provenance import fingerprint, packages
from tests.reporting.conftest import make_inputs, make_row


def _without(inputs: Inputs, *runs: str) -> Inputs:
    results = inputs.results | {
        "rows": [row for row in inputs.results["rows"] if row["run"] not in runs],
        "comparisons": [],
        "best_run": None,
    }
    records = {run: record for run, record in inputs.records.items() if run not in runs}
    return replace(inputs, records=records, results=results)


def test_every_question_has_its_section(inputs: Inputs) -> None:
    text = build_report(inputs).markdown
    for question in ("1.1a", "1.1b", "1.2a", "1.2b", "2.1", "2.2a", "2.2b", "2.2c", "3.1a", "3.1b", "3.1c"):
        assert f"\n## {question} · " in text


def test_report_shows_the_results(inputs: Inputs) -> None:
    text = build_report(inputs).markdown
    assert (
        "181 of 529 test images are classified correctly, an accuracy of **0.3422** "
        "(95\u00a0% interval 0.302–0.382)" in text
    )


def test_verdicts_choose_the_words(inputs: Inputs) -> None:
    flipped = [claim | {"verdict": "fails", "sentence": "The data deny it."} for claim in inputs.claims]
    report = build_report(replace(inputs, claims=flipped))
    assert report.tally == {"holds": 0, "fails": len(flipped), "inconclusive": 0}
    assert html.page(report).count("The data deny it.") == len(flipped)
    assert html.page(report).count('class="claim fails"') == len(flipped)


def test_claims_of_ours_stand_apart(inputs: Inputs) -> None:
    report = build_report(inputs)
    assert [row[2].sort for row in report.tables["questions"].rows] == ["claim_99"]
    assert "claim_99" not in [row[2].sort for row in report.tables["claims"].rows]
    before, _, after = html.page(report).partition('id="questions-of-ours"')
    assert 'id="claim-claim_99"' not in before
    assert 'id="claim-claim_99"' in after
    assert 'id="claim-claim_9"' in before


def test_a_run_that_diverged_is_shown_as_such(inputs: Inputs) -> None:
    for row in inputs.results["rows"]:
        if row["run"] == "mlp":
            row |= {"diverged": True, "diverged_epoch": 3}
    report = build_report(inputs)
    assert "the run has diverged (in epoch\u00a03)" in report.markdown
    assert "**Diverged runs.** mlp ended" in report.markdown
    cells = [row[0] for row in report.tables["results"].rows]
    assert [cell.note for cell in cells if cell.text == "mlp"] == ["diverged in epoch 3"]


def test_a_new_run_enters_the_results_table(inputs: Inputs) -> None:
    inputs.results["rows"].append(make_row("mine", "mlp", 7))
    assert "mine" in [row[0].text for row in build_report(inputs).tables["results"].rows]


def test_the_report_stands_without_some_runs(inputs: Inputs) -> None:
    runs = [run for run in inputs.records if run != "perceptron"]
    omitted = {"mlp_loss": "the run mlp is not in params.yaml"}
    report = build_report(replace(_without(inputs, *runs), figures={}, omitted=omitted))
    assert "`mlp` is not among the runs" in report.markdown
    for written in (html.page(report), latex.document(report)):
        assert "is not in this build: the run mlp is not in params.yaml." in written
        assert "is not in this build: it was not drawn." in written


def test_reference_values_are_compared_on_their_own_data_only() -> None:
    elsewhere, same = build_report(make_inputs()), build_report(make_inputs(comparable=True, synthetic=False))
    assert "The source report prints 0.3422, measured on OCTMNIST." in elsewhere.markdown
    assert "on OCTMNIST; not comparable" in elsewhere.markdown
    assert "on OCTMNIST; not comparable" not in same.markdown
    assert "The source report prints 0.3422, 3 images more." in same.markdown
    assert "no detectable difference (p\u00a0=\u00a00.8)" in [
        cell.text for row in same.tables["audit"].rows for cell in row
    ]
    assert len(elsewhere.tables["audit"].columns) < len(same.tables["audit"].columns)


def test_published_results_stand_beside_ours_on_their_own_data_only() -> None:
    elsewhere, same = build_report(make_inputs()), build_report(make_inputs(comparable=True, synthetic=False))
    assert not elsewhere.tables["published"].rows
    assert "Doerrich" not in elsewhere.markdown
    assert "Doerrich and others (2025) published" in same.markdown
    models = [row[0].text for row in same.tables["published"].rows]
    assert models[0] == "VGG16"
    assert models[-1] == "A feedforward"  # our best run, at 0.314
    assert same.tables["published"].rows[-1][1].note.startswith("0.2")


def test_best_by_accuracy_and_by_balanced_accuracy_are_named(inputs: Inputs) -> None:
    assert "is “A feedforward”, by balanced accuracy too." in build_report(inputs).markdown
    inputs.results["rows"][0]["balanced_accuracy"]["value"] = 0.9
    text = build_report(inputs).markdown
    assert "is “A feedforward”; by balanced accuracy it is “A perceptron”." in text


def test_measures_have_intervals_and_a_baseline() -> None:
    part, whole = build_report(make_inputs()), build_report(make_inputs(test_subset=None, test_used=1000))
    names = [column.title for column in part.tables["measures"].columns]
    baseline, perceptron = part.tables["measures"].rows[:2]
    assert names[:5] == ["Run", "Accuracy", "All images", "Balanced accuracy", "Mean AUC"]
    assert [cell.text for cell in baseline] == [
        *("always class 3", "0.4726", "0.2500", "0.2500", "0.5000", "0.00", "0.00", "0.00", "1.00")
    ]
    assert [cell.text for cell in perceptron[1:]] == [
        *("0.3422", "0.3000", "0.5833", "0.7100", "0.50", "–", "0.24", "1.00")
    ]
    assert [cell.note for cell in perceptron[4:6]] == ["0.680–0.740", "0.46–0.54"]
    assert [column.title for column in whole.tables["measures"].columns] == [*names[:2], *names[3:]]
    assert [cell.text for cell in part.tables["areas"].rows[0][1:]] == [
        *("0.600 (0.570–0.630)", "–", "1.000", "0.800 (0.770–0.830)")
    ]


def test_the_audit_names_impossible_accuracies(inputs: Inputs) -> None:
    rows = build_report(inputs).tables["audit"].rows
    assert [row[4].text for row in rows] == ["possible", "possible", "not possible"]


def test_variants_make_the_ablation(inputs: Inputs) -> None:
    assert "# Ablation" not in build_report(inputs).markdown
    variant = make_row("mlp_wide", "mlp", 3) | {"variant": True}
    own = next(row for row in inputs.results["rows"] if row["run"] == "mlp")
    variant["experiment"] = own["experiment"] | {"init_sd": 0.1}
    results = inputs.results | {"rows": [*inputs.results["rows"], variant]}
    report = build_report(replace(inputs, results=results))
    assert "# Ablation" in report.markdown
    assert [cell.text for cell in report.tables["ablation"].rows[0]][:4] == [
        "mlp_wide",
        "initial sd 0.1",
        "0.3478",
        "mlp",
    ]


def test_unplaced_figures_come_last(inputs: Inputs) -> None:
    assert "```figure one_more_figure" in build_report(inputs).markdown.partition("# More figures")[2]


def test_the_prose_names_all_figures_of_the_source_report() -> None:
    numbered = {figure.id for figure in make_inputs().figures.values() if figure.number}
    assert len(numbered) == 14
    assert numbered <= figures_named(Path("report/prose"))


def test_title_fits_other_data(inputs: Inputs) -> None:
    assert build_report(inputs).title.endswith("on retinal OCT images")
    inputs.results["retinal"] = False
    assert build_report(inputs).title.endswith("on Sample (test data)")
    renamed = inputs.params.datasets["sample"].model_copy(update={"title": "X-rays"})
    inputs.params.datasets["sample"] = renamed
    assert build_report(inputs).title.endswith("on X-rays")
    assert "X\\-rays has 6,000 training" in build_report(inputs).markdown


def test_ties_are_named(inputs: Inputs) -> None:
    inputs.results["comparisons"][0] |= {"worst_ties": ["feedforward_lr0_001"]}
    text = build_report(inputs).markdown.replace("\u00a0", " ")
    assert r"and η \= 1 and η \= 0\.001, tied, worst, with 300" in text


def test_selection_follows_the_comparison(inputs: Inputs) -> None:
    text = build_report(inputs).markdown.replace("\u00a0", " ")
    assert r"η \= 0\.1 is best, with 500 of 700 images, and η \= 1 worst, with 300" in text
    assert r"the last tenth of the epochs, η \= 0\.1 would be best and η \= 0\.01 worst." in text
    inputs.results["comparisons"][0] |= {"late_worst": "feedforward_lr1"}
    assert "the same two would be chosen" in build_report(inputs).markdown
    inputs.results["comparisons"][0] |= {"best": "feedforward_lr1", "worst": "feedforward", "p_value": 0.4}
    text = build_report(inputs).markdown.replace("\u00a0", " ")
    assert r"η \= 1 is best, with 300 of 700 images, and η \= 0\.1 worst" in text
    assert "The data cannot tell whether they differ" in text


def test_prose_about_the_constructions_follows_the_verification(inputs: Inputs) -> None:
    assert "**What is wrong with the robust version.**" in build_report(inputs).markdown
    for construction in inputs.verification["constructions"]:
        construction |= {"verdict": "computes", "robust": True, "first_counterexample": None}
    assert "**What is wrong" not in build_report(inputs).markdown


def test_a_name_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("{{ nothing }}")
    with pytest.raises(Exception, match="nothing"):
        fill(tmp_path, {})


def test_rebuild_command_of_a_name_with_underscores(
    inputs: Inputs,
) -> None:
    inputs.params.datasets["my_own_scans"] = inputs.params.datasets["sample"]
    report = build_report(replace(inputs, dataset="my_own_scans"))
    assert "<code>make report DATASET=my_own_scans</code>" in html.page(report)


def test_values_in_the_prose_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("{{ x }} {{ n }}")
    assert fill(tmp_path, {"x": "*a* $b$", "n": 0.5}) == r"\*a\* \$b\$ 0\.5"


def test_fingerprints_change_with_names_and_contents(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    first = fingerprint([tmp_path])
    file.write_text("2")
    second = fingerprint([tmp_path])
    file.rename(tmp_path / "b")
    assert len({first, second, fingerprint([tmp_path])}) == 3


def test_packages_have_versions_without_builds() -> None:
    versions = dict(packages())
    assert versions["jinja2"][0].isdigit()
    assert not any("+" in version for version in versions.values())
