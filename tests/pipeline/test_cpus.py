"""The same bits on other processors, shown by emulation; and fingerprints that tell computations apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from octrepro.core import UserError, numerics
from octrepro.pipeline import cpus, emulator, fingerprint, miniature
from tests.pipeline.conftest import ROOT

FINGERPRINT = ["-m", "octrepro.pipeline.fingerprint", "--json"]


@pytest.fixture(scope="module")
def qemu() -> emulator.Emulator:
    if not numerics.covers_this_processor():
        pytest.skip("this processor is outside the promise of equal bits")
    try:
        return emulator.find(os.environ.get("QEMU", ""))
    except UserError as error:
        pytest.skip(f"other processors cannot be emulated here: {error.what}")


def kernels(prefix: list[str]) -> dict[str, str]:
    result = subprocess.run(
        [*prefix, sys.executable, *FINGERPRINT], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert result.returncode == 0, emulator.complaints(result.stderr)
    hashes: dict[str, str] = json.loads(result.stdout)
    return hashes


@pytest.fixture(scope="module")
def here() -> dict[str, str]:
    return kernels([])


@pytest.mark.endurance
@pytest.mark.parametrize("model", emulator.MODELS)
def test_every_kind_of_computation_has_the_same_bits_on(
    model: str, qemu: emulator.Emulator, here: dict[str, str]
) -> None:
    assert kernels(qemu.command(model)) == here


@pytest.mark.slow
def test_every_kind_of_stage_runs_in_the_small_copy(tmp_path: Path) -> None:
    first = cpus.run_small(ROOT, tmp_path / "first", [], cpus.HERE, ["fetch", "prepare", "boolean"])
    again = cpus.run_small(ROOT, tmp_path / "again", ["env"], cpus.HERE, ["fetch", "prepare", "boolean"])
    assert {"data/raw/phantom.npz", "runs/boolean/verification.json"} <= first.keys()
    assert first == again
    kinds = {step.kind for step in miniature.steps(tmp_path / "first")}
    shipped = set(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    # Variants run the code of the stages that they are variants of.
    assert shipped - kinds == {"train_variant", "evaluate_variant"}


def test_the_small_copy_has_a_run_of_each_model_at_full_width() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    small = miniature.shrink(params)
    assert {run["model"] for run in small["experiments"].values()} == {
        run["model"] for run in params["experiments"].values()
    }
    assert small["experiments"]["mlp"]["hidden_size"] == params["experiments"]["mlp"]["hidden_size"]
    assert {"tanh", "adam"} <= set(small["experiments"]["other_choices"].values())


def test_differences() -> None:
    assert cpus.differences({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}) == ["b", "c"]
    assert cpus.differences({"a": "1"}, {"a": "1"}) == []


def test_a_missing_emulator_is_told_with_how_to_get_one() -> None:
    with pytest.raises(UserError) as told:
        emulator.find("/no/such/qemu")
    assert "qemu-user" in str(told.value)


def test_an_emulator_that_computes_wrongly_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "qemu"
    wrong.write_text("#!/bin/sh\nexit 1\n")
    wrong.chmod(0o755)
    with pytest.raises(UserError, match="computes wrongly"):
        emulator.find(str(wrong))


def test_the_emulators_notes_are_no_complaints() -> None:
    note = "qemu-x86_64: warning: TCG doesn't support requested feature: CPUID.01H:ECX.pcid [bit 17]"
    assert emulator.complaints(f"{note}\nKeyError: 1\n") == "KeyError: 1"


def test_a_fingerprint_tells_values_types_and_shapes_apart() -> None:
    array = np.arange(6.0)
    changed = array.copy()
    changed[3] = np.nextafter(changed[3], 9.0)
    variants = [array, changed, array.astype("f4"), array.reshape(2, 3), array.astype("i8")]
    digests = [fingerprint.digest([each]) for each in variants]
    assert len(set(digests)) == len(digests)
    assert fingerprint.digest([array]) == fingerprint.digest([array.copy()])
    assert fingerprint.combined(digests) != fingerprint.combined(digests[::-1])


@pytest.mark.slow
def test_fingerprints_repeat(here: dict[str, str]) -> None:
    assert kernels(["env", "OMP_NUM_THREADS=2", "OPENBLAS_CORETYPE=Nehalem"]) == here
