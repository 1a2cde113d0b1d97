"""Formulas as MathML, spaced as LaTeX spaces them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from latex2mathml.converter import convert


def mathml(latex: str, *, display: bool) -> str:
    """MathML of `latex`, which it also carries as its alternative text.

    Raises
    ------
    ValueError
        When the converter passes a command through that it does not know.
    """
    markup = convert(latex.strip(), display="block" if display else "inline")
    if "\\" in markup:
        raise ValueError(f"no MathML for {latex!r}")
    root = ElementTree.fromstring(markup)  # noqa: S314 - made from our own prose
    _set_spaces(root)
    root.set("alttext", latex.strip())
    ElementTree.register_namespace("", "http://www.w3.org/1998/Math/MathML")
    return ElementTree.tostring(root, encoding="unicode")


def _set_spaces(parent: ElementTree.Element) -> None:
    """Space signs and functions as LaTeX does: no space after a sign, a thin one between log and a letter.

    The converter writes functions as operators, which browsers surround with space, and does not say whether
    a minus is a sign or a difference.
    """
    for position, child in reversed(list(enumerate(parent))):
        _set_spaces(child)
        before = parent[position - 1] if position else None
        if child.text in ("−", "+") and (before is None or _opens(before)):
            child.set("form", "prefix")  # a sign, not a sum
        if child.text == "/":
            child.attrib.update(lspace="0", rspace="0")
        name = child if len(child) == 0 else child[0]  # the base, when it carries a subscript
        if not re.fullmatch(r"(?!mod$)[a-zA-Z\s]{2,}", name.text or "") or name.tag.endswith("mtext"):
            continue
        name.tag = name.tag[: name.tag.rindex("}") + 1] + "mi"
        follows = parent[position + 1] if position + 1 < len(parent) else None
        if (
            follows is not None
            and not follows.tag.endswith("mo")
            and parent.tag.endswith(("mrow", "math", "mtd"))
        ):
            parent.insert(position + 1, ElementTree.Element(name.tag[:-2] + "mspace", {"width": "0.167em"}))


def _opens(element: ElementTree.Element) -> bool:
    """Whether what follows an element is a new term: after a relation, comma or opening bracket."""
    return element.tag.endswith("mo") and (element.text or "") not in (")", "]", "}", "|", "!", "⊤", "′")
