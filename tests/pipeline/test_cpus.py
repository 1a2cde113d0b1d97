"""The comparison with other processors: what it runs and reports. `make check-cpus` runs it on emulators."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from octrepro.core import UserError, numerics
from octrepro.pipeline import aarch64, cpus, emulator, miniature
from octrepro.pipeline.emulator import Processor
from tests.pipeline.conftest import ROOT


@pytest.fixture
def fetch_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the small project consist of one stage."""
    steps = [miniature.Step("fetch@phantom", ("python", "stages/fetch.py"))]
    monkeypatch.setattr(miniature, "steps", lambda _: steps)


def use(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    """Let this machine's own Python, with changes to its environment, stand in for every processor."""

    def find(model: str, _: Path) -> Processor:
        return Processor(model, (sys.executable,), environment=environment)

    monkeypatch.setattr(emulator, "find", find)


@pytest.mark.slow
def test_other_processors_are_compared(
    fetch_alone: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    use(monkeypatch)
    assert cpus.check_cpus(ROOT, ["first", "second"]) == 0
    printed = capsys.readouterr().out
    assert "wrote 1 files" in printed
    assert printed.count("the same bytes") == 2
    # A Python that changes a parameter as it starts.
    (tmp_path / "sitecustomize.py").write_text(
        "import pathlib\nfile = pathlib.Path('params.yaml')\n"
        "file.write_text(file.read_text().replace('train: 96', 'train: 95'))\n"
    )
    monkeypatch.setattr(cpus, "HERE", Processor("here", (sys.executable,), site=tmp_path))
    assert cpus.check_cpus(ROOT, ["other"]) == 1
    printed = capsys.readouterr().out
    assert "1 files DIFFER" in printed
    assert "data/raw/phantom.npz: " in printed


@pytest.mark.slow
def test_a_failing_stage_is_reported(
    fetch_alone: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, PYTHONHOME="/nowhere")
    assert cpus.check_cpus(ROOT, ["broken"]) == 1
    assert "a stage failed on broken" in capsys.readouterr().out


@pytest.mark.slow
def test_what_cannot_be_emulated_is_left_out(
    fetch_alone: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert cpus.check_cpus(ROOT, [*emulator.ARM_MODELS, *emulator.X86_MODELS]) == 1
    printed = capsys.readouterr().out
    assert printed.count("is left out") == len(emulator.MODELS)
    assert "qemu-user" in printed
    assert "no other processor" in printed


VECTORS = {
    "host": {},
    "AVX2": {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2"},
    # Without AVX there are no fused instructions either, and the C library's function stands in.
    "SSE2": {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+sse2"},
}


@pytest.mark.endurance
@pytest.mark.skipif(platform.machine() != "x86_64", reason="it names x86-64 processors")
def test_training_is_the_same_with_vectors_of_any_width(tmp_path: Path) -> None:
    kinds = ["fetch", "prepare", "train"]
    host, avx2, sse2 = (
        cpus.run_small(ROOT, tmp_path / name, kinds=kinds, environment=environment)
        for name, environment in VECTORS.items()
    )
    assert sum(path.endswith("weights.safetensors") for path in host) == 6
    assert cpus.differences(host, avx2) == []
    assert cpus.differences(host, sse2) == []


def test_processors_outside_the_promise_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numerics, "covers_this_processor", lambda: False)
    with pytest.raises(UserError, match="outside the promise"):
        cpus.check_cpus(ROOT, [])


@pytest.mark.parametrize(
    ("machine", "kernels"), [("x86_64", numerics.AVX2_KERNELS), ("aarch64", numerics.NEON_KERNELS)]
)
def test_each_architecture_has_its_kernels(
    monkeypatch: pytest.MonkeyPatch, machine: str, kernels: Mapping[str, str]
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    if numerics.covers_this_processor():
        assert numerics.environment("portable") == numerics.ONE_THREAD | kernels
    assert numerics.environment("native") == numerics.ONE_THREAD


@pytest.mark.slow
def test_the_small_project_has_every_kind_of_stage(tmp_path: Path) -> None:
    miniature.make(ROOT, tmp_path / "small")
    kinds = {step.kind for step in miniature.steps(tmp_path / "small")}
    shipped = set(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    # Variants run the code of the stages that they are variants of.
    assert shipped - kinds == {"train_variant", "evaluate_variant"}


def test_miniature_covers_every_model() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    small = miniature.shrink(params)
    assert {run["model"] for run in small["experiments"].values()} == {
        run["model"] for run in params["experiments"].values()
    }
    assert small["experiments"]["mlp"]["hidden_size"] == params["experiments"]["mlp"]["hidden_size"]
    assert {"tanh", "adam"} <= set(small["experiments"]["other_choices"].values())


def test_differences_name_path_and_line() -> None:
    expected = {"a": b"1", "b": b"1\n2\n3\n", "c": b"1"}
    assert cpus.differences(expected, dict(expected)) == []
    assert cpus.differences(expected, {"a": b"1", "b": b"1\n4\n3\n", "d": b"1"}) == [
        "b: 1 of 3 lines differ, the first is line 2",
        "c: missing there",
        "d: missing here",
    ]


def test_qemus_notes_are_no_complaints() -> None:
    note = "qemu-x86_64: warning: TCG doesn't support requested feature: CPUID.01H:ECX.pcid [bit 17]"
    assert cpus.complaints(f"{note}\nKeyError: 1\n") == "KeyError: 1"


def test_a_failed_download_leaves_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("apt-get", "dpkg-deb"):
        (programs / name).write_text("#!/bin/sh\necho 'E: no network' >&2\nexit 1\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    for _ in range(2):
        with pytest.raises(UserError, match="apt-get failed: E: no network"):
            aarch64.python(tmp_path)


def test_stages_on_arm_have_all_packages_but_dvc() -> None:
    needed = aarch64._dependencies("octrepro", "3.13")
    assert {"numpy", "torch", "sympy", "pandas", "pydantic-core", "matplotlib"} <= needed
    assert not needed & {"dvc", "pytest", "celery"}
