"""The stage `boolean` as a program, and the command `verify`, which answers with text and exit code."""

import json
import runpy
from pathlib import Path

import pytest
from typer.testing import CliRunner

from octrepro.__main__ import app
from octrepro.config.loading import load_params
from octrepro.stage import Stage
from tests.boolean.oracle import ROOT

OWN = """\
title: An answer to be marked
activation: sign
constants: {scale: 3}
hidden:
  - {weight: scale, bias: -scale*A + 1}
  - {weight: -scale, bias: scale*B + 1}
output: {weights: [1, 1], bias: -1}
"""


@pytest.mark.parametrize("drawn", [["counterexample", "half_spaces", "radius"], ["counterexample"]])
def test_figures_are_listed_and_there_without_constructions_too(
    drawn: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    params = load_params(ROOT / "params.yaml")
    changes = {"max_dimension": 2, **({} if len(drawn) > 1 else {"constructions": {}})}
    changed = params.model_copy(update={"boolean": params.boolean.model_copy(update=changes)})
    runpy.run_path(str(ROOT / "stages/boolean.py"))["run"](Stage("boolean", "", "", changed))
    folder = tmp_path / "report/build/boolean/figures"
    entries = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert [entry["id"] for entry in entries] == [f"boolean_{name}" for name in drawn]
    assert [entry["number"] for entry in entries] == [14, *[None] * (len(drawn) - 1)]
    assert len(list(folder.glob("*.*"))) == 3 * len(drawn) + 1
    points = (folder / "boolean_counterexample.csv").read_text(encoding="utf-8").splitlines()
    assert points == ["x1,x2,sum,f", "-1,-1,-2,-1", "-1,1,0,1", "1,-1,0,1", "1,1,2,-1"]


LEFT, RIGHT = "-scale*A + 1", "scale*B + 1"


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("", "", 0, ["it computes f robustly for every D", "(1/3) / D, for every D; not for a larger one"]),
        (LEFT, "-scale*A", 1, ["but it is NOT robust", "along v = -e_1: h(x + t v) = -1 for small t > 0"]),
        (RIGHT, "scale*B - 1", 1, ["it does NOT compute f", "(-1) with sum -1", "hidden 2: -1, output: -1"]),
        # Right up to D = 4; it may be wrong beyond, as weights depend on D.
        (f"scale, bias: {LEFT}", "D, bias: -D*A", 1, ["NOT DECIDED for larger D: a weight", "up to 4, but"]),
        # What enumeration misses.
        (LEFT, f"{LEFT} + D % 8 - D", 1, ["0 of them wrong", "    D = 8, A = -8, B = -8"]),
        (RIGHT, "scale*B / 2", 2, ["mine.yaml: hidden.1.bias: "]),
        ("scale: 3", "D: 3", 2, ["a name that begins with no digit; A, B and D are the variables of f"]),
        ("activation: sign", "activation: step", 2, ["activation: 'step' is not allowed"]),
        ("output:", "outputs:", 2, ["outputs: unknown key", "output: missing"]),
        (OWN, "!!python/object/apply:os.system ['true']", 2, ["not YAML"]),
    ],
)
def test_verify(
    old: str, new: str, code: int, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(OWN.replace(old, new, 1), encoding="utf-8")
    done = CliRunner().invoke(app, ["verify", "mine.yaml", "--max-dimension", "4"])
    assert done.exit_code == code
    assert bool(done.stdout) == (code != 2)
    for words in said:
        assert words in done.stdout + done.stderr


def test_verify_writes_a_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(OWN, encoding="utf-8")
    command = ["verify", "mine.yaml", "--max-dimension", "3", "--certificate"]
    assert CliRunner().invoke(app, [*command, "mine.v"]).exit_code == 0
    theorem = "Theorem robust_mine : robust network_mine /\\ margin network_mine (1 # 3)."
    assert theorem in Path("mine.v").read_text(encoding="utf-8")
    assert CliRunner().invoke(app, [*command, "mine.v/below.v"]).exit_code == 2
