"""`python -m octrepro check` finds every drift and says what it is; on the committed state it finds none."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from octrepro.core import UserError, numerics
from octrepro.core.files import write_json, write_text
from octrepro.pipeline import attestation, check, promises
from octrepro.pipeline.environment import check_installed, pins
from tests.pipeline.conftest import ROOT, Project
from tests.pipeline.toy import Toy, built_toy, built_toy_once, toy, toy_once

__all__ = ["built_toy", "built_toy_once", "toy", "toy_once"]

WRONG = "0" * 32
METRICS = "runs/phantom/mlp/metrics.json"
# An output of each kind: cached, tracked by git, a folder.
SEEDED = {
    "train@phantom-mlp": "out/train@phantom-mlp",
    "evaluate@phantom-mlp": METRICS,
    "prepare@phantom": "out/prepare@phantom",
}


def run_check(project: Project, *options: str) -> tuple[int, str]:
    result = project.run("python", "-m", "octrepro", "check", "--jobs", "2", *options, check=False)
    assert "Traceback" not in result.stderr
    return result.returncode, result.stdout


def change_lock(
    project: Project, changes: dict[str, str], checksum: str = WRONG, lock: str = "dvc.lock"
) -> None:
    """Let a lock file promise `checksum` of one output of each stage given."""
    path = project.folder / lock
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    for stage, output in changes.items():
        entry = next(out for out in content["stages"][stage]["outs"] if out["path"] == output)
        entry["md5"] = checksum
    path.write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.mark.slow
@pytest.mark.xdist_group("check")
class TestRebuilding:
    """Whole rebuilds of a toy project."""

    @pytest.fixture
    def committed(self, built_toy: Toy) -> Toy:
        return built_toy

    def test_check_reproduces_the_commit(self, committed: Toy) -> None:
        code, printed = run_check(committed)
        assert code == 0
        revision = committed.run("git", "rev-parse", "--short", "HEAD").stdout.strip()
        assert printed == f"Reproduced: 10 outputs of 7 stages at {revision} match dvc.lock.\n"
        assert committed.run("git", "status", "--porcelain").stdout == ""
        text = committed.text("build/check.json")
        statement = json.loads(text)
        assert statement["predicate"]["result"] == "PASSED"
        lock = committed.text("dvc.lock")
        assert {output["name"]: output["digest"]["md5"] for output in statement["subject"]} == {
            path: md5.removesuffix(".dir")
            for files in promises.outputs(yaml.safe_load(lock)["stages"]).values()
            for path, md5 in files.items()
        }
        digests = [source["digest"] for source in statement["predicate"]["configuration"]]
        assert digests == [
            {"gitCommit": committed.run("git", "rev-parse", "HEAD").stdout.strip()},
            {"sha256": hashlib.sha256(lock.encode()).hexdigest()},
        ]
        assert statement["predicate"]["passedTests"][0] == "prepare@phantom"
        for secret in (f'"{platform.node()}"', str(committed.folder), "octrepro-check-"):
            assert secret not in text

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

    def test_a_made_up_lock_file_is_caught(self, committed: Toy) -> None:
        # Results that were never computed: written by hand, and promised with the hash of what was written.
        (committed.folder / METRICS).write_text('{"test_accuracy": 1.0}\n')
        checksum = hashlib.md5((committed.folder / METRICS).read_bytes()).hexdigest()  # noqa: S324
        change_lock(committed, {"evaluate@phantom-mlp": METRICS}, checksum)
        lock = yaml.safe_load(committed.text("dvc.lock"))
        true = lock["stages"]["evaluate@phantom-perceptron"]
        lock["stages"]["evaluate@phantom-invented"] = true | {
            "outs": [{"path": "out/invented", "md5": WRONG}]
        }
        (committed.folder / "dvc.lock").write_text(yaml.safe_dump(lock))
        # And one that was, with another number in git than the one promised.
        forged = "runs/phantom/perceptron/metrics.json"
        (committed.folder / forged).write_text("{}\n")
        committed.commit("made up")
        code, printed = run_check(committed)
        assert code == 1
        result = json.loads(committed.text("build/check.json"))["predicate"]
        assert result["result"] == "FAILED"
        assert {drift["output"]: drift["expected"] for drift in result["drifts"]} == {
            METRICS: checksum,
            forged: "other bytes in git",
            "out/invented": WRONG,
        }
        assert set(result["failedTests"]) == {
            f"evaluate@phantom-{run}" for run in ("mlp", "perceptron", "invented")
        }
        assert f"evaluate@phantom-invented  out/invented  expected {WRONG}, found nothing" in printed

    def test_another_machine_s_statement_is_compared(self, committed: Toy) -> None:
        run_check(committed)
        statement = json.loads(committed.text("build/check.json"))
        for output in statement["subject"]:
            if output["annotations"]["stage"].startswith(("train@", "report@")):
                output["digest"]["md5"] = WRONG
        other = committed.folder / "build/other.json"
        other.write_text(json.dumps(statement))
        code, printed = run_check(committed, "--against", str(other))
        assert code == 1
        assert "Reproduced: 10 outputs" in printed
        assert f"The first stage that differs from {other}: train@phantom-mlp (3 in all)." in printed

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


@pytest.mark.slow
@pytest.mark.xdist_group("check")
class TestOtherDataSets:
    """Outputs of a data set that dvc.lock lacks, promised by locks/<dataset>.lock."""

    CHECK = ("python", "-m", "octrepro", "check", "--jobs", "2", "--dataset", "octmnist")

    def test_are_recorded_by_whoever_has_the_data(self, toy: Toy) -> None:
        toy.edit("datasets.octmnist", {"source": "medmnist"})
        work = toy.folder / "work.py"
        work.write_text(work.read_text() + "if 'octmnist' in stage: open('data/raw/octmnist.npz')\n")
        toy.commit()
        told = toy.run(*self.CHECK, check=False)
        assert told.returncode == 1
        assert "make check DATASET=octmnist RECORD=1" in told.stderr
        told = toy.run(*self.CHECK, "--record", check=False)
        assert told.returncode == 1
        assert "data/raw/octmnist.npz is missing" in told.stderr
        (toy.folder / "data/raw").mkdir(parents=True)
        (toy.folder / "data/raw/octmnist.npz").write_text("images")
        assert "Commit locks/octmnist.lock" in toy.run(*self.CHECK, "--record").stdout
        lock = yaml.safe_load(toy.text("locks/octmnist.lock"))["stages"]
        assert {check.dataset_of(stage) for stage in lock} == {"octmnist"}
        # All but a made-up hash is what comes out again.
        change_lock(toy, {"report@octmnist": "out/report@octmnist"}, lock="locks/octmnist.lock")
        toy.run("git", "add", "locks")
        toy.run("git", "commit", "--quiet", "-m", "recorded")
        told = toy.run(*self.CHECK, check=False)
        assert told.returncode == 1
        assert f"report@octmnist  out/report@octmnist  expected {WRONG}" in told.stdout
        assert "Drift: 1 of 3 outputs" in told.stdout
        assert "differ from locks/octmnist.lock" in told.stdout


class TestStatements:
    """Comparing what two machines found."""

    FOUND: ClassVar[dict[str, dict[str, str]]] = {
        "prepare@p": {"data": "1.dir"},
        "train@p-a": {"a": "2"},
        "train@p-b": {"b": "3"},
        "pdf@p": {"report.pdf": "4", "typeset.json": "5"},
    }

    def statement(self, found: dict[str, dict[str, str]], **packages: str) -> attestation.Statement:
        return attestation.state(found, set(found), [], {"commit": {"gitCommit": "c"}}, packages)

    def told(self, tmp_path: Path, there: dict[str, dict[str, str]], **packages: str) -> list[str]:
        path = tmp_path / "check.json"
        write_json(path, self.statement(there, **packages))
        here = self.statement(self.FOUND, numpy="1")
        return attestation.differences(here, attestation.read_statement(path), "check.json")

    def test_the_first_stage_that_differs_is_named(self, tmp_path: Path) -> None:
        assert self.told(tmp_path, self.FOUND, numpy="2") == []
        others = {"train@p-b": {"b": "9"}, "train@p-a": {"a": "8"}}
        assert self.told(tmp_path, self.FOUND | others, numpy="2") == [
            "The first stage that differs from check.json: train@p-a (2 in all).",
            "  a: there 8, here 2",
            "  numpy: there 2, here 1",
        ]

    def test_pages_of_another_tex_are_not_compared(self, tmp_path: Path) -> None:
        pages = {"pdf@p": {"report.pdf": "8", "typeset.json": "9"}}
        assert self.told(tmp_path, self.FOUND | pages, numpy="1") == []
        assert self.told(
            tmp_path, self.FOUND | {"pdf@p": {"report.pdf": "8", "typeset.json": "5"}}, numpy="1"
        )
        assert not self.told(
            tmp_path, {key: value for key, value in self.FOUND.items() if key != "pdf@p"}, numpy="1"
        )

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{}",
            "[" * 10_000,
            '{"predicateType": 1}',
            "\0",
            json.dumps({"predicateType": attestation.TEST_RESULT, "subject": []}),
        ],
    )
    def test_what_is_no_statement_is_refused(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "check.json"
        path.write_text(text)
        with pytest.raises(UserError, match="cannot be compared with"):
            attestation.read_statement(path)

    def test_a_missing_statement_is_refused_before_anything_is_built(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="No such file"):
            check.check(tmp_path, "phantom", against=tmp_path / "nowhere.json")


class TestPromises:
    """Reading lock files and comparing."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        shutil.copy(ROOT / "params.yaml", tmp_path)
        return tmp_path

    def test_data_set_that_was_never_built_is_refused(self, project: Path) -> None:
        with pytest.raises(UserError, match="nor locks/phantom"):
            check.promises(project, "phantom")
        write_text(
            project / "dvc.lock",
            "stages:\n  boolean:\n    outs: [{path: a, md5: b}]\n  fetch@phantom:\n    cmd: c\n",
        )
        with pytest.raises(UserError, match="nor locks/octmnist"):
            check.promises(project, "octmnist")
        with pytest.raises(UserError, match="not a data set"):
            check.promises(project, "../phantom")
        assert check.promises(project, "phantom") == (
            check.LOCK,
            {"boolean": {"a": "b"}, "fetch@phantom": {}},
        )
        write_text(
            project / "locks/octmnist.lock", "stages:\n  fetch@octmnist:\n    outs: [{path: d, md5: e}]\n"
        )
        assert check.promises(project, "octmnist")[1] == {"boolean": {"a": "b"}, "fetch@octmnist": {"d": "e"}}

    @pytest.mark.parametrize("text", ["", "stages", "stages: 3", "stages: {a: {outs: [{path: b}]}}", "{"])
    def test_what_is_no_lock_file_is_refused(self, text: str) -> None:
        with pytest.raises(UserError, match=r"dvc\.lock cannot be read"):
            promises.read_stages(text)

    def test_stages_come_in_the_order_of_the_pipeline(self) -> None:
        def stage(out: str, *deps: str) -> dict[str, Any]:
            return {"deps": [{"path": dep} for dep in deps], "outs": [{"path": out, "md5": "1"}]}

        stages = {
            "a_report": stage("report", "runs", "code"),
            "b_evaluate": stage("runs/b", "weights", "data/images"),
            "c_train": stage("weights", "data"),
            "d_prepare": stage("data"),
        }
        assert list(promises.outputs(stages)) == ["d_prepare", "c_train", "b_evaluate", "a_report"]

    def test_every_way_to_differ(self) -> None:
        expected = {"train@p-a": {"h": "1", "w": "2"}, "made@p-up": {"r": "3"}}
        found = {"train@p-b": {"v": "4"}, "train@p-a": {"h": "1", "w": "9"}}
        assert list(promises.drifts(expected, found)) == [
            promises.Drift("train@p-b", "v", promises.NOTHING, "4"),
            promises.Drift("train@p-a", "w", "2", "9"),
            promises.Drift("made@p-up", "r", "3", promises.NOTHING),
        ]
        assert list(promises.drifts(expected, expected)) == []

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
