"""The Coq file with a proof for each verdict: definitions and lemmas of `preamble.v`, then the constructions.

Coq is not needed to write it. ``make prove`` has it checked by the compiler, then by the independent checker.
"""

import math
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from octrepro.boolean.networks import LONGEST_VECTOR, Example, Family
from octrepro.boolean.response import limits, lines, pieces
from octrepro.boolean.verification import Verdict
from octrepro.core import UserError

INSTALL = "apt-get install coq, brew install coq, or https://rocq-prover.org/install"


def certificate(verdicts: Sequence[Verdict]) -> str:
    """The text of the Coq file: whether each construction computes f and is robust, and its margin.

    A construction that was not decided is named, without a theorem; so is one that the file cannot hold.
    """
    preamble = (Path(__file__).parent / "preamble.v").read_text(encoding="utf-8")
    return preamble + "".join(f"\n{part}\n" for verdict in verdicts for part in _section(verdict))


def _section(verdict: Verdict) -> Iterator[str]:
    name = re.sub(r"[^A-Za-z0-9_]", "_", verdict.family.name)
    network = f"network_{name}"
    yield f"(** *** {name}: {_comment(verdict.family.title)} *)"
    if verdict.proof == "not decided":
        yield f"(** Not decided for all D: {verdict.reason}. *)"
        return
    wrong, margin, tightest = verdict.first_counterexample, verdict.margin, verdict.tightest
    example = wrong or tightest
    if example is None or example.D > LONGEST_VECTOR or not verdict.family.constant_weights:
        yield f"(** No theorem: its weights depend on A, B or D, or D > {LONGEST_VECTOR} in the example. *)"
        return
    yield _definition(network, verdict.family)
    if tightest is None:
        yield _theorem(f"fails_{name} : ~ computes {network}", f"by_example {_place(example)}")
        return
    L = math.lcm(margin.denominator, *(slope for slope, _ in lines(tightest.network)))
    e, o = _wrong_side(tightest, margin)
    yield _theorem(f"computes_{name} : computes {network}", f"by_all_sums {network} {L}")
    if not margin:
        step = f"by_step {L} {_place(tightest)} {_z(e)}"
        yield _theorem(f"not_robust_{name} : ~ robust {network}", step)
        return
    scaled, m = f"{L} {margin * L}", f"({margin.numerator} # {margin.denominator})"
    yield _theorem(f"radius_{name} : keeps {network} {m}", f"by_all_near_sums {network} {scaled}")
    robust = f"apply (robust_by_keeps _ {m}); [reflexivity | exact radius_{name}]"
    yield _theorem(f"robust_{name} : robust {network}", robust)
    bound = f"by_bound {scaled} {m} {_place(tightest)} {_z(e)} {o}"
    yield _theorem(f"no_more_{name} : forall r, ({m} < r)%Q -> ~ keeps {network} r", bound)


def _definition(network: str, family: Family) -> str:
    activation, w1, b1, w2, b2, v1, v2, c = family.network.each(lambda entry: entry.coq)
    return (
        f"Definition {network} : network := {{|\n  hidden := {activation.capitalize()};\n"
        f"  weight_1 := {w1}; bias_1 := fun A B D => {b1};\n"
        f"  weight_2 := {w2}; bias_2 := fun A B D => {b2};\n"
        f"  output_1 := {v1}; output_2 := {v2}; output_bias := fun A B D => {c} |}}."
    )


def _wrong_side(example: Example, margin: Fraction) -> tuple[int, int]:
    """The side on which h goes wrong at the margin's distance, and 0 if at it, 1 if only beyond."""
    sides = [(e, example.s + e * margin) for e in (1, -1)]
    if at := [e for e, edge in sides if example.network(edge) != example.f]:
        return at[0], 0
    response = pieces(example.network)
    return next(e for e, edge in sides if limits(response, edge)[(e + 1) // 2] != example.f), 1


def _theorem(statement: str, proof: str) -> str:
    return f"Theorem {statement}.\nProof. {proof}. Qed."


def _place(example: Example) -> str:
    return f"{_z(example.A)} {_z(example.B)} [{'; '.join(map(str, example.x))}]"


def _z(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"


def _comment(text: str) -> str:
    """Text that cannot end or open a Coq comment, nor a string in one."""
    return re.sub(r"[^\w .,:;+=/-]", " ", text)


def installed() -> bool:
    """Whether Coq (now called Rocq) and its checker are there."""
    return bool(shutil.which("coqc") and shutil.which("coqchk"))


def prove(file: Path, *, recheck: bool = True) -> list[str]:
    """Have Coq check a certificate; the names of its theorems.

    `recheck` runs `coqchk` too, which goes through Coq's library again and takes a minute. A `UserError` is
    raised when Coq is not there, a proof fails, or anything is assumed: an axiom, an admitted goal.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {file}: {error}", hint="run 'dvc repro boolean'") from None
    theorems = re.findall(r"^Theorem (\w+)", text, flags=re.MULTILINE)
    questions = "".join(f"\nPrint Assumptions {theorem}." for theorem in theorems)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Certificate.v").write_text(text + questions, encoding="utf-8")
        report = _run(["coqc", "-q", "Certificate.v"], folder)
        if report.split() != ["Closed", "under", "the", "global", "context"] * len(theorems):
            raise UserError(f"{file} is not proved: it rests on\n{report}", expected="no axiom")
        if recheck:
            report = _run(["coqchk", "-silent", "-o", "Certificate"], folder)
            assumed = re.findall(r"^\* (?:Axioms|Constants|Inductives)[^:]*: *(.*)$", report, re.MULTILINE)
            if assumed != ["<none>"] * 4:
                raise UserError(f"{file} is not proved: coqchk reports\n{report}", expected="no axiom")
    return theorems


def _run(command: list[str], folder: str) -> str:
    """What a program of Coq's prints."""
    if not installed():
        raise UserError("Coq (Rocq) is not installed, so nothing was proved", hint=f"install it: {INSTALL}")
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise UserError(f"{command[0]} refuses the certificate:\n{done.stdout}".rstrip())
    return done.stdout
