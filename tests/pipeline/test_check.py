"""`python -m octrepro check` finds every drift and says what it is; on the committed state it finds none."""

import hashlib
import json
import platform
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from octrepro.__main__ import main
from octrepro.core import UserError, numerics
from octrepro.core.files import write_json, write_text
from octrepro.pipeline import check, committed
from octrepro.pipeline.environment import check_installed
from tests.pipeline.project import ROOT, Project
from tests.pipeline.toy import Toy

WRONG = "0" * 32
MLP, PERCEPTRON = "runs/phantom/mlp/metrics.json", "runs/phantom/perceptron/metrics.json"
CHECK = ("python", "-m", "octrepro", "check", "--jobs", "2")


def promise(project: Project, stage: str, output: str, checksum: str) -> None:
    """Let dvc.lock promise `checksum` of an output; a stage that is missing is invented."""
    content: dict[str, Any] = yaml.safe_load(project.text("dvc.lock"))
    outs = content["stages"].setdefault(stage, {"cmd": "python work.py", "outs": []})["outs"]
    outs[:] = [out for out in outs if out["path"] != output] + [{"path": output, "md5": checksum}]
    (project.folder / "dvc.lock").write_text(yaml.safe_dump(content, sort_keys=False))


def statement(project: Project) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(project.text("build/check.json"))
    return content


@pytest.fixture(scope="module")
def checked(built_toy_once: Toy, tmp_path_factory: pytest.TempPathFactory) -> tuple[Toy, str]:
    """A project with nothing to find, and what its check printed."""
    project = built_toy_once.copy(tmp_path_factory.mktemp("checked") / "toy")
    return project, project.run(*CHECK).stdout


def tamper(project: Toy) -> None:
    """Make each kind of thing wrong, and another machine's statement with it."""
    other = statement(project)
    for output in other["subject"]:
        if output["annotations"]["stage"].startswith("report@"):
            output["digest"]["md5"] = WRONG
    write_json(project.folder / "build/other.json", other)
    promise(project, "report@phantom", "out/report@phantom", WRONG)
    promise(project, "pdf@phantom", "runs/phantom/typeset.json", WRONG)
    # Of another data set, which is not compared.
    promise(project, "train@other-mlp", "out/other", WRONG)
    # Results that were never computed, one promised with the hash of what was written by hand.
    promise(project, "train@phantom-invented", "out/invented", WRONG)
    made_up = '{"test_accuracy": 0.76, "diverged": false}\n'
    (project.folder / MLP).write_text(made_up)
    promise(project, "train@phantom-mlp", MLP, hashlib.md5(made_up.encode()).hexdigest())  # noqa: S324
    # One with another number in git than the one promised.
    (project.folder / PERCEPTRON).write_text("{}\n")
    # Code that writes another file into a folder.
    work = project.folder / "work.py"
    work.write_text(work.read_text().replace('"labels"', '"classes"'))
    project.commit("made up")


@pytest.mark.slow
@pytest.mark.xdist_group("check")
class TestRebuilding:
    """Whole rebuilds of a toy project."""

    def test_a_commit_is_reproduced(self, checked: tuple[Toy, str]) -> None:
        project, printed = checked
        revision = project.run("git", "rev-parse", "HEAD").stdout.strip()
        assert printed == f"Reproduced: 8 outputs at {revision[:7]} match dvc.lock.\n"
        assert project.run("git", "status", "--porcelain").stdout == ""
        found = statement(project)
        promised = committed.outputs(project.locked())
        assert {output["name"]: output["digest"]["md5"] for output in found["subject"]} == {
            path: md5.removesuffix(".dir") for (_, path), md5 in promised.items()
        }
        kinds = [output["annotations"]["stage"].partition("@")[0] for output in found["subject"]]
        assert list(dict.fromkeys(kinds)) == ["fetch", "train", "report", "pdf"]
        assert found["predicate"]["result"] == "PASSED"
        commit, lock = (source["digest"] for source in found["predicate"]["configuration"])
        assert commit == {"gitCommit": revision}
        assert lock == {"sha256": hashlib.sha256((project.folder / "dvc.lock").read_bytes()).hexdigest()}
        for secret in (f'"{platform.node()}"', str(project.folder), "octrepro-check-"):
            assert secret not in project.text("build/check.json")

    def test_each_drift_is_shown_and_nothing_else(self, checked: tuple[Toy, str], tmp_path: Path) -> None:
        project = checked[0].copy(tmp_path / "toy")
        tamper(project)
        result = project.run(*CHECK, "--against", "build/other.json", check=False)
        assert (result.returncode, "Traceback" in result.stderr) == (1, False)
        for line in (
            f"report@phantom  out/report@phantom  expected {WRONG}, found [0-9a-f]+",
            f"train@phantom-mlp  {MLP}  expected [0-9a-f]+, found [0-9a-f]+",
            r'  -\{"test_accuracy": 0\.76, "diverged": false\}',
            r'  \+  "test_accuracy": 0\.75,',
            f"train@phantom-perceptron  {PERCEPTRON}  expected other bytes in git, found [0-9a-f]+",
            f"train@phantom-invented  out/invented  expected {WRONG}, found nothing",
            "fetch@phantom  out/fetch@phantom/classes  expected nothing, found [0-9a-f]+",
            "fetch@phantom  out/fetch@phantom/labels  expected [0-9a-f]+, found nothing",
            r"not compared: pdf@phantom \(typeset by another TeX, or on one side alone\)",
            r"Drift: 5 of 7 outputs at [0-9a-f]+ differ from dvc\.lock\.",
            r"The first stage that differs from build/other\.json: fetch@phantom \(2 in all\)\.",
        ):
            assert re.search(f"^{line}$", result.stdout, re.MULTILINE), line
        for left_out in ("out/fetch@phantom/images", "pdf@phantom  ", "out/other"):
            assert left_out not in result.stdout
        assert statement(project)["predicate"]["result"] == "FAILED"

    def test_a_failing_rebuild_is_reported(self, built_toy: Toy) -> None:
        result = built_toy.run(*CHECK, check=False, FAIL="fetch@phantom")
        assert result.returncode == 1
        assert "the reason why" in result.stderr
        assert "the rebuild failed" in result.stderr

    def test_a_data_set_is_checked_once_it_is_promised_and_its_data_are_here(self, built_toy: Toy) -> None:
        command = (*CHECK, "--dataset", "octmnist")
        built_toy.edit("datasets.octmnist", {"source": "medmnist"})
        work = built_toy.folder / "work.py"
        work.write_text(work.read_text() + "if 'octmnist' in stage: open('data/raw/octmnist.npz')\n")
        built_toy.commit()
        assert "dvc.lock promises nothing of octmnist" in built_toy.run(*command, check=False).stderr
        promise(built_toy, "report@octmnist", "out/report@octmnist", WRONG)
        built_toy.commit("promised")
        assert "data/raw/octmnist.npz is missing" in built_toy.run(*command, check=False).stderr
        write_text(built_toy.folder / "data/raw/octmnist.npz", "images")
        printed = built_toy.run(*command, check=False).stdout
        assert f"report@octmnist  out/report@octmnist  expected {WRONG}, found " in printed
        assert "phantom" not in printed


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 10_000, '{"predicateType": 1}', "\0", None])
def test_what_is_no_statement_is_refused_before_anything_is_built(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "check.json").write_text(text)
    with pytest.raises(UserError, match="cannot be compared with"):
        check.check(tmp_path, "phantom", against=tmp_path / "check.json")


@pytest.mark.parametrize("text", ["", "stages", "stages: 3", "stages: {a: {outs: [{path: b}]}}", "{"])
def test_what_is_no_lock_file_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"dvc\.lock cannot be read"):
        committed.read_stages(text)


@pytest.mark.parametrize("command", ["check", "check-cpus"])
def test_processors_outside_the_promise_are_refused_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(numerics, "covers_this_processor", lambda: False)
    monkeypatch.setattr("tempfile.TemporaryDirectory", None)
    monkeypatch.setattr("sys.argv", ["octrepro", command])
    with pytest.raises(SystemExit, match=f"(?s)outside the promise of equal bits.*{numerics.COVERED}"):
        main()


@pytest.mark.parametrize(
    ("machine", "flags", "kernels"),
    [
        ("x86_64", "sse avx avx2 fma bmi2", numerics.AVX2_KERNELS),
        ("x86_64", "sse avx fma", {}),
        ("x86_64", "avx2", {}),
        ("aarch64", "", numerics.NEON_KERNELS),
        ("arm64", "", {}),
    ],
)
def test_only_processors_of_the_promise_are_named_kernels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, flags: str, kernels: dict[str, str]
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t: {flags}\n")
    covered = numerics.covers_this_processor(tmp_path / "cpuinfo")
    assert covered is bool(kernels)
    monkeypatch.setattr(numerics, "covers_this_processor", lambda: covered)
    assert numerics.environment("portable") == numerics.ONE_THREAD | kernels
    assert numerics.environment("native") == numerics.ONE_THREAD


def test_this_environment_is_the_locked_one_held_by_hashes_save_torch() -> None:
    lock = ROOT / "requirements.lock"
    assert "torch" in check_installed(lock)
    pinned = [line for line in lock.read_text().splitlines() if "==" in line and not line.startswith(" ")]
    by_version = [line for line in pinned if not line.endswith("\\")]
    assert [line.partition("torch==")[0] for line in by_version] == ["# by version: "]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("numpy==0.0.1 \\\n    --hash=sha256:0", "numpy"),
        ("# by version: torch==0.1.0", "torch"),
        # Packages for other systems are not asked for.
        ("other==1.0 ; sys_platform == 'x' \\\nno-such==1.0", r"no-such nothing \(locked: ==1\.0\)$"),
    ],
)
def test_another_version_is_refused(tmp_path: Path, line: str, said: str) -> None:
    write_text(tmp_path / "requirements.lock", f"{line}\n")
    with pytest.raises(UserError) as caught:
        check_installed(tmp_path / "requirements.lock")
    assert re.search(rf"differ from requirements\.lock: {said}", str(caught.value), re.MULTILINE)
