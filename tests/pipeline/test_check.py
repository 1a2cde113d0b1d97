"""`make check` finds every drift and says what it is; on the committed state it finds none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from octrepro.core import UserError, numerics
from octrepro.pipeline import check, promises, side_by_side
from octrepro.pipeline.environment import check_installed, pins
from tests.pipeline.conftest import ROOT, Project, make_project

slow = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]
WRONG = "0" * 32
# One output of each kind of stage.
SEEDED = {
    "fetch@phantom": "data/raw/phantom.npz",
    "prepare@phantom": "data/prepared/phantom",
    "train@phantom-mlp": "runs/phantom/mlp/history.csv",
    "train@phantom-feedforward": "runs/phantom/feedforward/weights.safetensors",
    "evaluate@phantom-perceptron": "runs/phantom/perceptron/metrics.json",
    "boolean": "runs/boolean/verification.json",
    "claims@phantom": "runs/phantom/claims.json",
    "figures@phantom": "report/build/phantom/figures",
    "report@phantom": "report/build/phantom/report.html",
}


@pytest.fixture(scope="module")
def committed_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("check") / "p", runs=["perceptron", "mlp", "feedforward"])
    shutil.copy(ROOT / "requirements.lock", project.folder)
    project.build()
    project.commit("built")
    return project


@pytest.fixture
def committed(committed_once: Project, tmp_path: Path) -> Project:
    return committed_once.copy(tmp_path / "project")


def run_check(project: Project) -> tuple[int, str]:
    result = project.run("python", "-m", "octrepro", "check", "--jobs", "2", check=False)
    return result.returncode, result.stdout


def change_lock(project: Project, changes: dict[str, str]) -> None:
    """Let dvc.lock promise WRONG of one output of each stage given."""
    path = project.folder / "dvc.lock"
    lock: dict[str, Any] = yaml.safe_load(path.read_text())
    for stage, output in changes.items():
        entry = next(out for out in lock["stages"][stage]["outs"] if out["path"] == output)
        entry["md5"] = WRONG
    path.write_text(yaml.safe_dump(lock, sort_keys=False))


class TestRebuilding:
    """Whole rebuilds of a small project."""

    pytestmark = slow

    def test_the_committed_state_is_reproduced_and_one_line_says_so(self, committed: Project) -> None:
        code, printed = run_check(committed)
        assert code == 0
        assert len(printed.splitlines()) == 1
        assert printed.startswith("Reproduced: ")
        revision = committed.run("git", "rev-parse", "--short", "HEAD").stdout.strip()
        assert f"at {revision} match dvc.lock" in printed
        # Nothing of the project was touched.
        assert committed.run("git", "status", "--porcelain").stdout == ""

    def test_a_drift_in_each_kind_of_stage_is_found(self, committed: Project) -> None:
        lock = yaml.safe_load(committed.text("dvc.lock"))["stages"]
        assert {stage.partition("@")[0] for stage in lock} - {"pdf"} == {
            stage.partition("@")[0] for stage in SEEDED
        }
        typeset = {"pdf@phantom": "runs/phantom/typeset.json"} if "pdf@phantom" in lock else {}
        change_lock(committed, SEEDED | typeset)
        committed.commit("promise other bytes")
        code, printed = run_check(committed)
        assert code == 1
        rows = [line.split() for line in printed.splitlines() if line.split()[2:3] == [WRONG]]
        assert {row[0]: row[1] for row in rows} == SEEDED
        for stage, output, _, found in rows:
            assert found in {out["md5"] for out in lock[stage]["outs"] if out["path"] == output}
        assert f"Drift: {len(SEEDED)} of " in printed
        # Pages set by another TeX are told, and not held against the commit.
        assert [line for line in printed.splitlines() if line.startswith("not compared")] == [
            line for line in printed.splitlines() if "pdf@phantom" in line
        ]
        assert bool(typeset) == ("not compared: pdf@phantom (typeset by " in printed)

    def test_changed_code_is_told_in_numbers_side_by_side(self, committed: Project) -> None:
        before = json.loads(committed.text("runs/phantom/mlp/metrics.json"))["test_correct"]
        code = committed.folder / "src/octrepro/evaluation/evaluate.py"
        honest = "correct = int(np.count_nonzero(predicted == labels))"
        assert honest in code.read_text()
        code.write_text(code.read_text().replace(honest, f"{honest} + 1"))
        committed.commit("count one too many")
        exit_code, printed = run_check(committed)
        assert exit_code == 1
        expected = f"runs/phantom/mlp/metrics.json: test_correct: expected {before}, found {before + 1}"
        assert expected in printed
        drifted = {line.split()[0] for line in printed.splitlines() if "@phantom" in line}
        assert not any(stage.startswith(("fetch", "prepare", "train")) for stage in drifted)
        assert {"evaluate@phantom-mlp", "evaluate@phantom-perceptron", "report@phantom"} <= drifted
        # Folders are told file by file, when they drift at all.
        assert "report/build/phantom/figures " not in printed


class TestPromises:
    """Reading dvc.lock and comparing."""

    def test_without_a_lock_there_is_nothing_to_compare(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="not committed"):
            promises.promised(tmp_path / "dvc.lock", "phantom")

    def test_a_data_set_that_was_never_built_is_told(self, tmp_path: Path) -> None:
        lock = tmp_path / "dvc.lock"
        lock.write_text("stages:\n  boolean:\n    outs: [{path: a, md5: b}]\n  fetch@x:\n    cmd: c\n")
        with pytest.raises(UserError, match="promises nothing for octmnist"):
            promises.promised(lock, "octmnist")
        assert promises.promised(lock, "x") == {"boolean": {"a": "b"}, "fetch@x": {}}

    def test_every_way_to_differ(self) -> None:
        expected = {"train@p-a": {"h": "1", "w": "2"}, "pdf@p": {"r": "3"}}
        found = {"train@p-a": {"h": "1", "w": "9"}, "train@p-b": {"v": "4"}}
        assert list(promises.drifts(expected, found)) == [
            promises.Drift("train@p-a", "w", "2", "9"),
            promises.Drift("train@p-b", "v", promises.NOTHING, "4"),
        ]
        assert list(promises.drifts(expected, expected)) == []

    def test_a_folder_is_told_file_by_file_where_the_caches_list_it(self, tmp_path: Path) -> None:
        for side, names in (("before", {"a": "1", "b": "2"}), ("after", {"a": "1", "b": "3", "c": "4"})):
            listing = tmp_path / side / promises.CACHE / "aa" / f"{side}.dir"
            listing.parent.mkdir(parents=True)
            listing.write_text(json.dumps([{"relpath": n, "md5": m} for n, m in names.items()]))
        drift = promises.Drift("figures@p", "f", "aabefore.dir", "aaafter.dir")
        told = promises.by_file(drift, tmp_path / "before", tmp_path / "after")
        assert [(row.output, row.expected, row.found) for row in told] == [
            ("f/b", "2", "3"),
            ("f/c", promises.NOTHING, "4"),
        ]
        assert promises.by_file(drift, tmp_path / "nowhere", tmp_path / "after") == [drift]


class TestSideBySide:
    """Numbers of two versions."""

    def test_values_that_differ(self) -> None:
        told = side_by_side.changes('{"a": 1, "b": 2}', '{"a": 1, "b": 3, "c": 4}', "x.json")
        assert list(told) == ["b: expected 2, found 3", "c: expected None, found 4"]

    def test_the_first_row_that_differs(self) -> None:
        before, after = "epoch,loss\n1,0.5\n2,0.25\n3,0.1\n", "epoch,loss\n1,0.5\n2,0.26\n3,0.2\n"
        told = side_by_side.changes(before, after, "history.csv")
        assert list(told) == ["row 2, loss: expected 0.25, found 0.26"]
        assert list(side_by_side.changes(before, before, "history.csv")) == []
        assert list(side_by_side.changes("a\n1\n", "a\n", "x.csv")) == ["row 1, a: expected 1, found None"]

    @pytest.mark.parametrize("content", ["", "[1]", "not json"])
    def test_what_is_no_mapping_is_left_to_the_table(self, content: str) -> None:
        assert list(side_by_side.changes(content, content, "x.json")) == []
        assert list(side_by_side.changes("x", "y", "report.html")) == []

    def test_tolerance(self) -> None:
        tolerance = side_by_side.ACCURACY_TOLERANCE
        metrics = {"test_accuracy": 0.5, "val_accuracy": None, "test_total": 9, "diverged": False}

        def beyond(**found: Any) -> list[str]:
            return side_by_side.beyond_tolerance(json.dumps(metrics), json.dumps(metrics | found))

        assert beyond() == []
        assert beyond(test_accuracy=0.5 + 0.9 * tolerance) == []
        assert beyond(test_accuracy=0.5 - 1.1 * tolerance) != []
        assert beyond(val_accuracy=0.5) != []
        assert beyond(diverged=True) == ["diverged: expected False, found True"]


class TestOtherProcessors:
    """What is said on a processor outside the promise of equal bits."""

    def rebuilt(self, accuracy: float) -> check.Rebuilt:
        path = "runs/phantom/mlp/metrics.json"
        expected = {"evaluate@phantom-mlp": {path: "1"}, "boolean": {"v": "2"}}
        found = {"evaluate@phantom-mlp": {path: "3"}, "boolean": {"v": "2"}}
        before, after = ({path: json.dumps({"test_accuracy": value})} for value in (0.75, accuracy))
        return check.Rebuilt("abc", expected, found, before, after, list(promises.drifts(expected, found)))

    def test_close_metrics_pass_and_one_line_says_why(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert check._approximate_verdict(self.rebuilt(0.74)) == 0
        reason, verdict = capsys.readouterr().out.splitlines()
        assert "outside the promise of equal bits" in reason
        assert "the metrics of all 1 runs are within 0.05; 1 outputs have the same bytes" in verdict

    def test_far_metrics_fail(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert check._approximate_verdict(self.rebuilt(0.6)) == 1
        assert "test_accuracy: expected 0.75, found 0.6" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("flags", "covered"),
        [("flags\t: sse avx avx2 fma bmi2", True), ("flags\t: sse avx fma", False), ("flags\t: avx2", False)],
    )
    def test_which_processors_are_covered(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str, covered: bool
    ) -> None:
        cpuinfo = tmp_path / "cpuinfo"
        cpuinfo.write_text(f"processor\t: 0\n{flags}\n")
        monkeypatch.setattr("platform.machine", lambda: "x86_64")
        assert numerics.covers_this_processor(cpuinfo) is covered
        monkeypatch.setattr("platform.machine", lambda: "arm64")
        assert not numerics.covers_this_processor(cpuinfo)

    def test_kernels_are_not_named_to_a_processor_without_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("platform.machine", lambda: "arm64")
        assert numerics.environment("portable") == numerics.ONE_THREAD


class TestEnvironment:
    """The installed packages are those of the lock file, or the check refuses."""

    def test_this_environment_is_the_locked_one(self) -> None:
        check_installed(ROOT / "requirements.lock")
        assert "torch" in pins(ROOT / "requirements.lock")

    def test_every_package_is_held_by_a_hash_save_torch(self) -> None:
        text = (ROOT / "requirements.lock").read_text()
        pinned = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
        assert [line for line in pinned if line.startswith("#")] == [
            line for line in pinned if "torch==" in line
        ]
        assert all(line.startswith("#") or line.endswith("\\") for line in pinned)

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("numpy==0.0.1 \\\n    --hash=sha256:0", "numpy"),
            ("# by version: torch==0.1.0", "torch"),
            ("no-such-package==1.0", "no-such-package nothing (locked: 1.0)"),
        ],
    )
    def test_another_version_is_refused(self, tmp_path: Path, line: str, said: str) -> None:
        lock = tmp_path / "requirements.lock"
        lock.write_text(f"{line}\n")
        with pytest.raises(UserError) as told:
            check_installed(lock)
        assert said in str(told.value)
        assert "make setup" in str(told.value)

    def test_packages_for_other_systems_are_not_asked_for(self, tmp_path: Path) -> None:
        lock = tmp_path / "requirements.lock"
        lock.write_text("no-such-package==1.0 ; sys_platform == 'no-such-system'\n")
        check_installed(lock)
