"""Escaping of data for Markdown, HTML and LaTeX: no value of a data set or of params.yaml is ever markup.

Every string that comes from outside (names, class labels, licenses, citations) passes through one of these
functions, chosen by where it lands. `Safe` marks Markdown of our own making.
"""

from __future__ import annotations

import html as html_module
import re
import unicodedata

from octrepro.plotting.text import latin


class Safe(str):
    """Markdown written by this project, with all data in it already escaped: inserted as it is."""

    __slots__ = ()


def visible(text: str) -> str:
    """One line of `text`: control and format characters dropped, any run of white space one space.

    Line breaks would let a value open a block of Markdown, and characters that change the writing
    direction would let it rearrange the text around it.
    """
    spaced = "".join(" " if character.isspace() else character for character in text)
    return " ".join(unicodedata.normalize("NFC", _printable(spaced)).split())


def _printable(text: str) -> str:
    """`text` without control, format, surrogate and private characters; white space stays."""
    hidden = {"Cc", "Cf", "Cs", "Co"}
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in hidden)


def markdown(text: str) -> Safe:
    """`text` as Markdown that renders as exactly `text`, dollars of mathematics included."""
    return Safe(re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", visible(text)))


def html(text: str) -> str:
    """`text` for the content of an HTML element or a quoted attribute."""
    return html_module.escape(_printable(text), quote=True)


def slug(text: str) -> str:
    """An identifier of ASCII letters, digits and hyphens, for anchors in HTML and labels in LaTeX."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


TRANSLITERATED = r"\latinized{"
"""What LaTeX's source has before letters that stand for those of another script."""

_LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "\x02": TRANSLITERATED,  # around what had to be transliterated: data cannot hold these two
    "\x03": "}",
}

_LATEX_MATH = {
    "−": "-", "×": r"\times", "·": r"\cdot", "±": r"\pm", "÷": r"\div", "≤": r"\leq", "≥": r"\geq",
    "≠": r"\neq", "≈": r"\approx", "≡": r"\equiv", "∞": r"\infty", "∈": r"\in", "∑": r"\sum", "√": r"\surd",
    "→": r"\rightarrow", "←": r"\leftarrow", "↑": r"\uparrow", "↓": r"\downarrow", "⇒": r"\Rightarrow",
    "⇔": r"\Leftrightarrow", "∂": r"\partial", "∇": r"\nabla", "∥": r"\parallel", "⊤": r"\top",
    "∀": r"\forall", "∃": r"\exists", "∧": r"\wedge", "∨": r"\vee", "¬": r"\neg",
    "‖": r"\Vert", "✓": r"\checkmark", "∘": r"\circ",
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ζ": r"\zeta",
    "η": r"\eta", "θ": r"\theta", "ι": r"\iota", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu",
    "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "φ": r"\varphi", "χ": r"\chi",
    "ψ": r"\psi", "ω": r"\omega", "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda",
    "Ξ": r"\Xi", "Π": r"\Pi", "Σ": r"\Sigma", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega",
    "⁰": "^0", "¹": "^1", "²": "^2", "³": "^3", "⁴": "^4", "⁵": "^5", "⁶": "^6", "⁷": "^7", "⁸": "^8",
    "⁹": "^9", "⁻": "^-", "₀": "_0", "₁": "_1", "₂": "_2", "₃": "_3",
}  # fmt: skip

_LATEX_TEXT = {
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "„": r"\quotedblbase{}", "…": r"\dots{}",
    "«": r"\guillemotleft{}", "»": r"\guillemotright{}", "§": r"\S{}", "¶": r"\P{}", "©": r"\textcopyright{}",
    "®": r"\textregistered{}", "™": r"\texttrademark{}", "°": r"\textdegree{}", "€": r"\texteuro{}",
    "£": r"\textsterling{}", "•": r"\textbullet{}", "µ": r"\textmu{}", "\u00a0": "~", "\u202f": r"\,",
    "\u2009": r"\,", "½": r"\textonehalf{}", "¼": r"\textonequarter{}", "‑": "-{}",
}  # fmt: skip

# Letters beyond ASCII that the T1 encoding holds, so that pdfLaTeX sets them as they are.
_LATEX_LETTERS = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĹĺĻļĽľŁł"
    "ŃńŅņŇňŌōŐőŒœŔŕŖŗŘřŚśŞşŠšŢţŤťŪūŮůŰűŲųŸŹźŻżŽž"
)


def latex(text: str) -> str:
    r"""`text` for LaTeX's text mode; what pdfLaTeX cannot set is transliterated, as ``\latinized{...}``.

    Words longer than a line may break, so that no data can run over the margin.
    """
    return "".join(_latex_word(word) for word in re.split(r"(\s+)", _settable(text)))


def latex_code(text: str) -> str:
    r"""`text` for ``\texttt``: exact characters, may break after punctuation and within long hashes."""
    pieces = re.findall(r"[A-Za-z0-9]{1,8}|\s+|.", _settable(text))
    set_pieces = [
        " " if piece.isspace() else "".join(_latex_character(character) for character in piece)
        for piece in pieces
    ]
    out: list[str] = []
    for piece, written in zip(pieces, set_pieces, strict=True):
        out.append(written)
        if (len(piece) == 8 or piece in "/_.@=,:&?") and not piece.isspace():
            out.append(r"\allowbreak{}")
        elif piece in "-'":
            out.append("{}")  # no dash or quotation mark out of two
    return "".join(out)


def _settable(text: str) -> str:
    composed = unicodedata.normalize("NFC", _printable(text))
    return latin(composed, lambda c: bool(_latex_character(c)), lambda letters: f"\x02{letters}\x03")


def _latex_word(word: str) -> str:
    # A word longer than a line may break every ten characters.
    size = len(word) if len(word) <= 32 else 10
    chunks = [word[start : start + size] for start in range(0, len(word), size or 1)]
    return r"\allowbreak{}".join(
        "".join(_latex_character(character) for character in _split_ligatures(chunk)) for chunk in chunks
    )


def _split_ligatures(word: str) -> list[str]:
    """The characters of `word`, an empty group between two that LaTeX's fonts would merge: --, '' or ,,."""
    out: list[str] = []
    for character in word:
        if out and out[-1] == character and character in "-',":
            out.append("")
        out.append(character)
    return out


def _latex_character(character: str) -> str:
    """One character as pdfLaTeX sets it; empty when it cannot."""
    if character == "":
        return "{}"
    if character in _LATEX_SPECIAL:
        return _LATEX_SPECIAL[character]
    if " " <= character <= "~" or character in _LATEX_LETTERS:
        return character
    if character in _LATEX_MATH:
        return rf"\ensuremath{{{_LATEX_MATH[character]}}}"
    if character in _LATEX_TEXT:
        return _LATEX_TEXT[character]
    if character.isspace():
        return " "
    nearest = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return "".join(_LATEX_SPECIAL.get(letter, letter) for letter in nearest)
