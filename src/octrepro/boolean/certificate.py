"""The Coq file with a proof for each verdict: definitions and lemmas of `preamble.v`, then the constructions.

Coq is not needed to write it. ``make prove`` has it checked by the compiler, then by the independent checker.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from octrepro.boolean.networks import LONGEST_VECTOR, Family
from octrepro.boolean.response import resolution
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
    family, example, margin = verdict.family, verdict.example, verdict.margin
    name = re.sub(r"[^A-Za-z0-9_]", "_", family.name)
    network = f"network_{name}"
    yield f"(** *** {name}: {_comment(family.title)} *)"
    if verdict.proof == "not decided" or not family.constant_weights or example.D > LONGEST_VECTOR:
        why = f"it is not decided, a weight depends on A, B or D, or D > {LONGEST_VECTOR} in the example"
        yield f"(** No theorem: {why}. *)"
        return
    yield _definition(network, family)
    place = f"({example.A}) ({example.B}) [{'; '.join(map(str, example.x))}]"
    L, m = resolution(example.network), f"({margin.numerator} # {margin.denominator})"
    if not verdict.computes:
        theorem = f"fails_{name} : ~ computes {network}"
        proof = f"by_example {place}"
    elif not verdict.robust:
        theorem = f"not_robust_{name} : computes {network} /\\ ~ robust {network}"
        proof = f"by_step {network} {L} {place}"
    else:
        theorem = f"robust_{name} : robust {network} /\\ margin {network} {m}"
        proof = f"by_margin {network} {L} {margin * L} {m} {place}"
    yield f"Theorem {theorem}.\nProof. {proof}. Qed."


def _definition(network: str, family: Family) -> str:
    activation, w1, b1, w2, b2, v1, v2, c = family.network.each(lambda entry: entry.coq)
    return (
        f"Definition {network} : network := {{|\n  hidden := {activation.capitalize()};\n"
        f"  weight_1 := {w1}; bias_1 := fun A B D => {b1};\n"
        f"  weight_2 := {w2}; bias_2 := fun A B D => {b2};\n"
        f"  output_1 := {v1}; output_2 := {v2}; output_bias := fun A B D => {c} |}}."
    )


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
