"""The comparison with other processors: what it runs and reports. `make check-cpus` runs it on emulators."""

import platform
import re
import shutil
import sys
from pathlib import Path

import pytest

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
