"""report.tex to report.pdf, the same bytes every time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from octrepro.core import UserError
from octrepro.reporting.typeset import Typeset, tools

PASSES = 3
TIMEOUT = 300
_EPOCH = "1704067200"  # any fixed second will do; it only ever stands for "now" inside LaTeX

DEBIAN_PACKAGES = (
    "lmodern",
    "texlive-fonts-recommended",
    "texlive-latex-base",
    "texlive-latex-extra",
    "texlive-latex-recommended",
)
HOW_TO_GET_ENGINE = (
    f"install pdfLaTeX (on Debian or Ubuntu: sudo apt-get install {' '.join(DEBIAN_PACKAGES)}; "
    "elsewhere TeX Live or MiKTeX) or Tectonic, then run the same command again"
)


def compile_pdf(dataset_folder: Path, shared_figures: Path) -> Typeset:
    """Compile `dataset_folder`/report.tex with what engine there is.

    The work is done on copies in a temporary folder that has the layout of report/build/, so that no
    auxiliary file is left and no path of this machine enters the PDF.

    Raises
    ------
    UserError
        When there is no engine, or LaTeX fails; the message has LaTeX's own first lines.
    """
    engine = find_engine()
    with tempfile.TemporaryDirectory(prefix="octrepro-pdf-") as name:
        place = Path(name) / "report"
        place.mkdir()
        shutil.copy(dataset_folder / "report.tex", place)
        shutil.copytree(dataset_folder / "figures", place / "figures")
        shutil.copytree(shared_figures, Path(name) / "boolean" / "figures")
        _run(engine, place)
        pdf = place / "report.pdf"
        if not pdf.is_file():
            raise UserError(f"{engine} made no PDF", hint="read report.tex's log by compiling it by hand")
        return Typeset(pdf.read_bytes(), tools(engine, _log(place)))


def available_engine() -> str | None:
    """The first of pdflatex and tectonic that is on the path.

    latexmk is not needed: pdfLaTeX is run as often as its own log asks for, which is all that latexmk would
    do for a document without a bibliography.
    """
    return next((engine for engine in ("pdflatex", "tectonic") if shutil.which(engine)), None)


def find_engine() -> str:
    """A LaTeX engine.

    Raises
    ------
    UserError
        When there is none.
    """
    engine = available_engine()
    if engine is None:
        raise UserError("there is no LaTeX engine to make the PDF with", hint=HOW_TO_GET_ENGINE)
    return engine


def _run(engine: str, place: Path) -> None:
    if engine == "tectonic":
        _call(["tectonic", "--untrusted", "--keep-logs", "--chatter", "minimal", "report.tex"], place)
        return
    command = [
        "pdflatex",
        "-no-shell-escape",
        "-interaction=nonstopmode",
        "-halt-on-error",
        "-file-line-error",
        "report.tex",
    ]
    _call([*command[:1], "-draftmode", *command[1:]], place)  # for the table of contents and the labels only
    for _ in range(PASSES - 1):
        _call(command, place)
        if not re.search(r"Rerun to get|Rerun LaTeX|Table widths have changed", _log(place)):
            return


def _log(place: Path) -> str:
    path = place / "report.log"
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _call(command: list[str], place: Path) -> None:
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": _EPOCH,
        "FORCE_SOURCE_DATE": "1",
        "TZ": "UTC",
        "LC_ALL": "C",
        "max_print_line": "1000",
        # The document reads its own folder and the one beside it, and writes its own.
        "openin_any": "a",
        "openout_any": "p",
    }
    try:
        done = subprocess.run(
            command,
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"{command[0]} did not end within {TIMEOUT} s") from None
    if done.returncode != 0:
        output = (done.stdout + done.stderr).decode("utf-8", errors="replace")
        raise UserError(
            f"{command[0]} could not compile report.tex:\n{_first_error(output)}",
            hint="when a package is missing, install texlive-latex-extra; otherwise correct report/templates "
            "or report/prose",
        )


def _first_error(output: str) -> str:
    """LaTeX's first error with the lines around it that say where."""
    lines = output.splitlines()
    found = next(
        (i for i, line in enumerate(lines) if line.startswith("!") or re.match(r"\S*\.tex:\d+: ", line)), None
    )
    chosen = lines[-5:] if found is None else lines[found : found + 5]
    return "\n".join(f"    {line}" for line in chosen if line.strip())
