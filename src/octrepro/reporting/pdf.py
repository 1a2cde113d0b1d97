"""report.tex to report.pdf, the same bytes every time."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from octrepro.core import UserError

PASSES = 3
TIMEOUT = 300
DEBIAN_PACKAGES = (
    "lmodern",
    "texlive-fonts-recommended",
    "texlive-latex-base",
    "texlive-latex-extra",
    "texlive-latex-recommended",
)
HOW_TO_GET_ENGINE = (
    f"install pdfLaTeX (on Debian or Ubuntu: sudo apt-get install {' '.join(DEBIAN_PACKAGES)}; "
    "elsewhere TeX Live or MiKTeX), then run the same command again"
)
_PDFLATEX = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error"]
_ENVIRONMENT = {
    "SOURCE_DATE_EPOCH": "1704067200",  # any fixed second will do; it only stands for "now" inside LaTeX
    "FORCE_SOURCE_DATE": "1",
    "TZ": "UTC",
    "LC_ALL": "C",
    "max_print_line": "1000",
    # The document reads its own folder and the one beside it, and writes its own.
    "openin_any": "a",
    "openout_any": "p",
}
_FORMAT = re.compile(r"^LaTeX2e <.*", re.MULTILINE)
_DATED_FILE = re.compile(
    r"^(?:Document Class|Package|File|Language): (\S+ +\d{4}[/-]\d\d[/-]\d\d.*)", re.MULTILINE
)


def is_engine_available() -> bool:
    """Whether pdfLaTeX is on the path."""
    return shutil.which(_PDFLATEX[0]) is not None


def compile_pdf(dataset_folder: Path, shared_figures: Path) -> tuple[bytes, dict[str, Any]]:
    """Compile `dataset_folder`/report.tex with pdfLaTeX: the PDF, and what it was typeset with.

    The work is done on copies in a temporary folder that has the layout of report/build/, so that no
    auxiliary file is left and no path of this machine enters the PDF. Engine, LaTeX release and packages with
    their versions are the one part of the work that no lock file of ours holds: where these are the same, so
    is the PDF; where one is not, two PDFs cannot be compared. A UserError when pdfLaTeX is missing, or with
    LaTeX's own first lines when it fails.
    """
    if not is_engine_available():
        raise UserError("there is no pdfLaTeX to make the PDF with", hint=HOW_TO_GET_ENGINE)
    with tempfile.TemporaryDirectory(prefix="octrepro-pdf-") as name:
        place = Path(name) / "report"
        place.mkdir()
        shutil.copy(dataset_folder / "report.tex", place)
        shutil.copytree(dataset_folder / "figures", place / "figures")
        shutil.copytree(shared_figures, Path(name) / "boolean" / "figures")
        log = _run(place)
        return (place / "report.pdf").read_bytes(), _tools(log)


def _run(place: Path) -> str:
    """Run pdfLaTeX as often as its log asks for, as latexmk would; the log of its last run."""
    _call(place, "-draftmode")  # for the table of contents and the labels only
    for _ in range(PASSES - 1):
        log = _call(place)
        if not re.search(r"Rerun to get|Rerun LaTeX|Table widths have changed", log):
            break
    return log


def _call(place: Path, *options: str) -> str:
    try:
        done = subprocess.run(
            [*_PDFLATEX, *options, "report.tex"],
            cwd=place,
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"pdflatex did not end within {TIMEOUT} s") from None
    if done.returncode != 0:
        output = (done.stdout + done.stderr).decode("utf-8", errors="replace")
        raise UserError(
            f"pdflatex could not compile report.tex:\n{_first_error(output)}",
            hint="when a package is missing, install texlive-latex-extra; otherwise correct report/templates "
            "or report/prose",
        )
    return (place / "report.log").read_text(encoding="utf-8", errors="replace")


def _first_error(output: str) -> str:
    """LaTeX's first error with the lines after it that say where."""
    lines = output.splitlines()
    errors = (number for number, line in enumerate(lines) if re.match(r"!|\S*\.tex:\d+: ", line))
    start = next(errors, max(len(lines) - 5, 0))
    return "\n".join(f"    {line}" for line in lines[start : start + 5] if line.strip())


def _tools(log: str) -> dict[str, Any]:
    """What pdfLaTeX and its log say of their versions; the same for every place and time."""
    shown = subprocess.run(["pdflatex", "--version"], capture_output=True, text=True, check=False).stdout
    release = _FORMAT.search(log)
    return {
        "engine": shown.partition("\n")[0],
        "format": release[0].strip() if release else None,
        "packages": sorted({" ".join(line.split()) for line in _DATED_FILE.findall(log)}),
    }
