"""The stages as programs: `boolean` writes its outputs, `verify` answers with text and exit code."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.boolean.constructions import ROOT

OWN = """\
title: An answer to be marked
activation: sign
constants: {scale: 3}
hidden:
  - {weight: scale, bias: -scale*A + 1}
  - {weight: -scale, bias: scale*B + 1}
output: {weights: [1, 1], bias: -1}
"""


def run_verify(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return run("-m", "octrepro", "verify", *arguments, folder=folder)


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    environment = {key: value for key, value in os.environ.items() if key != "DVC_STAGE"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def params() -> dict[str, object]:
    content = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    content["boolean"]["max_dimension"] = 3
    assert isinstance(content, dict)
    return content


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, params: dict[str, object]) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    done = run(str(ROOT / "stages/boolean.py"), folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_verification_has_the_fields_that_others_read(built: Path) -> None:
    found = json.loads((built / "runs/boolean/verification.json").read_text(encoding="utf-8"))
    fields = {"name", "activation", "verdict", "mismatches", "evaluated", "first_counterexample"}
    fields |= {"robust", "robust_radius", "margin"}
    assert len(found["constructions"]) >= 7
    for construction in found["constructions"]:
        assert fields <= construction.keys()
        assert construction["verdict"] == ("fails" if construction["mismatches"] else "computes")
        assert construction["for_all_dimensions"] == ("refuted" if construction["mismatches"] else "proved")
        assert (construction["first_counterexample"] is None) == (construction["mismatches"] == 0)
    assert found["separability"]["rows"]
    assert found["largest_margin"]["attains_bound"]
    proofs = (built / "runs/boolean/Construction.v").read_bytes()
    assert found["certificate"] == hashlib.sha256(proofs).hexdigest()
    assert len(found["separability"]["rows"]) < 300


def test_figures_are_listed_and_there(built: Path) -> None:
    folder = built / "report/build/boolean/figures"
    entries = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    numbers = {entry["id"]: entry["number"] for entry in entries}
    assert numbers == {
        "boolean_counterexample": 14,
        "boolean_separable": None,
        "boolean_half_spaces": None,
        "boolean_radius": None,
    }
    for name in numbers:
        for kind in ("svg", "pdf", "csv"):
            assert (folder / f"{name}.{kind}").stat().st_size > 0
    points = (folder / "boolean_counterexample.csv").read_text(encoding="utf-8").splitlines()
    assert points == ["x1,x2,sum,f", "-1,-1,-2,-1", "-1,1,0,1", "1,-1,0,1", "1,1,2,-1"]


def test_no_construction_is_no_error(tmp_path: Path, params: dict[str, object]) -> None:
    boolean = {"max_dimension": 2, "constructions": {}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({**params, "boolean": boolean}), encoding="utf-8")
    done = run(str(ROOT / "stages/boolean.py"), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "runs/boolean/verification.json").read_text(encoding="utf-8"))
    assert found["constructions"] == []
    assert len(json.loads((tmp_path / "report/build/boolean/figures/figures.json").read_text())) == 2


def test_points_at_a_bad_expression(tmp_path: Path, params: dict[str, object]) -> None:
    bad = yaml.safe_load(OWN.replace("scale*B + 1", "scale*B + k9"))
    boolean = {"max_dimension": 2, "constructions": {"mine": bad}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({**params, "boolean": boolean}), encoding="utf-8")
    done = run(str(ROOT / "stages/boolean.py"), folder=tmp_path)
    assert done.returncode == 1
    assert "boolean.constructions.mine.hidden.1.bias: the name k9 is not known" in done.stderr
    assert "    scale*B + k9\n              ^\n" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


def verify(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return run_verify("mine.yaml", "--max-dimension", "4", folder=folder)


def test_verify_a_robust_construction(tmp_path: Path) -> None:
    done = verify(OWN, tmp_path)
    assert done.returncode == 0
    assert "Verdict: it computes f robustly for every D" in done.stdout
    assert "every |d_i| < (1/3) / D, for every D; not for a larger one" in done.stdout


def test_verify_a_construction_that_is_not_robust(tmp_path: Path) -> None:
    done = verify(OWN.replace("-scale*A + 1", "-scale*A"), tmp_path)
    assert done.returncode == 1
    assert "Verdict: it computes f for every D, but it is NOT robust" in done.stdout
    assert "along v = -e_1: h(x + t v) = -1 for small t > 0" in done.stdout


def test_verify_a_construction_that_is_wrong(tmp_path: Path) -> None:
    done = verify(OWN.replace("scale*B + 1", "scale*B - 1"), tmp_path)
    assert done.returncode == 1
    assert "Verdict: it does NOT compute f" in done.stdout
    assert "x = (-1) with sum -1" in done.stdout
    assert "pre-activations: hidden 1: 1, hidden 2: -1, output: -1" in done.stdout
    assert "h(x) = -1, f(x) = +1" in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.replace("scale*B + 1", "scale*B / 2"), "mine.yaml: hidden.1.bias: "),
        (OWN.replace("scale: 3", "D: 3"), "A, B and D are the variables of f"),
        (OWN.replace("activation: sign", "activation: step"), "activation"),
        (OWN.replace("output:", "outputs:"), "output"),
        ("[1, 2", "not YAML"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_verify_a_file_that_cannot_be_used(text: str, said: str, tmp_path: Path) -> None:
    done = verify(text, tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_verify_says_what_it_cannot_decide(tmp_path: Path) -> None:
    """Right up to D = 4; it may be wrong beyond, as weights depend on D."""
    done = verify(OWN.replace("weight: scale, bias: -scale*A + 1", "weight: D, bias: -D*A"), tmp_path)
    assert done.returncode == 1
    assert "NOT DECIDED for larger D: a weight" in done.stdout
    assert "it computes f for every D up to 4, but it is NOT robust" in done.stdout


def test_verify_finds_what_enumeration_misses(tmp_path: Path) -> None:
    done = verify(OWN.replace("-scale*A + 1", "-scale*A + 1 + D % 8 - D"), tmp_path)
    assert done.returncode == 1
    assert "0 of them wrong" in done.stdout
    assert "    D = 8, A = -8, B = -8" in done.stdout


def test_verify_writes_a_certificate(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(OWN, encoding="utf-8")
    command = ("mine.yaml", "--max-dimension", "3", "--certificate")
    assert run_verify(*command, "mine.v", folder=tmp_path).returncode == 0
    assert "Theorem computes_mine : computes network_mine." in (tmp_path / "mine.v").read_text()
    done = run_verify(*command, "mine.v/below.v", folder=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [[""], ["absent.yaml"], ["mine.yaml", "--max-dimension", "0"]])
def test_verify_without_a_usable_question(arguments: list[str], tmp_path: Path) -> None:
    done = run_verify(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert "expected: " in done.stderr
