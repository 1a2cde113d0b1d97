"""The whole way: from parameters to a report, and what a change reruns."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.pipeline.conftest import ROOT, Project, make_project

pytestmark = pytest.mark.slow

DOWNSTREAM = {"results@phantom", "claims@phantom", "figures@phantom", "report@phantom"}
OFFLINE = {
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "NO_PROXY": "",
    "no_proxy": "",
}


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def outputs(project: Project) -> dict[str, str]:
    return {
        f"{part}/{name}": digest
        for part in ("data", "results", "runs", "report/build")
        for name, digest in fingerprint(project.folder / part).items()
    }


def test_a_build_is_complete_and_up_to_date(tmp_path: Path) -> None:
    built = make_project(tmp_path / "project")
    built.run_all()
    assert built.changed_stages() == set()
    for run in built.params["experiments"]:
        header, *rows = built.text(f"runs/phantom/{run}/history.csv").splitlines()
        assert header == "epoch,train_loss,train_accuracy,val_loss,val_accuracy"
        assert len(rows) == built.params["experiments"][run]["epochs"]
        metrics = json.loads(built.text(f"runs/phantom/{run}/metrics.json"))
        assert metrics["test_total"] == 24
        assert metrics["test_accuracy"] == metrics["test_correct"] / metrics["test_total"]
        assert sum(map(sum, metrics["confusion"])) == metrics["test_total"]
    verdicts = {claim["verdict"] for claim in json.loads(built.text("runs/phantom/claims.json"))}
    assert verdicts <= {"holds", "fails", "inconclusive"}
    html = built.text("report/build/phantom/report.html")
    assert "synthetic" in html
    for number in range(1, 15):
        assert f"Figure {number}" in html
    for question in ("1.1a", "1.1b", "1.2a", "1.2b", "2.1", "2.2a", "2.2b", "2.2c", "3.1a", "3.1b", "3.1c"):
        assert question in html


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs a LaTeX engine")
def test_the_experiment_that_the_readme_shows_retrains_one_run_and_renews_the_pdf(built: Project) -> None:
    command = re.search(r"^dvc (exp run .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert command is not None
    before, committed = outputs(built), built.text("params.yaml")
    built.edit("experiments.feedforward.learning_rate", 0.05)
    own = {"train@phantom-feedforward", "evaluate@phantom-feedforward"}
    assert built.changed_stages() == own | DOWNSTREAM
    (built.folder / "params.yaml").write_text(committed)
    built.dvc(*shlex.split(command[1]), "--name", "slower")
    assert "slower" in built.dvc("exp", "show", "--csv", "--only-changed").stdout
    params = built.params["experiments"]
    assert params["feedforward"]["learning_rate"] == 0.05
    assert params["feedforward_lr1"]["learning_rate"] == 1
    changed = {name for name, digest in outputs(built).items() if before.get(name) != digest}
    assert {"report/build/phantom/report.html", "report/build/phantom/report.pdf"} <= changed
    retrained = {name for name in changed if name.endswith(".safetensors")}
    assert retrained == {"runs/phantom/feedforward/weights.safetensors"}
    assert built.changed_stages() == set()


def test_editing_the_boolean_part_trains_nothing(built: Project) -> None:
    built.edit("boolean.max_dimension", 2)
    assert not any(stage.startswith(("train", "evaluate")) for stage in built.changed_stages())


def test_new_runs_variants_and_diverged_runs_are_reported(tmp_path: Path) -> None:
    built = make_project(tmp_path / "project", runs=["feedforward", "feedforward_lr1"])
    built.edit("experiments.my_own_run", {**built.params["experiments"]["feedforward"], "dropout": 0.5})
    built.edit("experiments.feedforward_lr1.learning_rate", 1e30)
    built.edit("ablation", ["feedforward_3_layers"])
    built.run_all()
    html = built.text("report/build/phantom/report.html")
    for expected in ("my_own_run", "feedforward_3_layers", "diverged"):
        assert expected in html
    latex = built.text("report/build/phantom/report.tex").replace("\\allowbreak{}", "")
    assert "my\\_own\\_run" in latex
    for run, diverged in (("feedforward_lr1", True), ("my_own_run", False), ("feedforward_3_layers", False)):
        assert json.loads(built.text(f"runs/phantom/{run}/metrics.json"))["diverged"] is diverged


def write_colored_images(path: Path, seed: int = 0) -> None:
    classes = 3
    generator = np.random.default_rng(seed)
    arrays = {}
    for split, count in (("train", 40), ("val", 20), ("test", 20)):
        labels = np.arange(count) % classes
        noise = generator.integers(0, 100, (count, 28, 28, 3))
        arrays[f"{split}_images"] = (noise + 40 * labels.reshape(-1, 1, 1, 1)).astype(np.uint8)
        arrays[f"{split}_labels"] = labels[:, None].astype(np.uint8)
    np.savez(path, **arrays)


def test_adding_a_data_set_is_an_edit(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", runs=["perceptron"])
    write_colored_images(project.folder / "mine.npz")
    project.edit("datasets.mine", {"source": "file", "path": "mine.npz", "classes": ["a", "b & c", "<d>"]})
    project.build("mine")
    html = project.text("report/build/mine/report.html")
    assert "b &amp; c" in html
    assert "<d>" not in html
    metrics = project.text("runs/mine/perceptron/metrics.json")
    assert json.loads(metrics)["test_total"] == 20
    # Another file under the same path is noticed, once.
    write_colored_images(project.folder / "mine.npz", seed=1)
    assert "fetch@mine" in project.build("mine").stderr
    assert project.text("runs/mine/perceptron/metrics.json") != metrics
    assert "up to date" in project.build("mine").stdout


def test_offline_the_embedded_report_is_whole_before_the_message(built: Project) -> None:
    built.edit("report.title", "The embedded images")
    built.edit("datasets.octmnist", {"source": "medmnist", "test_per_class": [182, 55, 42, 250]})
    result = built.dvc("repro", check=False, **OFFLINE)
    assert result.returncode != 0
    assert "The embedded images" in built.text("report/build/phantom/report.html")
    assert not list((built.folder / "data/raw").glob("*octmnist*"))
    for expected in (
        "octmnist",
        "2f909b7563c0279881a5d51c85a64833f3d4e42eace52b43ac2f22d15ff24986",
        "OCTREPRO_MIRROR",
        "data/raw/octmnist.npz",
    ):
        assert expected in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    result = built.run("python", "-m", "octrepro", "build", "octmnist", check=False, **OFFLINE)
    assert result.returncode == 1
    assert "The build stopped at fetch@octmnist." in result.stderr
    assert "OCTREPRO_MIRROR" in result.stderr


def test_bad_parameters_stop_before_anything_is_trained(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    project.edit("experiments.feedforward.dropout", 1.5)
    result = project.dvc("repro", check=False)
    assert result.returncode != 0
    assert "experiments.feedforward.dropout" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (project.folder / "runs").exists()
    result = project.run("python", "-m", "octrepro", "build", "phantom", check=False)
    assert result.returncode == 1
    assert "experiments.feedforward.dropout" in result.stderr


def test_dvc_commands_tell_something(built: Project) -> None:
    assert "evaluate@phantom-mlp" in built.dvc("stage", "list").stdout
    assert "train@phantom-mlp" in built.dvc("dag", "--md", "report@phantom").stdout
    shown = json.loads(built.dvc("metrics", "show", "--json").stdout)
    assert "runs/phantom/mlp/metrics.json" in shown[""]["data"]
    built.edit("experiments.mlp.learning_rate", 0.5)
    params = json.loads(built.dvc("params", "diff", "--json").stdout)
    change = params["params.yaml"]["experiments.mlp.learning_rate"]
    assert (change["old"], change["new"]) == (0.001, 0.5)
    built.edit("experiments.mlp.epochs", 3)
    built.dvc("repro", "evaluate@phantom-mlp")
    changes = json.loads(built.dvc("metrics", "diff", "--json").stdout)
    assert changes["runs/phantom/mlp/metrics.json"]["epochs"]["new"] == 3
