"""The third witness: Coq agrees with z3 and enumeration on every construction, and on mutants of them."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from octrepro.boolean import certificate as module
from octrepro.boolean.certificate import certificate, installed, prove
from octrepro.boolean.verification import Verdict, verify
from octrepro.core import UserError
from tests.boolean.oracle import make_family, mutants, shipped

needs_coq = pytest.mark.skipif(not installed() and "CI" not in os.environ, reason="Coq is not installed")
PREAMBLE = set(re.findall(r"^Theorem (\w+)", certificate([]), flags=re.MULTILINE))


def theorems(verdicts: list[Verdict], folder: Path, *, recheck: bool = False) -> list[str]:
    """What Coq proves about the constructions."""
    path = folder / "Construction.v"
    path.write_text(certificate(verdicts), encoding="utf-8")
    return [name for name in prove(path, recheck=recheck) if name not in PREAMBLE]


def owed(verdicts: list[Verdict]) -> list[str]:
    """The theorems that a certificate owes to its verdicts."""
    kinds = {(False, False): "fails", (True, False): "not_robust", (True, True): "robust"}
    return [f"{kinds[each.computes, each.robust]}_{each.family.name}" for each in verdicts]


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("recheck", [False, pytest.param(True, marks=pytest.mark.endurance)])
def test_coq_proves_the_verdict_on_each_construction(tmp_path: Path, recheck: bool) -> None:
    verdicts = [verify(family, 4) for family in shipped().values()]
    assert theorems(verdicts, tmp_path, recheck=recheck) == owed(verdicts)


@needs_coq
@pytest.mark.slow
@pytest.mark.endurance
def test_coq_agrees_on_each_mutant(tmp_path: Path) -> None:
    verdicts = [verify(mutant, 4) for mutant in mutants()]
    assert theorems(verdicts, tmp_path) == owed(verdicts)


@needs_coq
@pytest.mark.slow
def test_coq_reads_expressions_as_python_does(tmp_path: Path) -> None:
    """A fails theorem computes the network at its counterexample: h comes out the same."""
    entries = ["-(A + B) * 2 % 7", "A - -B % 3 % 2 * -3", "- -D % 5 - (1 - (A - 2))", "7 % 3 * D % 2 - -4"]
    families = [
        make_family("relu", 1, first, -1, second, 1, -1, 0, name=f"n{number}")
        for number, (first, second) in enumerate(zip(entries, [*entries[1:], entries[0]], strict=True))
    ]
    verdicts = [verify(family, 3) for family in families]
    assert {verdict.proof for verdict in verdicts} == {"refuted"}
    assert theorems(verdicts, tmp_path) == owed(verdicts)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("name", ["printed_sign_robust", "corrected_sign_robust", "corrected_relu"])
def test_coq_refuses_a_wrong_verdict(name: str, tmp_path: Path) -> None:
    """The proof of one verdict under the network of another."""
    verdict = verify(shipped()[name], 3)
    other = make_family("sign", 2, "-2*A", -2, "2*B - 1" if verdict.computes else "2*B", 1, 1, -1)
    with pytest.raises(UserError, match="refuses"):
        theorems([replace(verdict, family=other)], tmp_path)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "recheck", "said"),
    [
        ("Axiom a : 0 = 1.\nTheorem t : 0 = 1.\nProof. exact a. Qed.", False, "it rests on"),
        ("Theorem t : 0 = 1.\nProof. Admitted.", False, "it rests on"),
        ("Axiom a : 0 = 1.\nLemma t : 0 = 1.\nProof. exact a. Qed.", True, "coqchk reports"),
    ],
)
def test_axioms_and_admitted_goals_are_refused(text: str, recheck: bool, said: str, tmp_path: Path) -> None:
    path = tmp_path / "Construction.v"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=said):
        prove(path, recheck=recheck)


def test_without_coq_a_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "installed", lambda: False)
    with pytest.raises(UserError, match="apt-get install coq"):
        theorems([], tmp_path)
    with pytest.raises(UserError, match="dvc repro boolean"):
        prove(tmp_path / "absent.v")


def test_hostile_titles_and_names_stay_comments() -> None:
    hostile = 'x *) Axiom a : False. (* " \\" \n (*'
    family = replace(make_family("sign", 1, "-A", -1, "B", 1, 1, -1, name="é-1 x"), title=hostile)
    text = certificate([verify(family, 2)]).removeprefix(certificate([]))
    comment = text.strip().splitlines()[0]
    assert comment.startswith("(** *** __1_x: x")
    assert comment.count("(*") == comment.count("*)") == 1
    assert '"' not in text
    assert "Definition network___1_x" in text


@pytest.mark.parametrize(
    ("weight", "bias", "proof"),
    [
        ("D", "-D*A", "not decided"),
        ("D", "-D*A - D", "refuted"),
        (2, f"1 - 2*A + D % {10**17} - D", "refuted"),
    ],
)
def test_what_is_not_linear_is_decided_by_a_counterexample_alone_and_named_without_a_theorem(
    weight: str | int, bias: str, proof: str
) -> None:
    found = verify(make_family("sign", weight, bias, -1, "B", 1, 1, -1), 2)
    assert found.proof == proof
    assert found.computes == bool(found.reason) == (proof == "not decided")
    text = certificate([found]).removeprefix(certificate([]))
    assert "No theorem" in text
    assert "Theorem" not in text
