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


def test_a_build_is_complete_and_up_to_date(built: Project) -> None:
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


def test_editing_one_run_touches_that_run_and_what_reads_it(built: Project) -> None:
    before = outputs(built)
    built.edit("experiments.feedforward.learning_rate", 0.05)
    own = {"train@phantom-feedforward", "evaluate@phantom-feedforward"}
    assert built.changed_stages() == own | DOWNSTREAM
    built.dvc("repro", "report@phantom")
    after = outputs(built)
    retrained = {name for name in before if name.endswith(".safetensors") and before[name] != after[name]}
    assert retrained == {"runs/phantom/feedforward/weights.safetensors"}


def test_editing_the_prose_touches_the_report_alone(built: Project) -> None:
    prose = next((built.folder / "report/prose").glob("*.md"))
    prose.write_text(prose.read_text() + "\n")
    assert built.changed_stages() == {"report@phantom"}


def test_editing_the_boolean_part_trains_nothing(built: Project) -> None:
    built.edit("boolean.max_dimension", 2)
    assert not any(stage.startswith(("train", "evaluate")) for stage in built.changed_stages())


def test_new_runs_variants_and_diverged_runs_are_reported(built: Project) -> None:
    assert not (built.folder / "runs/phantom/feedforward_3_layers").exists()
    built.edit("experiments.my_own_run", {**built.params["experiments"]["feedforward"], "dropout": 0.5})
    built.edit("experiments.feedforward_lr1.learning_rate", 1e30)
    built.edit("ablation", ["feedforward_3_layers"])
    assert {"train@phantom-my_own_run", "evaluate@phantom-my_own_run"} <= built.changed_stages()
    built.build()
    html = built.text("report/build/phantom/report.html")
    for expected in ("my_own_run", "feedforward_3_layers", "diverged"):
        assert expected in html
    latex = built.text("report/build/phantom/report.tex").replace("\\allowbreak{}", "")
    assert "my\\_own\\_run" in latex
    for run, diverged in (("feedforward_lr1", True), ("my_own_run", False), ("feedforward_3_layers", False)):
        assert json.loads(built.text(f"runs/phantom/{run}/metrics.json"))["diverged"] is diverged


def write_medmnist_like(path: Path, channels: int = 1, seed: int = 0) -> None:
    classes = 3
    generator = np.random.default_rng(seed)
    shape = (28, 28) if channels == 1 else (28, 28, channels)
    arrays = {}
    for split, count in (("train", 40), ("val", 20), ("test", 20)):
        labels = np.arange(count) % classes
        noise = generator.integers(0, 100, (count, *shape))
        arrays[f"{split}_images"] = (noise + 40 * labels.reshape(-1, *[1] * len(shape))).astype(np.uint8)
        arrays[f"{split}_labels"] = labels[:, None].astype(np.uint8)
    np.savez(path, **arrays)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_new_data_set_is_an_edit_of_the_parameters(tmp_path: Path, channels: int) -> None:
    project = make_project(tmp_path / "project", runs=["perceptron", "torch_logistic_lr0_01"])
    write_medmnist_like(project.folder / "mine.npz", channels=channels)
    project.edit("datasets.mine", {"source": "file", "path": "mine.npz", "classes": ["a", "b & c", "<d>"]})
    project.build("mine")
    html = project.text("report/build/mine/report.html")
    assert "b &amp; c" in html
    assert "<d>" not in html
    metrics = project.text("runs/mine/perceptron/metrics.json")
    assert json.loads(metrics)["test_total"] == 20
    if channels == 1:
        # Another file under the same path is noticed, once.
        write_medmnist_like(project.folder / "mine.npz", seed=1)
        assert "fetch@mine" in project.build("mine").stderr
        assert project.text("runs/mine/perceptron/metrics.json") != metrics
        assert "up to date" in project.build("mine").stdout


@pytest.mark.skipif(
    not (ROOT.parent / "shared/data/pneumoniamnist.npz").exists(), reason="the chest X-rays are not here"
)
def test_a_report_on_real_images(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", runs=["perceptron", "torch_logistic_lr0_01"])
    path = str(ROOT.parent / "shared/data/pneumoniamnist.npz")
    project.edit("datasets.pneumonia", {"source": "file", "path": path, "classes": ["normal", "pneumonia"]})
    project.build("pneumonia")
    metrics = json.loads(project.text("runs/pneumonia/torch_logistic_lr0_01/metrics.json"))
    assert metrics["test_total"] == 624
    assert "pneumonia" in project.text("report/build/pneumonia/report.html")


def test_offline_the_embedded_report_is_whole_before_the_message(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", runs=["perceptron"])
    project.edit("datasets.octmnist", {"source": "medmnist", "test_per_class": [182, 55, 42, 250]})
    result = project.dvc("repro", check=False, **OFFLINE)
    assert result.returncode != 0
    assert (project.folder / "report/build/phantom/report.html").exists()
    assert not list((project.folder / "data/raw").glob("*octmnist*"))
    for expected in (
        "octmnist",
        "2f909b7563c0279881a5d51c85a64833f3d4e42eace52b43ac2f22d15ff24986",
        "OCTREPRO_MIRROR",
        "data/raw/octmnist.npz",
    ):
        assert expected in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    result = project.run("python", "-m", "octrepro", "build", "octmnist", check=False, **OFFLINE)
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


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs a LaTeX engine")
def test_the_experiment_that_the_readme_shows_renews_the_pdf(built: Project) -> None:
    command = re.search(r"^dvc (exp run .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert command is not None
    before = outputs(built)
    built.dvc(*shlex.split(command[1]), "--name", "slower")
    assert "slower" in built.dvc("exp", "show", "--csv", "--only-changed").stdout
    params = built.params["experiments"]
    assert params["feedforward"]["learning_rate"] == 0.05
    assert params["feedforward_lr1"]["learning_rate"] == 1
    changed = {name for name, digest in outputs(built).items() if before.get(name) != digest}
    assert {"report/build/phantom/report.html", "report/build/phantom/report.pdf"} <= changed
    assert built.changed_stages() == set()
