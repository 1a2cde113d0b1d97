"""The report as LaTeX for pdfLaTeX, the same content as the page.

No value of a data set or of params.yaml is ever a command: `latex` and `latex_code` escape it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from octrepro.plotting.text import latin, printable
from octrepro.reporting.content import FOLDER, VERDICTS, Report
from octrepro.reporting.rendering import Renderer, environment

# Figures made from more files than this name their folders instead.
MANY_FILES = 4

# Characters that data cannot hold, since none is printable, stand for what is inserted between its own.
_LATIN, _END, _GROUP, _BREAK = "\x02\x03\x04\x05"
_SPECIAL = {
    **{character: rf"\{character}" for character in "{}$&#%_"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    _LATIN: r"\latinized{",
    _END: "}",
    _GROUP: "{}",
    _BREAK: r"\allowbreak{}",
}
_MATHEMATICS = {
    "−": "-", "×": r"\times", "·": r"\cdot", "±": r"\pm", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq",
    "≈": r"\approx", "∞": r"\infty", "→": r"\rightarrow", "✓": r"\checkmark",
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ζ": r"\zeta",
    "η": r"\eta", "θ": r"\theta", "ι": r"\iota", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu",
    "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "φ": r"\varphi", "χ": r"\chi",
    "ψ": r"\psi", "ω": r"\omega", "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda",
    "Ξ": r"\Xi", "Π": r"\Pi", "Σ": r"\Sigma", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega",
    **{digit: f"^{number}" for number, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}, "⁻": "^-",
}  # fmt: skip
# Characters beyond ASCII that pdfLaTeX sets as they are: letters of the T1 encoding, and signs.
AS_THEY_ARE = (
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĹĺĻļĽľŁł"
    "ŃńŅņŇňŌōŐőŒœŔŕŖŗŘřŚśŞşŠšŢţŤťŪūŮůŰűŲųŸŹźŻżŽž"
    "–—‘’“”„…«»§¶©®™°€£•µ½¼‑\u00a0"
)
_COMMANDS = {
    **_SPECIAL,
    **{character: rf"\ensuremath{{{command}}}" for character, command in _MATHEMATICS.items()},
    **dict.fromkeys("\u2009\u202f", r"\,"),  # thin spaces
}
_WRITTEN = {ord(character): command for character, command in _COMMANDS.items()}
_SETTABLE = {chr(code) for code in range(ord(" "), 127)} | {*AS_THEY_ARE, *_COMMANDS}


def document(report: Report) -> str:
    """All of report.tex."""
    # LaTeX's own braces and percent signs make Jinja's usual delimiters unreadable in a template.
    templates = environment(
        FOLDER / "templates",
        finalize=lambda value: value if isinstance(value, Markup) else latex(str(value)),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    templates.filters |= {"code": latex_code, "url": _url, "sources": _sources}
    body = Renderer(report, templates.get_template("nodes.tex.j2")).body()
    return templates.get_template("report.tex.j2").render(report=report, verdicts=VERDICTS, body=body)


def _sources(figures: Iterable[Mapping[str, Any]]) -> list[str]:
    """The files that figures were drawn from: a few as they are, many as a count for each folder."""
    files = list(dict.fromkeys(path for figure in figures for path in figure["data"]))
    if len(files) <= MANY_FILES:
        return files
    folders = Counter("/".join(path.split("/")[:2]) for path in files)
    return [f"{folder}/ ({count} files)" for folder, count in folders.items()]


def _url(target: str) -> Markup:
    r"""A URL for ``\href``: everything that LaTeX could read is percent-encoded or escaped."""
    encoded = quote(target, safe="/:?=&,;+#%")
    return Markup(re.sub(r"([%#&_~])", r"\\\1", encoded))  # noqa: S704 - just escaped


def latex(text: str) -> Markup:
    r"""`text` for LaTeX's text mode; what pdfLaTeX cannot set is transliterated, as ``\latinized{...}``.

    Words longer than a line may break every ten characters, so that no data can run over the margin. An empty
    group parts what the fonts would merge: two of ``-``, ``'`` or ``,``.
    """
    text = re.sub(r"\S{33,}", lambda word: re.sub(r".{10}(?!$)", rf"\g<0>{_BREAK}", word[0]), _settable(text))
    return _written(re.sub(r"([-',])(?=\1)", rf"\1{_GROUP}", text))


def latex_code(text: str) -> Markup:
    r"""`text` for ``\texttt``: exact characters, may break after punctuation and within long hashes."""
    text = re.sub(r"[A-Za-z0-9]{8}|[/_.@=,:&?]", rf"\g<0>{_BREAK}", _settable(text))
    return _written(re.sub(r"[-']", rf"\g<0>{_GROUP}", re.sub(r"\s+", " ", text)))


def _settable(text: str) -> str:
    spaced = "".join(" " if c.isspace() and c not in _SETTABLE else c for c in printable(text))
    composed = unicodedata.normalize("NFC", spaced)
    return latin(composed, _SETTABLE.__contains__, lambda letters: f"{_LATIN}{letters}{_END}")


def _written(text: str) -> Markup:
    return Markup(text.translate(_WRITTEN))  # noqa: S704 - just escaped
