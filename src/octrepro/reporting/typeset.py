"""What a PDF was typeset with: the one part of the work that no lock file of ours holds."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import Any

_FORMAT = re.compile(r"^LaTeX2e <.*", re.MULTILINE)
_DATED_FILE = re.compile(
    r"^(?:Document Class|Package|File|Language): (\S+ +\d{4}[/-]\d\d[/-]\d\d.*)", re.MULTILINE
)


@dataclass(frozen=True)
class Typeset:
    """A PDF and its tools.

    Attributes
    ----------
    pdf
        The file.
    tools
        Engine, LaTeX release and the versions of all packages used. Where these are the same, so is the PDF;
        where one is not, two PDFs cannot be compared.
    """

    pdf: bytes
    tools: dict[str, Any]


def tools(engine: str, log: str) -> dict[str, Any]:
    """What `engine` and the log of its last run say of their versions; the same for every place and time."""
    shown = subprocess.run([engine, "--version"], capture_output=True, text=True, check=False).stdout
    release = _FORMAT.search(log)
    return {
        "engine": next(iter(shown.splitlines()), engine),
        "format": release[0].strip() if release else None,
        "packages": sorted({" ".join(line.split()) for line in _DATED_FILE.findall(log)}),
    }
