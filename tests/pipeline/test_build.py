"""The whole way: from parameters to a report, and what a change reruns."""

import csv
import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from tests.pipeline.project import ROOT, Project, make_project

pytestmark = pytest.mark.slow


def metrics(project: Project, run: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(project.text(f"runs/{run}/metrics.json"))
    return found


def test_a_build_is_complete_and_up_to_date(built_once: Project) -> None:
    assert built_once.changed_stages() == set()
    html = built_once.text("report/build/phantom/report.html")
    latex = built_once.text("report/build/phantom/report.tex").replace("\\allowbreak{}", "")
    params = built_once.params
    for run in [*params["experiments"], *params["ablation"]]:
        header, *rows = built_once.text(f"runs/phantom/{run}/history.csv").splitlines()
        assert header == "epoch,train_loss,train_accuracy,val_loss,val_accuracy"
        found = metrics(built_once, f"phantom/{run}")
        diverged = run == "feedforward_lr1"
        assert (found["diverged"], len(rows)) == (diverged, 1 if diverged else 2)
        assert found["test_accuracy"] == found["test_correct"] / 24
    for told in ("synthetic", "diverged", "other_choices", "feedforward_3_layers", "Figure 14", "3.1c"):
        assert told in html
    assert "other\\_choices" in latex


def test_replicates_and_sweeps_enter_the_report(built_once: Project) -> None:
    drawn = [str(seed) for seed in json.loads(built_once.text("runs/phantom/seeds.json"))["further"]]
    replicated = built_once.params["replicated"]
    for run in replicated:
        rows = list(csv.DictReader(built_once.text(f"runs/phantom/{run}/replicates.csv").splitlines()))
        assert [row["seed"] for row in rows] == drawn
    assert len(built_once.text("runs/phantom/sweeps/lengths.csv").splitlines()) == 3
    results = json.loads(built_once.text("runs/phantom/results.json"))
    seeds = {row["run"]: row["over_seeds"]["seeds"] for row in results["rows"] if row["over_seeds"]}
    assert seeds == dict.fromkeys(replicated, 3)
    html = built_once.text("report/build/phantom/report.html")
    for told in ("Test over seeds", "from 3 seeds", "The bands span 3 seeds", "is selected"):
        assert told in html


def test_a_report_has_no_more_pages_and_bytes_than_promised(built_once: Project) -> None:
    # The small project has every part of the report; where the whole one is built, it is measured too.
    for project in (built_once.folder, ROOT):
        folder = project / "report/build/phantom"
        if (folder / "report.html").is_file():
            assert (folder / "report.html").stat().st_size < 1_000_000
        if (folder / "report.pdf").is_file():
            assert len(PdfReader(folder / "report.pdf").pages) <= 24


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs a LaTeX engine")
def test_the_experiment_that_the_readme_shows_retrains_one_run_and_renews_the_pdf(built: Project) -> None:
    command = re.search(r"^dvc (exp run .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert command is not None
    before, tasks = built.digests(), set((built.folder / "build/tasks").iterdir())
    built.dvc(*shlex.split(command[1]), "--name", "slower")
    assert "slower" in built.dvc("exp", "show", "--csv", "--only-changed").stdout
    assert built.params["experiments"]["feedforward"]["learning_rate"] == 0.05
    changed = {name for name, digest in built.digests().items() if before.get(name) != digest}
    assert {"report/build/phantom/report.html", "report/build/phantom/report.pdf"} <= changed
    retrained = {name for name in changed if name.endswith(".safetensors")}
    assert retrained == {"runs/phantom/feedforward/weights.safetensors"}
    # Its two further seeds, and no setting of the sweep.
    assert len(set((built.folder / "build/tasks").iterdir()) - tasks) == 2
    assert built.changed_stages() == set()


def write_colored_images(path: Path) -> None:
    generator = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", 40), ("val", 20), ("test", 20)):
        labels = np.arange(count) % 3
        noise = generator.integers(0, 100, (count, 28, 28, 3))
        arrays[f"{split}_images"] = (noise + 40 * labels.reshape(-1, 1, 1, 1)).astype(np.uint8)
        arrays[f"{split}_labels"] = labels[:, None].astype(np.uint8)
    np.savez(path, **arrays)


def test_adding_a_data_set_is_an_edit(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", runs=["perceptron"])
    write_colored_images(project.folder / "mine.npz")
    mine = {"source": "file", "path": "mine.npz", "classes": ["a", "b & c", "<d>"]}
    project.edit("datasets", {"mine": mine})
    project.run_all()
    html = project.text("report/build/mine/report.html")
    assert "b &amp; c" in html
    assert "<d>" not in html
    assert metrics(project, "mine/perceptron")["test_total"] == 20
