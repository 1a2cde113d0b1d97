"""`python -m octrepro check` finds every drift and says what it is; on the committed state it finds none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from octrepro.core import UserError, numerics
from octrepro.pipeline import check
from octrepro.pipeline.environment import check_installed, pins
from tests.pipeline.conftest import ROOT, Project
from tests.pipeline.toy import BUILD, Toy, toy

__all__ = ["toy"]

WRONG = "0" * 32
METRICS = "runs/phantom/mlp/metrics.json"
# An output of each kind: cached, tracked by git, a folder.
SEEDED = {
    "train@phantom-mlp": "out/train@phantom-mlp",
    "evaluate@phantom-mlp": METRICS,
    "prepare@phantom": "out/prepare@phantom",
}


def run_check(project: Project) -> tuple[int, str]:
    result = project.run("python", "-m", "octrepro", "check", "--jobs", "2", check=False)
    assert "Traceback" not in result.stderr
    return result.returncode, result.stdout


def change_lock(project: Project, changes: dict[str, str]) -> None:
    """Let dvc.lock promise WRONG of one output of each stage given."""
    path = project.folder / "dvc.lock"
    lock: dict[str, Any] = yaml.safe_load(path.read_text())
    for stage, output in changes.items():
        entry = next(out for out in lock["stages"][stage]["outs"] if out["path"] == output)
        entry["md5"] = WRONG
    path.write_text(yaml.safe_dump(lock, sort_keys=False))


@pytest.mark.slow
@pytest.mark.xdist_group("check")
class TestRebuilding:
    """Whole rebuilds of a toy project."""

    @pytest.fixture
    def committed(self, toy: Toy) -> Toy:
        toy.run(*BUILD)
        toy.commit("built")
        return toy

    def test_reproduces_the_committed_state_and_says_so_in_one_line(self, committed: Toy) -> None:
        code, printed = run_check(committed)
        assert code == 0
        revision = committed.run("git", "rev-parse", "--short", "HEAD").stdout.strip()
        assert printed == f"Reproduced: 10 outputs of 7 stages at {revision} match dvc.lock.\n"
        assert committed.run("git", "status", "--porcelain").stdout == ""

    def test_finds_a_drift_in_each_kind_of_output(self, committed: Toy) -> None:
        lock = yaml.safe_load(committed.text("dvc.lock"))["stages"]
        change_lock(committed, SEEDED | {"pdf@phantom": "runs/phantom/typeset.json"})
        committed.commit("promise other bytes")
        code, printed = run_check(committed)
        assert code == 1
        for stage, output in SEEDED.items():
            found = next(out["md5"] for out in lock[stage]["outs"] if out["path"] == output)
            assert f"{stage}  {output}  expected {WRONG}, found {found}\n" in printed
        assert "Drift: 3 of 8 outputs" in printed
        # Pages set by another TeX are named, and not held against the commit.
        assert "not compared: pdf@phantom (typeset by another TeX" in printed
        assert "pdf@phantom  " not in printed

    def test_shows_changed_numbers_and_files_of_folders(self, committed: Toy) -> None:
        code = committed.folder / "work.py"
        text = code.read_text().replace("CORRECT = 6", "CORRECT = 7")
        code.write_text(text.replace('"labels"', '"classes"'))
        committed.commit("count one too many")
        exit_code, printed = run_check(committed)
        assert exit_code == 1
        assert f"evaluate@phantom-mlp  {METRICS}  expected" in printed
        for line in ('-  "test_correct": 6,', '+  "test_correct": 7,'):
            assert f"\n  {line}\n" in printed
        assert "prepare@phantom  out/prepare@phantom/classes  expected nothing, found" in printed
        assert "out/prepare@phantom/images" not in printed

    def test_failing_rebuild_is_reported(self, committed: Toy) -> None:
        (committed.folder / "work.py").write_text("raise SystemExit('it is broken')")
        committed.commit("broken")
        result = committed.run("python", "-m", "octrepro", "check", check=False)
        assert result.returncode == 1
        assert "it is broken" in result.stderr
        assert "the rebuild failed" in result.stderr

    def test_other_processors_compare_accuracies(
        self, committed: Toy, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = committed.folder / "work.py"
        for name, value in committed.environment().items():
            monkeypatch.setenv(name, value)
        text = code.read_text()
        code.write_text(text.replace('CORRECT / 8, "test', 'CORRECT / 8 + 0.01, "test'))
        committed.commit("a little off")
        assert check.check(committed.folder, "phantom", 2, same_bits=False) == 0
        printed = capfd.readouterr().out
        assert "outside the promise of equal bits" in printed
        assert "the metrics of all 2 runs are within 0.05" in printed
        code.write_text(text.replace("CORRECT = 6", "CORRECT = 5"))
        committed.commit("far off")
        assert check.check(committed.folder, "phantom", 2, same_bits=False) == 1
        assert f"{METRICS}: test_accuracy: expected 0.75, found 0.625" in capfd.readouterr().out


class TestPromises:
    """Reading dvc.lock and comparing."""

    def test_missing_lock_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="not committed"):
            check.promises(tmp_path / "dvc.lock", "phantom")

    def test_data_set_that_was_never_built_is_refused(self, tmp_path: Path) -> None:
        lock = tmp_path / "dvc.lock"
        lock.write_text("stages:\n  boolean:\n    outs: [{path: a, md5: b}]\n  fetch@x:\n    cmd: c\n")
        with pytest.raises(UserError, match="promises nothing for octmnist"):
            check.promises(lock, "octmnist")
        assert check.promises(lock, "x") == {"boolean": {"a": "b"}, "fetch@x": {}}

    def test_every_way_to_differ(self) -> None:
        expected = {"train@p-a": {"h": "1", "w": "2"}, "pdf@p": {"r": "3"}}
        found = {"train@p-a": {"h": "1", "w": "9"}, "train@p-b": {"v": "4"}}
        assert list(check.drifts(expected, found)) == [
            check.Drift("train@p-a", "w", "2", "9"),
            check.Drift("train@p-b", "v", check.NOTHING, "4"),
        ]
        assert list(check.drifts(expected, expected)) == []

    def test_tolerance(self) -> None:
        metrics = {"test_accuracy": 0.5, "val_accuracy": None, "test_total": 9, "diverged": False}

        def beyond(**found: Any) -> list[str]:
            return check.beyond_tolerance(metrics, metrics | found)

        assert beyond() == []
        assert beyond(test_accuracy=0.5 + 0.9 * check.ACCURACY_TOLERANCE) == []
        assert beyond(test_accuracy=0.5 - 1.1 * check.ACCURACY_TOLERANCE) != []
        assert beyond(val_accuracy=0.5) != []
        assert beyond(diverged=True) == ["diverged: expected False, found True"]


class TestProcessors:
    """Which processors the promise of equal bits covers."""

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
