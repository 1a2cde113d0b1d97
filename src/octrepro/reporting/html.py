"""The report as one HTML page that needs nothing but itself."""

import base64
import hashlib
import re
from urllib.parse import quote
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markupsafe import Markup

from octrepro.plotting.palette import css
from octrepro.plotting.text import printable
from octrepro.reporting.content import FOLDER, VERDICTS, Report
from octrepro.reporting.rendering import Heading, Renderer, environment

VERDICT_MARKS = {"holds": "✓", "fails": "✕", "inconclusive": "?"}
_MATHML = "http://www.w3.org/1998/Math/MathML"
_FORMULA_END = re.compile(r"(<math [^>]*>(?:(?!</math>).)*</math>)([.,;:!?)”’]+)", re.DOTALL)
ElementTree.register_namespace("", _MATHML)


def page(report: Report) -> str:
    """The whole page.

    Its content security policy lets no request out and no script in but the one whose hash it names.
    """
    # Whatever the templates insert is escaped unless a filter here made it.
    templates = environment(FOLDER / "templates", finalize=_printable)
    templates.globals["marks"] = VERDICT_MARKS
    templates.filters |= {
        "mathml": _formula,
        "quoted": lambda text: quote(text, safe=",.:;/()=+-"),
        "keep_together": _keep_together,
    }
    renderer = Renderer(report, templates.get_template("nodes.html.j2"))
    script = (FOLDER / "templates" / "page.js").read_text(encoding="utf-8")
    return templates.get_template("page.html.j2").render(
        report=report,
        contents=_contents(renderer.headings),
        verdicts=VERDICTS,
        style=(FOLDER / "style.css").read_text(encoding="utf-8") + css(),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        body=renderer.body(),
    )


def _printable(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _keep_together(text: Markup) -> Markup:
    """Punctuation stays beside the formula before it, where browsers would let it onto the next line."""
    return Markup(_FORMULA_END.sub(r'<span class="together">\1\2</span>', str(text)))  # noqa: S704


def _formula(latex: str, *, display: bool) -> Markup:
    """`latex` as MathML, with itself as the alternative text; a command without MathML is a ValueError."""
    markup = convert(latex.strip(), display="block" if display else "inline")
    if "\\" in markup:
        raise ValueError(f"no MathML for {latex!r}")
    root = ElementTree.fromstring(markup)  # noqa: S314 - made from our own prose
    _set_spaces(root)
    root.set("alttext", latex.strip())
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 - made from our own prose


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
        name.tag = f"{{{_MATHML}}}mi"
        is_last = position + 1 == len(parent)
        if _kind(parent) in ("mrow", "math", "mtd") and not is_last and _kind(parent[position + 1]) != "mo":
            space = ElementTree.Element(f"{{{_MATHML}}}mspace", {"width": "0.167em"})
            parent.insert(position + 1, space)


def _opens(element: ElementTree.Element) -> bool:
    """Whether what follows an element is a new term: after a relation, comma or opening bracket."""
    return _kind(element) == "mo" and (element.text or "") not in (")", "]", "}", "|", "!", "⊤", "′")


def _kind(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _contents(headings: list[Heading]) -> list[tuple[Heading, list[Heading]]]:
    """Parts with the sections below them, for the table of contents."""
    contents: list[tuple[Heading, list[Heading]]] = []
    for heading in headings:
        if heading.level == 1:
            contents.append((heading, []))
        elif heading.level == 2 and contents:
            contents[-1][1].append(heading)
    return contents
