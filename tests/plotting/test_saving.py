import csv
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from octrepro.plotting import (
    GRID,
    INK,
    PALETTE,
    FigureInfo,
    css_rules,
    figure,
    label_line_ends,
    plain,
    save,
    write_index,
)

HOSTILE = '</svg><script>alert(1)</script> $\\frac{x & "y" <!-- ]]>'


def info(name: str = "example", **words: str) -> FigureInfo:
    texts = {"title": "A title", "caption": "A caption", "alt": "What it shows"} | words
    return FigureInfo(id=name, stage="figures@x", command="dvc repro figures@x", **texts)


def saved(folder: Path, name: str = "example", text: str = "plain", **words: str) -> ElementTree.Element:
    fig, ax = figure()
    (line,) = ax.plot([1, 2], [3, 4])
    line.set_gid(f"series:{text}")
    ax.text(1.5, 3.5, text)
    ax.set_title(text)
    label_line_ends(ax, [(4, text, PALETTE[0])])
    save(fig, folder, info(name, **words), {"x": [1, 2], "y": [3.0, float("nan")]})
    return ElementTree.fromstring((folder / f"{name}.svg").read_text())  # noqa: S314 - our own


def test_hostile_text_is_drawn_as_it_is(tmp_path):
    root = saved(tmp_path, text=HOSTILE, title=HOSTILE, alt=HOSTILE)
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    texts = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert "script" not in names
    assert texts.count(HOSTILE) == 3
    assert root.attrib["aria-label"] == HOSTILE


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\x1b[0m", "a\u2028b", "  a \n b "])
def test_plain_keeps_what_xml_can_hold(text):
    line = plain(text)
    ElementTree.fromstring(f"<t>{line}</t>")  # noqa: S314 - our own
    assert line.startswith("a")
    assert "\n" not in line


def test_plain_shortens_what_is_too_long():
    assert plain("abcdefgh", limit=5) == "abcd…"
    assert plain("abcde", limit=5) == "abcde"


def test_svgs_are_self_contained(tmp_path):
    pages = [saved(tmp_path, name) for name in ("first", "second")]
    ids = [element.attrib["id"] for root in pages for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert all(name.startswith(("first", "second")) for name in ids)
    for name, root in zip(("first", "second"), pages, strict=True):
        text = (tmp_path / f"{name}.svg").read_text()
        assert text.startswith("<svg ")
        assert "<style" not in text
        assert text.count("http") == text.count('xmlns="http://www.w3.org/2000/svg"') == 1
        for element in root.iter():
            reference = element.attrib.get("href", "")
            assert reference == "" or (reference[0] == "#" and reference[1:] in ids)


def test_svg_describes_itself_to_screen_readers(tmp_path):
    root = saved(tmp_path, alt='Falls from 2 & "1" <')
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'Falls from 2 & "1" <'


def test_svg_holds_only_what_draws(tmp_path):
    names = {element.tag.rpartition("}")[2] for element in saved(tmp_path, text=HOSTILE).iter()}
    assert names <= {"svg", "g", "defs", "clipPath", "use", "image", "path", "rect", "text", "tspan"}


def test_colors_follow_the_page(tmp_path):
    root = saved(tmp_path)
    rules = css_rules()
    used = {element.attrib.get(part) for element in root.iter() for part in ("fill", "stroke")}
    assert {INK, GRID, PALETTE[0]} <= used
    for color in used - {None, "none"}:
        assert f'svg [fill="{color}"]' in rules
    assert any(element.attrib.get("data-series") == "plain" for element in root.iter())


def test_pictures_are_embedded_in_their_own_pixels(tmp_path):
    import base64
    import io

    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 4), dtype=np.uint8)
    fig, ax = figure()
    ax.imshow(pixels.repeat(4, axis=0).repeat(4, axis=1), interpolation="none")
    save(fig, tmp_path, info(), {})
    text = (tmp_path / "example.svg").read_text()
    embedded = Image.open(io.BytesIO(base64.b64decode(re.search(r'base64,([^"]+)', text)[1])))
    assert np.array_equal(np.asarray(embedded.convert("RGBA")), pixels)


def test_the_csv_holds_the_data(tmp_path):
    saved(tmp_path)
    rows = list(csv.reader((tmp_path / "example.csv").open()))
    assert rows == [["x", "y"], ["1", "3.0"], ["2", ""]]


def test_the_pdf_transliterates_what_the_font_lacks(tmp_path):
    from pypdf import PdfReader

    root = saved(tmp_path, text="Dr. 李明 שלום")
    assert "Dr. 李明 שלום" in [element.text for element in root.iter()]
    assert "Dr. LiMing slvm" in PdfReader(tmp_path / "example.pdf").pages[0].extract_text()


def descendant(font):
    return font["/DescendantFonts"][0].get_object()["/FontDescriptor"]


def test_the_pdf_names_no_date_and_embeds_its_font(tmp_path):
    from pypdf import PdfReader

    saved(tmp_path)
    reader = PdfReader(tmp_path / "example.pdf")
    assert set(reader.metadata or {}) == {"/Title"}
    fonts = reader.pages[0]["/Resources"]["/Font"].values()
    (font,) = (font.get_object() for font in fonts)
    assert font["/BaseFont"].endswith("+DejaVuSans")
    assert "/FontFile2" in (font["/FontDescriptor"] if "/FontDescriptor" in font else descendant(font))


@pytest.mark.parametrize("name", ["", "../up", "a b", "é"])
def test_an_id_that_is_no_file_name_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="id"):
        save(figure()[0], tmp_path, info(name), {})


def test_columns_of_different_lengths_are_refused(tmp_path):
    with pytest.raises(ValueError, match="same length"):
        save(figure()[0], tmp_path, info(), {"x": [1], "y": []})
    assert not list(tmp_path.iterdir())


def test_the_index_lists_the_entries(tmp_path):
    import json

    write_index(tmp_path, [info().entry()], omitted=[{"id": "other", "reason": "why"}])
    (entry,) = json.loads((tmp_path / "figures.json").read_text())
    assert list(entry) == [
        "id",
        "number",
        "title",
        "caption",
        "alt",
        "stage",
        "data",
        "command",
        "synthetic",
    ]
    assert json.loads((tmp_path / "omitted.json").read_text())[0]["reason"] == "why"
