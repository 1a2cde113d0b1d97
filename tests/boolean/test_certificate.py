"""The third witness: Coq agrees with z3 and enumeration on every construction, and on mutants of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from octrepro.boolean import prove as module
from octrepro.boolean.certificate import certificate
from octrepro.boolean.networks import Family
from octrepro.boolean.prove import installed, prove
from octrepro.boolean.verification import Verdict, verify
from octrepro.core import UserError
from tests.boolean.constructions import make_family, shipped

needs_coq = pytest.mark.skipif(not installed() and "CI" not in os.environ, reason="Coq is not installed")


def entries(family: Family) -> list[str]:
    (w1, b1), (w2, b2) = family.hidden
    return [entry.text for entry in (w1, b1, w2, b2, *family.output)]


def mutants(family: Family) -> Iterator[Family]:
    """Each weight and bias plus one, less one, with the other sign, and with 10 more."""
    for position, text in enumerate(entries(family)):
        for number, changed in enumerate((f"{text} + 1", f"{text} - 1", f"-({text})", f"{text} + 10")):
            changes = entries(family)
            changes[position] = changed
            mutant = [re.sub("k2", "10", re.sub("k1", "1", each)) for each in changes]
            yield make_family(family.activation, *mutant, name=f"{family.name}_{position}_{number}")


@cache
def all_mutants() -> list[Verdict]:
    right = [name for name, family in shipped().items() if verify(family, 3).computes]
    assert len(right) == 8
    return [verify(mutant, 4) for name in right for mutant in mutants(shipped()[name])]


def check(verdicts: list[Verdict], folder: Path, *, recheck: bool = False) -> list[str]:
    path = folder / "Construction.v"
    path.write_text(certificate(verdicts), encoding="utf-8")
    return prove(path, recheck=recheck)


def names(verdicts: list[Verdict]) -> list[str]:
    """The theorems that a certificate owes to its verdicts."""
    found = []
    for verdict in verdicts:
        kinds = ["fails"]
        if verdict.computes:
            kinds = ["computes", *(["radius", "robust", "no_more"] if verdict.robust else ["not_robust"])]
        found += [f"{kind}_{verdict.family.name}" for kind in kinds]
    return found


@needs_coq
@pytest.mark.slow
def test_coq_proves_the_verdict_on_each_construction(tmp_path: Path) -> None:
    verdicts = [verify(family, 4) for family in shipped().values()]
    assert [name for name in check(verdicts, tmp_path) if name not in PREAMBLE] == names(verdicts)


PREAMBLE = set(re.findall(r"^Theorem (\w+)", certificate([]), flags=re.MULTILINE))


# Mutants that still compute f, named construction_position_change: positions 0 to 6 are w1, b1, w2, b2, v1,
# v2, c; changes 0 to 3 are plus one, less one, the other sign, plus ten.
EXPLAINED = {
    "the threshold moves by 1 / weight, and passes no attainable sum": [
        *("corrected_sign_robust_1_0", "corrected_sign_robust_1_1"),
        *("corrected_sign_robust_3_0", "corrected_sign_robust_3_1"),
        *("corrected_relu_robust_1_0", "corrected_relu_robust_1_1"),
        *("corrected_relu_robust_3_0", "corrected_relu_robust_3_1"),
        *("own_sign_midway_1_1", "own_sign_midway_3_1", "own_relu_midway_1_0", "own_relu_midway_3_0"),
        *("own_sign_parity_1_1", "own_sign_parity_3_1", "own_relu_parity_1_0", "own_relu_parity_3_0"),
    ],
    "the sum of two signs is at least 2 only if both are +1": [
        *("printed_sign_6_1", "corrected_sign_robust_6_1", "own_sign_midway_6_1", "own_sign_parity_6_1"),
    ],
    "a ReLU that is 0 inside may weigh more, and one that reaches c / 2 inside just as much": [
        *(
            "corrected_relu_4_1",
            "corrected_relu_5_1",
            "corrected_relu_robust_4_1",
            "corrected_relu_robust_5_1",
        ),
        *("own_relu_midway_4_1", "own_relu_midway_5_1", "own_relu_parity_4_1", "own_relu_parity_5_1"),
    ],
    "outside a ReLU is at least 9 where c = 1, and inside it is 0 where c = 0": [
        *("corrected_relu_robust_6_0", "own_relu_midway_6_1", "own_relu_parity_6_1"),
    ],
    "minus 0 is 0": ["corrected_relu_6_2", "corrected_relu_robust_6_2"],
}


def test_mutants_that_still_compute_f_are_explained() -> None:
    """Enumeration and z3 agree on each mutant: `verify` raises if they do not."""
    verdicts = all_mutants()
    assert len(verdicts) == 224
    assert {verdict.proof for verdict in verdicts} == {"proved", "refuted"}
    computing = [verdict.family.name for verdict in verdicts if verdict.computes]
    assert sorted(computing) == sorted(name for names in EXPLAINED.values() for name in names)


@needs_coq
@pytest.mark.slow
@pytest.mark.endurance
def test_coq_agrees_on_each_mutant(tmp_path: Path) -> None:
    assert [name for name in check(all_mutants(), tmp_path) if name not in PREAMBLE] == names(all_mutants())


@needs_coq
@pytest.mark.slow
@pytest.mark.endurance
def test_the_independent_checker_finds_no_axiom(tmp_path: Path) -> None:
    check([verify(family, 3) for family in shipped().values()], tmp_path, recheck=True)


@needs_coq
@pytest.mark.slow
def test_coq_reads_expressions_as_python_does(tmp_path: Path) -> None:
    """A fails theorem computes the network at its counterexample: h comes out the same."""
    entries = ["-(A + B) * 2 % 7", "A - -B % 3 % 2 * -3", "- -D % 5 - (1 - (A - 2))", "7 % 3 * D % 2 - -4"]
    pairs = zip(entries, [*entries[1:], entries[0]], strict=True)
    families = [make_family("relu", 1, entry, -1, other, 1, -1, 0) for entry, other in pairs]
    verdicts = [verify(replace(each, name=f"n{number}"), 3) for number, each in enumerate(families)]
    assert all(verdict.proof == "refuted" for verdict in verdicts)
    assert len(check(verdicts, tmp_path)) == len(PREAMBLE) + len(families)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("name", ["printed_sign_robust", "corrected_sign_robust", "corrected_relu"])
def test_coq_refuses_a_wrong_verdict(name: str, tmp_path: Path) -> None:
    """The proof of one verdict under the network of another."""
    family = shipped()[name]
    other = make_family("sign", 2, "-2*A", -2, "2*B - 1" if verify(family, 3).computes else "2*B", 1, 1, -1)
    with pytest.raises(UserError, match="refuses"):
        check([replace(verify(family, 3), family=replace(other, name=name))], tmp_path)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["Axiom a : 0 = 1.\nTheorem t : 0 = 1.\nProof. exact a. Qed.", "Theorem t : 0 = 1.\nProof. Admitted."],
)
def test_axioms_and_admitted_goals_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "Construction.v"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="is not proved"):
        prove(path, recheck=False)


@needs_coq
def test_the_checker_passes_a_proof_and_reports_an_axiom(tmp_path: Path) -> None:
    path = tmp_path / "small.v"
    path.write_text("Theorem t : 0 = 0.\nProof. reflexivity. Qed.\n")
    assert prove(path) == ["t"]
    path.write_text("Axiom a : 0 = 1.\nLemma t : 0 = 1.\nProof. exact a. Qed.\n")
    with pytest.raises(UserError, match="coqchk reports"):
        prove(path)


def test_without_coq_a_message_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "Construction.v"
    path.write_text(certificate([]), encoding="utf-8")
    monkeypatch.setattr(module, "installed", lambda: False)
    with pytest.raises(UserError, match="apt-get install coq"):
        prove(path)
    with pytest.raises(UserError, match="dvc repro boolean"):
        prove(tmp_path / "absent.v")


def test_hostile_titles_and_names_stay_comments() -> None:
    hostile = 'x *) Axiom a : False. (* " \\" \n (*'
    family = replace(make_family("sign", 1, "-A", -1, "B", 1, 1, -1, name="é-1 x"), title=hostile)
    text = certificate([verify(family, 2)]).removeprefix(certificate([]))
    comment = text.strip().splitlines()[0]
    assert comment.startswith("(** *** _-1_x".replace("-", "_"))
    assert comment.count("(*") == comment.count("*)") == 1
    assert '"' not in text
    assert "Definition network___1_x" in text


def test_what_is_not_linear_is_named_and_not_claimed() -> None:
    family = make_family("sign", "D", "-D*A", -1, "B", 1, 1, -1)
    text = certificate([verify(family, 2)]).removeprefix(certificate([]))
    assert "Not decided for all D" in text
    assert "Theorem" not in text
