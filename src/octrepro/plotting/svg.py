"""Turn Matplotlib's SVG into a small one that can be set into a page among others, and follows its colors."""

import base64
import io
import re
from collections.abc import Collection, Iterator
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


def inlinable(source: str, description: str) -> str:
    """Rewrite what Matplotlib wrote so that it can stand inside an HTML page, in few bytes.

    The prolog, metadata and style sheet (which would style the whole page) go; the rest is told in
    `_attributes`. The `description` is for screen readers (an element ``title`` would make browsers show a
    tip).
    """
    source = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", source, flags=re.DOTALL)
    root = ElementTree.fromstring(re.sub(r">\s+<", "><", source))  # noqa: S314 - Matplotlib wrote it
    referred = set(re.findall(r'(?:href="|url\()#(\w+)', source))
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
        element.attrib = dict(_attributes(element, referred))
    width = float(root.attrib["width"].removesuffix("pt"))
    root.attrib |= {
        "xmlns": SVG,
        "role": "img",
        "aria-label": plain(description),
        **INHERITED,
        **({"class": "wide"} if width > WIDE else {}),
        "style": f"max-width: {SCALE * width:.0f}px",
    }
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _attributes(element: ElementTree.Element, referred: Collection[str]) -> Iterator[tuple[str, str]]:
    """The attributes of an element in few bytes.

    Ids that nothing refers to go, but a group whose id is ``series:NAME`` gets the class ``series`` and the
    attribute ``data-series``, so that a page can find it; styles become attributes, so that `palette.css` can
    exchange their colors; coordinates are rounded to a hundredth of a point, and rotations by nothing go;
    enlarged pixels become single ones.
    """
    for name, value in element.attrib.items():
        match name:
            case "style":
                for part in value.split(";"):
                    key, _, setting = (piece.strip() for piece in part.partition(":"))
                    setting = setting.removesuffix("px")
                    if key not in ("", "font-family") and setting != INHERITED.get(key):
                        yield key, setting
            case "id" if value.startswith(SERIES):
                yield "class", "series"
                yield "data-series", value.removeprefix(SERIES)
            case "d" | "x" | "y" | "width" | "height":
                rounded = re.sub(r"-?\d+\.\d+", lambda each: f"{round(float(each[0]), 2):g}", value)
                yield name, re.sub(r"\s*([MLCQz])\s*", r"\1", rounded)
            case _ if name == HREF:
                yield "href", value if value.startswith("#") else _own_pixels(value)
            case _ if (name != "id" or value in referred) and not value.startswith("rotate(-0 "):
                yield name, value


def _own_pixels(png: str) -> str:
    """The same picture, one pixel for a block of equal ones, and a palette where it has few colors."""
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(png.partition(",")[2]))).convert("RGBA"))
    pixels = pixels[::ENLARGED, ::ENLARGED]
    colors, index = np.unique(pixels.reshape(-1, 4), axis=0, return_inverse=True)
    written = io.BytesIO()
    if len(colors) <= 256:
        image = Image.fromarray(index.reshape(pixels.shape[:2]).astype(np.uint8), "P")
        image.putpalette(colors[:, :3].tobytes())
        image.save(written, format="png", transparency=colors[:, 3].tobytes())
    else:
        Image.fromarray(pixels).save(written, format="png")
    return "data:image/png;base64," + base64.b64encode(written.getvalue()).decode()
