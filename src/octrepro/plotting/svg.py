"""Turn Matplotlib's SVG into a small one that can be set into a page among others, and follows its colors."""

from __future__ import annotations

import base64
import io
import re
from functools import partial
from xml.etree import ElementTree

from octrepro.plotting.palette import INK
from octrepro.plotting.text import plain

SVG = "http://www.w3.org/2000/svg"
HREF = "{http://www.w3.org/1999/xlink}href"
PNG = "data:image/png;base64,"
SERIES = "series:"
# What most elements would otherwise repeat.
INHERITED = {
    "font-family": "'DejaVu Sans', Verdana, sans-serif",
    "font-size": "8.5",
    "fill": INK,
    "stroke-linejoin": "round",
}
DEFAULTS = {"text-anchor": "start", "stroke-linecap": "butt", **INHERITED}

# A picture wider than this many points scrolls on a phone, where its type would be too small otherwise.
WIDE = 300
# At most so many pixels for a point: larger, the type in the picture would outgrow the text around it.
SCALE = 1.8
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def inlinable(source: str, prefix: str, description: str) -> str:
    """Rewrite an SVG document so that it can stand inside an HTML page, in as few bytes as show the same.

    The prolog, metadata and style sheet (which would style the whole page) go; ids that nothing refers to
    go, the others start with `prefix`; styles become attributes, so that `palette.css_rules` can exchange
    their colors; coordinates are rounded to a hundredth of a point; enlarged pixels become single ones. A
    label says to screen readers what it shows (an element ``title`` would make browsers show a tip). A group
    whose id is ``series:NAME`` gets the class ``series`` and the attribute ``data-series`` instead, so that a
    page can find it.

    Parameters
    ----------
    source : str
        What Matplotlib wrote.
    prefix : str
        The figure's id.
    description : str
        Plain text; escaped here.
    """
    root = ElementTree.fromstring(source)  # noqa: S314 - Matplotlib wrote it
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
        _style_to_attributes(element)
    names = _new_ids(root, prefix)
    for element in root.iter():
        _rename(element, names)
        _round(element)
        if element.attrib.get("href", "").startswith(PNG):
            element.set("href", PNG + _smallest(element.attrib["href"].removeprefix(PNG)))
    _drop(root)
    _describe(root, plain(description))
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _style_to_attributes(element: ElementTree.Element) -> None:
    style = element.attrib.pop("style", "")
    for part in style.split(";"):
        key, _, value = (piece.strip() for piece in part.partition(":"))
        if key == "font-size":
            value = value.removesuffix("px")
        if key and key != "font-family" and (value != DEFAULTS.get(key) or element.tag in ("g", "use")):
            element.set(key, value)


def _new_ids(root: ElementTree.Element, prefix: str) -> dict[str, str]:
    """Ids that something refers to, and what they become, numbered as they appear."""
    referred: set[str] = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == HREF and value.startswith("#"):
                referred.add(value[1:])
            referred.update(_REFERENCE.findall(value))
    present = [element.attrib["id"] for element in root.iter() if element.attrib.get("id") in referred]
    return {old: f"{prefix}-{number}" for number, old in enumerate(dict.fromkeys(present), start=1)}


def _rename(element: ElementTree.Element, names: dict[str, str]) -> None:
    identifier = element.attrib.pop("id", "")
    if identifier in names:
        element.set("id", names[identifier])
    elif identifier.startswith(SERIES):
        element.set("class", "series")
        element.set("data-series", identifier.removeprefix(SERIES))
    target = element.attrib.pop(HREF, None)
    if target is not None:
        embedded = "".join(target.split())  # Matplotlib breaks the line after the comma of a data URI
        element.set("href", f"#{names[target[1:]]}" if target.startswith("#") else embedded)
    for name, value in list(element.attrib.items()):
        if name != "href" and "url(#" in value:
            element.set(name, _REFERENCE.sub(lambda match: f"url(#{names[match[1]]})", value))


def _round(element: ElementTree.Element) -> None:
    for name in ("d", "x", "y", "width", "height", "transform"):
        if name in element.attrib:
            digits = 6 if name == "transform" else 2  # factors of a transformation meet large numbers
            value = re.sub(r"-?\d+\.\d+", partial(_rounded, digits=digits), element.attrib[name])
            element.set(name, re.sub(r"\s*([A-Za-z])\s*", r"\1", value).strip() if name == "d" else value)


def _rounded(number: re.Match[str], digits: int) -> str:
    return f"{round(float(number[0]), digits):.{digits}f}".rstrip("0").rstrip(".")


def _smallest(png: str) -> str:
    """The same picture, one pixel for a block of equal ones, and a palette where it has few colors."""
    import numpy as np
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA"))
    for size in (4, 3, 2):
        single = pixels[::size, ::size]
        if np.array_equal(single.repeat(size, axis=0).repeat(size, axis=1), pixels):
            pixels = single
            break
    colors, index = np.unique(pixels.reshape(-1, 4), axis=0, return_inverse=True)
    written = io.BytesIO()
    if len(colors) <= 256:
        image = Image.fromarray(index.reshape(pixels.shape[:2]).astype(np.uint8), "P")
        image.putpalette(colors[:, :3].tobytes())
        image.save(written, format="png", transparency=colors[:, 3].tobytes())
    else:
        Image.fromarray(pixels).save(written, format="png")
    return base64.b64encode(written.getvalue()).decode()


def _drop(root: ElementTree.Element) -> None:
    """Remove what shows nothing: metadata, unseen paths, groups that say nothing, white space."""
    shapes = {element.attrib["id"]: element for element in root.iter() if "id" in element.attrib}
    for parent in list(root.iter()):
        if parent.tag == "use":
            shape = shapes[parent.attrib["href"][1:]]
            parent.attrib = {
                k: v for k, v in parent.attrib.items() if k in ("x", "y") or k not in shape.attrib
            }
        if parent.attrib.get("transform", "").startswith("rotate(-0 "):
            del parent.attrib["transform"]
    _flatten(root)


def _flatten(parent: ElementTree.Element) -> None:
    kept: list[ElementTree.Element] = []
    for child in parent:
        _flatten(child)
        unseen = child.tag == "path" and child.attrib.get("fill") == "none" and "stroke" not in child.attrib
        empty = child.tag in ("g", "defs") and not len(child)
        if child.tag in ("metadata", "style") or unseen or empty:
            continue
        kept += list(child) if child.tag == "g" and not child.attrib else [child]
    for child in kept:
        child.tail = None
    parent[:] = kept
    if parent.tag not in ("text", "tspan"):
        parent.text = None


def _describe(root: ElementTree.Element, description: str) -> None:
    box = root.attrib["viewBox"]
    size = {name: root.attrib[name] for name in ("width", "height")}
    points = float(box.split()[2])
    root.attrib = {
        "xmlns": SVG,
        **size,
        "viewBox": box,
        "role": "img",
        "aria-label": description,
        **INHERITED,
    }
    if points > WIDE:
        root.set("class", "wide")
    root.set("style", f"max-width: {SCALE * points:.0f}px")
