"""Turn Matplotlib's SVG into one that can be set into a page among others, and follows its colors."""

import re
from xml.etree import ElementTree

from octrepro.plotting.palette import LIGHT
from octrepro.plotting.text import plain

SVG = "http://www.w3.org/2000/svg"
HREF = "{http://www.w3.org/1999/xlink}href"
FONT = "var(--fig-font, 'DejaVu Sans', Verdana, sans-serif)"
SERIES = "series:"

_VARIABLES = {color: f"var(--{name}, {color})" for name, color in LIGHT.items()}
# A picture wider than this many points scrolls on a phone, where its type would be too small otherwise.
WIDE = 300
# At most so many pixels for a point: larger, the type in the picture would outgrow the text around it.
SCALE = 1.8
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def inlinable(source: str, prefix: str, description: str) -> str:
    """Rewrite an SVG document so that it can stand inside an HTML page.

    The prolog, metadata and style sheet (which would style the whole page) go; ids that nothing refers to
    go, the others start with `prefix`; known colors become CSS variables with the color as fallback; a label
    says to screen readers what it shows (an element ``title`` would make browsers show a tip). A group whose
    id is ``series:NAME`` gets the class ``series`` and the attribute ``data-series`` instead, so that a page
    can find it.

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
    _drop(root)
    names = _new_ids(root, prefix)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
        _rename(element, names)
        _recolor(element)
    _describe(root, plain(description))
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _drop(root: ElementTree.Element) -> None:
    """Remove what would reach beyond the figure or shows nothing, and the white space between elements."""
    for parent in list(root.iter()):
        for child in list(parent):
            unseen = child.tag == f"{{{SVG}}}path" and child.attrib.get("style") == "fill: none"
            if unseen or child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
        if parent.attrib.get("transform", "").startswith("rotate(-0 "):
            del parent.attrib["transform"]
        for part in (parent, *parent):
            if part.tail and not part.tail.strip():
                part.tail = None
        if len(parent) and parent.text and not parent.text.strip():
            parent.text = None


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


def _recolor(element: ElementTree.Element) -> None:
    """Colors by CSS variable; the plain color stays as an attribute for programs that know no variables."""
    style = element.attrib.get("style")
    if style is None:
        return
    declarations = []
    for declaration in style.split(";"):
        key, colon, value = (part.strip() for part in declaration.partition(":"))
        if not colon:
            continue
        if key == "font-family":
            value = FONT
        elif value in _VARIABLES:
            element.set(key, value)
            value = _VARIABLES[value]
        declarations.append(f"{key}: {value}")
    element.set("style", "; ".join(declarations))


def _describe(root: ElementTree.Element, description: str) -> None:
    box = root.attrib["viewBox"]
    size = {name: root.attrib[name] for name in ("width", "height")}
    points = float(box.split()[2])
    root.attrib = {"xmlns": SVG, **size, "viewBox": box, "role": "img", "aria-label": description}
    if points > WIDE:
        root.set("class", "wide")
    root.set("style", f"stroke-linejoin: round; stroke-linecap: butt; max-width: {SCALE * points:.0f}px")
