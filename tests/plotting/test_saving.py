"""Figures as files: self-contained, safe in a page, in its colors, and with their data beside them."""

import base64
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from octrepro.plotting.palette import GRID, INK, PALETTE, css
from octrepro.plotting.saving import Drawing, save
from octrepro.plotting.style import draw_picture, figure, label_line_ends

HOSTILE = '</svg><script>alert(1)</script> $\\frac{x & "y" <!-- ]]>'


def saved(folder: Path, id: str = "example", text: str = "plain") -> ElementTree.Element:
    """The SVG of a figure with `text` wherever there is text."""
    fig, ax = figure("text", 2.5)
    (line,) = ax.plot([1, 2], [3, 4])
    line.set(gid=f"series:{text}", color=PALETTE[0])
    ax.text(1.5, 3.5, text)
    ax.set_title(text)
    label_line_ends(ax, [(4, text, PALETTE[0])])
    drawing = Drawing(fig, text, text, text, {"x": [1, 2], "y": [3.0, float("nan")]}, [])
    save(drawing, folder, id, stage="figures@x")
    return ElementTree.fromstring((folder / f"{id}.svg").read_text())  # noqa: S314 - our own


def test_hostile_text_is_drawn_as_it_is(tmp_path):
    root = saved(tmp_path, text=HOSTILE)
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names <= {"svg", "g", "defs", "clipPath", "use", "image", "path", "rect", "text", "tspan"}
    assert [element.text for element in root.iter() if element.tag.endswith("}text")].count(HOSTILE) == 3
    assert [e.get("data-series") for e in root.iter() if e.get("class") == "series"] == [HOSTILE]
    assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", HOSTILE)


def test_svgs_are_self_contained_and_colors_follow_the_page(tmp_path):
    pages = {name: saved(tmp_path, name) for name in ("first", "second")}
    ids = [element.attrib["id"] for root in pages.values() for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for name, root in pages.items():
        text = (tmp_path / f"{name}.svg").read_text()
        assert text.startswith("<svg ")
        assert "<style" not in text
        assert text.count("http") == text.count('xmlns="http://www.w3.org/2000/svg"') == 1
        references = re.findall(r'(?:href="|url\()#([^")]+)', text)
        assert set(references) == {element.attrib["id"] for element in root.iter() if element.get("id")}
    used = {e.get(part) for e in root.iter() for part in ("fill", "stroke")} - {None, "none"}
    assert used >= {INK, GRID, PALETTE[0]}
    assert all(f'svg [fill="{color}"]' in css() for color in used)


@pytest.mark.parametrize("colors", [2, 256])
def test_pictures_are_embedded_in_their_own_pixels(tmp_path, colors):
    pixels = np.random.default_rng(0).integers(0, colors, (6, 8, 4), dtype=np.uint8)
    fig, ax = figure("half", 2)
    draw_picture(ax, pixels)
    save(Drawing(fig, "", "", "", {}, []), tmp_path, "example", stage="")
    text = (tmp_path / "example.svg").read_text()
    embedded = Image.open(io.BytesIO(base64.b64decode(re.search(r'base64,([^"]+)', text)[1])))
    assert np.array_equal(np.asarray(embedded.convert("RGBA")), pixels)


def test_the_pdf_transliterates_what_its_embedded_font_lacks_and_names_no_date(tmp_path):
    root = saved(tmp_path, text="Dr. 李明 שלום")
    assert "Dr. 李明 שלום" in [element.text for element in root.iter()]
    reader = PdfReader(tmp_path / "example.pdf")
    assert "Dr. LiMing slvm" in reader.pages[0].extract_text()
    assert set(reader.metadata or {}) == {"/Title"}
    (font,) = (font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values())
    assert font["/BaseFont"].endswith("+DejaVuSans")
    (descendant,) = (each.get_object() for each in font.get("/DescendantFonts", [font]))
    assert "/FontFile2" in descendant["/FontDescriptor"]
    # The data lie beside it: whole numbers stay whole, and NaN is nothing.
    assert (tmp_path / "example.csv").read_text() == "x,y\n1,3.0\n2,\n"
