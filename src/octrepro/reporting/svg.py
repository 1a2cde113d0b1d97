"""Figures as part of the page: an SVG file of ours, with nothing in it that could do more than draw."""

from __future__ import annotations

import re
from xml.etree import ElementTree

_ELEMENTS = frozenset(
    {
        *("svg", "g", "defs", "clipPath", "mask", "symbol", "marker", "pattern", "use", "image"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"),
        *("linearGradient", "radialGradient", "stop"),
    }
)
# A picture wider than this many points scrolls on a phone, where its type would be too small otherwise.
WIDE = 300
# At most so many pixels for a point.
SCALE = 1.8
_LOCAL_URLS = re.compile(r"[^()]*(?:url\(#[^()\s]+\)[^()]*|var\([^()]*\)[^()]*|[a-z]+\([-0-9., ]*\)[^()]*)*")


def inline_svg(text: str, alt: str) -> str:
    """The SVG document `text` as an element of the page, with `alt` as its description.

    Only drawing elements stay: no script, style sheet, foreign object, link or event handler. Title and
    description go as well, since browsers show them as tips over the whole figure; `alt` says the same. Size
    comes from the view box, so that the figure scales with the page.
    """
    root = ElementTree.fromstring(text)  # noqa: S314 - written by the figures stage
    _clean(root)
    if "viewBox" not in root.attrib:
        width, height = (re.sub(r"[^0-9.]", "", root.get(side, "")) for side in ("width", "height"))
        root.set("viewBox", f"0 0 {width} {height}")
    points = float(root.attrib["viewBox"].split()[2])
    if points > WIDE:
        root.set("class", "wide")
    # Larger than this, the type in the picture would outgrow the text around it.
    root.set("style", f"{root.get('style', '')}; max-width: {SCALE * points:.0f}px".removeprefix("; "))
    for name in ("id", "width", "height", "aria-labelledby"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-label", alt)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element) -> None:
    """Drop namespaces, all that does not draw, and every attribute that could load or run something."""
    element.tag = _local(element.tag)
    element.attrib = {
        _local(name): value for name, value in element.attrib.items() if _harmless(_local(name), value)
    }
    for child in list(element):
        # Comments and processing instructions have functions for tags.
        if isinstance(child.tag, str) and _local(child.tag) in _ELEMENTS:
            _clean(child)
        else:
            element.remove(child)


def _harmless(name: str, value: str) -> bool:
    if name.startswith("on"):
        return False
    if name == "href":
        return value.startswith(("#", "data:image/png;base64,"))
    return "(" not in value or _LOCAL_URLS.fullmatch(value) is not None


def _local(name: str) -> str:
    return name.rpartition("}")[2]
