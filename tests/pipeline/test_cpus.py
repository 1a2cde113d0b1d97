"""The comparison with other processors: what it runs and reports. `make check-cpus` runs it on emulators."""

import os
import platform
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from octrepro.core import UserError, numerics
from octrepro.pipeline import cpus, emulator, miniature
from octrepro.pipeline.emulator import Processor
from tests.pipeline.project import ROOT

# A Python that changes a parameter as it starts.
OTHER_BYTES = """
import pathlib
file = pathlib.Path("params.yaml")
file.write_text(file.read_text().replace("train: 96", "train: 95"))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at_start", "code", "said"),
    [
        ("", 0, r"wrote 1 files.*\n  other +the same bytes"),
        (OTHER_BYTES, 1, r"1 files DIFFER .*\n    data/raw/phantom\.npz: \d+ of \d+ lines differ"),
        ("import os; os._exit(1)", 1, r"DIFFER .*\n    a stage failed on other"),
        (None, 1, r"(?s)neoverse-n1 is left out: .*qemu-user.*no other processor"),
    ],
)
def test_every_processor_is_compared_or_left_out(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    at_start: str | None,
    code: int,
    said: str,
) -> None:
    """This machine's own Python, with something to do at its start, stands in for another processor's."""
    monkeypatch.setattr(miniature, "scripts", lambda _: {"fetch@phantom": "stages/fetch.py"})
    if at_start is None:
        monkeypatch.setattr(shutil, "which", lambda _: None)
    else:
        (tmp_path / "sitecustomize.py").write_text(at_start)
        monkeypatch.setattr(emulator, "find", lambda *_: Processor("other", (sys.executable,), site=tmp_path))
    monkeypatch.setattr(emulator, "MODELS", [emulator.ARM])
    assert cpus.check_cpus(ROOT) == code
    assert re.search(said, capsys.readouterr().out)


def test_processors_outside_the_promise_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numerics, "covers_this_processor", lambda: False)
    with pytest.raises(UserError, match="outside the promise"):
        cpus.check_cpus(ROOT)


@pytest.mark.endurance
@pytest.mark.skipif(platform.machine() != "x86_64", reason="it names x86-64 processors")
def test_every_stage_is_the_same_with_vectors_of_any_width(tmp_path: Path) -> None:
    host, avx2, sse2 = (
        cpus.run_small(ROOT, tmp_path / name, Processor(name, (sys.executable,), environment=environment))
        for name, environment in {
            "host": {},
            "AVX2": {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2"},
            # Without AVX there are no fused instructions either, and the C library's function stands in.
            "SSE2": {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+sse2"},
        }.items()
    )
    assert sum(path.endswith("weights.safetensors") for path in host) == 6
    assert cpus.differences(host, avx2) == []
    assert cpus.differences(host, sse2) == []


@pytest.mark.slow
def test_the_small_project_has_every_kind_of_stage_and_model(tmp_path: Path) -> None:
    miniature.make(ROOT, tmp_path)
    kinds = {stage.partition("@")[0] for stage in miniature.scripts(tmp_path)}
    shipped = set(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    # Variants run the code of the stages that they are variants of.
    assert shipped - kinds == {"train_variant", "evaluate_variant"}
    params, small = (
        yaml.safe_load((folder / "params.yaml").read_text())["experiments"] for folder in (ROOT, tmp_path)
    )
    assert {run["model"] for run in small.values()} == {run["model"] for run in params.values()}
    assert small["mlp"]["hidden_size"] == params["mlp"]["hidden_size"]
    assert {"tanh", "adam"} <= set(small["other_choices"].values())


def test_differences_name_path_and_line() -> None:
    expected = {"a": b"1", "b": b"1\n2\n3\n", "c": b"1"}
    assert cpus.differences(expected, {"a": b"1", "b": b"1\n4\n3\n", "d": b"1"}) == [
        "b: 1 of 3 lines differ, the first is line 2",
        "c: missing there",
        "d: missing here",
    ]


def test_a_failed_download_leaves_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("apt-get", "dpkg-deb"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'E: no network' >&2\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    for _ in range(2):
        with pytest.raises(UserError, match="apt-get failed: E: no network"):
            emulator.arm_python(tmp_path)


def test_stages_on_arm_have_all_packages_but_dvc() -> None:
    needed = emulator.dependencies("octrepro", "3.13")
    assert {"numpy", "torch", "sympy", "pandas", "pydantic-core", "matplotlib"} <= needed
    assert not needed & {"dvc", "pytest", "celery"}
