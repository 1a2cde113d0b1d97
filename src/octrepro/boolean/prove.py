"""Having Coq check the certificate: ``make prove``. The compiler checks it, then the independent checker."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from octrepro.core import UserError

__all__ = ["compile_certificate", "installed", "prove"]

INSTALL = "apt-get install coq, brew install coq, or https://rocq-prover.org/install"


def installed() -> bool:
    """Whether Coq (now called Rocq) and its checker are there."""
    return bool(shutil.which("coqc") and shutil.which("coqchk"))


def prove(certificate: Path, *, recheck: bool = True) -> list[str]:
    """Check a certificate and return the names of the theorems about constructions.

    Parameters
    ----------
    certificate
        A file that the stage `boolean` or ``python -m octrepro verify --certificate`` wrote.
    recheck
        Whether to run `coqchk` too, which goes through Coq's library again and takes a minute.

    Raises
    ------
    UserError
        When Coq is not there, a proof fails, or anything is assumed: an axiom, an admitted goal.
    """
    try:
        text = certificate.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {certificate}: {error}", hint="run 'dvc repro boolean'") from None
    theorems = re.findall(r"^Theorem (\w+)", text, flags=re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        compile_certificate(certificate, Path(folder), theorems)
        if recheck:
            done = _run(["coqchk", "-silent", "-o", "Certificate"], Path(folder))
            report = done.stdout + done.stderr
            assumed = re.findall(
                r"^\* (?:Axioms|Constants|Inductives)[^:]*: *(.*)$", report, flags=re.MULTILINE
            )
            if assumed != ["<none>"] * 4:
                raise UserError(f"{certificate} is not proved: coqchk reports\n{report}", expected="no axiom")
    return theorems


def compile_certificate(certificate: Path, folder: Path, theorems: list[str]) -> None:
    """Have `coqc` check a copy of the certificate in a folder, and that its theorems assume nothing.

    Raises
    ------
    UserError
        When Coq is not there, a proof fails, or a theorem rests on an axiom.
    """
    copy = shutil.copyfile(certificate, folder / "Certificate.v")
    with copy.open("a", encoding="utf-8") as file:
        file.writelines(f"\nPrint Assumptions {theorem}." for theorem in theorems)
    printed = _run(["coqc", "-q", copy.name], folder).stdout
    if printed.split() != ["Closed", "under", "the", "global", "context"] * len(theorems):
        raise UserError(f"{certificate} is not proved: it rests on\n{printed}", expected="no axiom")


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    if not installed():
        raise UserError("Coq (Rocq) is not installed, so nothing was proved", hint=f"install it: {INSTALL}")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"{command[0]} refuses the certificate:\n{done.stdout}{done.stderr}".rstrip())
    return done
