"""Turn Matplotlib's SVG into a small one that can be set into a page among others, and follows its colors."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from octrepro.plotting.palette import INK
from octrepro.plotting.style import ENLARGED
from octrepro.plotting.text import plain

SVG = "http://www.w3.org/2000/svg"
HREF = "{http://www.w3.org/1999/xlink}href"
SERIES = "series:"
# What most elements would otherwise repeat.
INHERITED = {
    "font-family": "'DejaVu Sans', Verdana, sans-serif",
    "font-size": "8.5",
    "fill": INK,
    "stroke-linejoin": "round",
    "stroke-linecap": "butt",
    "text-anchor": "start",
}

# A picture wider than this many points scrolls on a phone, where its type would be too small otherwise.
WIDE = 300
# At most so many pixels for a point: larger, the type in the picture would outgrow the text around it.
SCALE = 1.8


def inlinable(source: str, prefix: str, description: str) -> str:
    """Rewrite what Matplotlib wrote so that it can stand inside an HTML page, in few bytes.

    The prolog, metadata and style sheet (which would style the whole page) go; ids that nothing refers to
    go, the others start with `prefix`; styles become attributes, so that `palette.css` can exchange
    their colors; coordinates are rounded to a hundredth of a point; enlarged pixels become single ones. The
    `description` is for screen readers (an element ``title`` would make browsers show a tip). A group whose
    id is ``series:NAME`` gets the class ``series`` and the attribute ``data-series`` instead, so that a page
    can find it.
    """
    source = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", source, flags=re.DOTALL)
    root = ElementTree.fromstring(re.sub(r">\s+<", "><", source))  # noqa: S314 - Matplotlib wrote it
    referred = set(re.findall(r'(?:href="|url\()#([\w-]+)', source))
    present = dict.fromkeys(element.get("id") for element in root.iter() if element.get("id") in referred)
    names = {old: f"{prefix}-{number}" for number, old in enumerate(present, start=1) if old}
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
        _style(element)
        _name(element, names)
        _shorten(element)
    width = float(root.attrib["width"].removesuffix("pt"))
    root.attrib = {
        "xmlns": SVG,
        **{name: root.attrib[name] for name in ("width", "height", "viewBox")},
        "role": "img",
        "aria-label": plain(description),
        **INHERITED,
        **({"class": "wide"} if width > WIDE else {}),
        "style": f"max-width: {SCALE * width:.0f}px",
    }
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _style(element: ElementTree.Element) -> None:
    """Turn styles into attributes, save those that the element inherits."""
    for part in element.attrib.pop("style", "").split(";"):
        key, _, value = (piece.strip() for piece in part.partition(":"))
        value = value.removesuffix("px")
        repeats = element.tag == "use" and key.startswith("stroke")  # so does the shape it refers to
        if key not in ("", "font-family") and value != INHERITED.get(key) and not repeats:
            element.set(key, value)


def _name(element: ElementTree.Element, names: dict[str, str]) -> None:
    """Rename the element's id and what it refers to."""
    attributes = element.attrib
    identifier, target = attributes.pop("id", ""), attributes.pop(HREF, "")
    if identifier in names:
        attributes["id"] = names[identifier]
    elif identifier.startswith(SERIES):
        attributes |= {"class": "series", "data-series": identifier.removeprefix(SERIES)}
    if target.startswith("#"):
        attributes["href"] = f"#{names[target[1:]]}"
    elif target:
        attributes["href"] = "data:image/png;base64," + _own_pixels(target.partition(",")[2])
    if "clip-path" in attributes:
        attributes["clip-path"] = f"url(#{names[attributes['clip-path'][5:-1]]})"


def _shorten(element: ElementTree.Element) -> None:
    """Round coordinates, and drop the spaces of paths and rotations by nothing."""
    if element.attrib.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for name in {"d", "x", "y", "width", "height"} & element.attrib.keys():
        value = re.sub(r"-?\d+\.\d+", lambda number: f"{round(float(number[0]), 2):g}", element.attrib[name])
        element.set(name, re.sub(r"\s*([A-Za-z])\s*", r"\1", value).strip() if name == "d" else value)


def _own_pixels(png: str) -> str:
    """The same picture, one pixel for a block of equal ones, and a palette where it has few colors."""
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA"))
    pixels = pixels[::ENLARGED, ::ENLARGED]
    colors, index = np.unique(pixels.reshape(-1, 4), axis=0, return_inverse=True)
    written = io.BytesIO()
    if len(colors) <= 256:
        image = Image.fromarray(index.reshape(pixels.shape[:2]).astype(np.uint8), "P")
        image.putpalette(colors[:, :3].tobytes())
        image.save(written, format="png", transparency=colors[:, 3].tobytes())
    else:
        Image.fromarray(pixels).save(written, format="png")
    return base64.b64encode(written.getvalue()).decode()
