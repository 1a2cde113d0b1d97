"""Formulas as MathML, spaced as LaTeX spaces them."""

import re
from xml.etree import ElementTree

from latex2mathml.converter import convert

_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
ElementTree.register_namespace("", _NAMESPACE)


def mathml(latex: str, *, display: bool) -> str:
    """MathML of `latex`, which it also carries as its alternative text.

    Raises `ValueError` when the converter passes a command through that it does not know.
    """
    markup = convert(latex.strip(), display="block" if display else "inline")
    if "\\" in markup:
        raise ValueError(f"no MathML for {latex!r}")
    root = ElementTree.fromstring(markup)  # noqa: S314 - made from our own prose
    _set_spaces(root)
    root.set("alttext", latex.strip())
    return ElementTree.tostring(root, encoding="unicode")


def _set_spaces(parent: ElementTree.Element) -> None:
    """Space signs and functions as LaTeX does: no space after a sign, a thin one between log and a letter.

    The converter writes functions as operators, which browsers surround with space, and does not say whether
    a minus is a sign or a difference.
    """
    for position, child in reversed(list(enumerate(parent))):
        _set_spaces(child)
        if child.text in ("−", "+") and (position == 0 or _opens(parent[position - 1])):
            child.set("form", "prefix")  # a sign, not a sum
        if child.text == "/":
            child.attrib.update(lspace="0", rspace="0")
        name = child if len(child) == 0 else child[0]  # the base, when it carries a subscript
        if _kind(name) == "mtext" or not re.fullmatch(r"(?!mod$)[a-zA-Z\s]{2,}", name.text or ""):
            continue
        name.tag = f"{{{_NAMESPACE}}}mi"
        is_last = position + 1 == len(parent)
        if _kind(parent) in ("mrow", "math", "mtd") and not is_last and _kind(parent[position + 1]) != "mo":
            space = ElementTree.Element(f"{{{_NAMESPACE}}}mspace", {"width": "0.167em"})
            parent.insert(position + 1, space)


def _opens(element: ElementTree.Element) -> bool:
    """Whether what follows an element is a new term: after a relation, comma or opening bracket."""
    return _kind(element) == "mo" and (element.text or "") not in (")", "]", "}", "|", "!", "⊤", "′")


def _kind(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
