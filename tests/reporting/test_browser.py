"""The page in a browser: with a pointer, with a keyboard, on a phone, in the dark, without scripts."""

from __future__ import annotations

import functools
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from octrepro.reporting import html
from octrepro.reporting.compose import build_report
from tests.reporting.conftest import make_inputs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = "https://registry.npmjs.org/axe-core/-/axe-core-4.11.0.tgz"
AXE_SHA256 = "39bed7d72308f6d620789c169d699bfd7e8da80f65b545821a6b2215c3e83107"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(html.page(build_report(make_inputs())), encoding="utf-8")
    return file.as_uri()


class Visit:
    """A page with what it asked for and complained of."""

    def __init__(self, browser: Browser, address: str, **settings: Any) -> None:
        settings.setdefault("viewport", {"width": 1280, "height": 900})
        self.context = browser.new_context(**settings)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Any]:
    visits: list[Visit] = []

    def start(**settings: Any) -> Visit:
        visits.append(Visit(browser, address, **settings))
        return visits[-1]

    yield start
    for each in visits:
        each.context.close()


def _luminance(color: tuple[float, float, float]) -> float:
    def linear(part: float) -> float:
        part /= 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first: str, second: str) -> float:
    def parts(text: str) -> tuple[float, float, float]:
        red, green, blue = text.partition("(")[2].rstrip(")").split(",")[:3]
        return float(red), float(green), float(blue)

    bright, dim = sorted((_luminance(parts(first)), _luminance(parts(second))), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_loads_without_a_complaint_or_a_request(visit: Any, address: str) -> None:
    seen = visit()
    seen.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    seen.page.wait_for_timeout(100)
    assert seen.complaints == []
    assert seen.requests == [address]


def test_figures_and_mathematics_are_laid_out(visit: Any) -> None:
    page = visit().page
    figures = page.locator("figure.figure svg")
    assert figures.count() == len(make_inputs().figures)
    sizes = figures.evaluate_all(
        "all => all.map(e => [e.getBoundingClientRect().width, e.getBoundingClientRect().height])"
    )
    assert all(width > 150 and height > 60 for width, height in sizes)
    formulas = page.locator("math")
    boxes = formulas.evaluate_all(
        "all => all.map(e => [e.getBoundingClientRect().width, e.getBoundingClientRect().height])"
    )
    assert len(boxes) > 30
    assert all(width > 2 and height > 5 for width, height in boxes)
    # A superscript stands above its base, which only laid-out MathML has.
    raised = page.evaluate(
        "(() => { const s = document.querySelector('math msup'); const [a, b] = s.children;"
        " return a.getBoundingClientRect().bottom - b.getBoundingClientRect().bottom; })()"
    )
    assert raised > 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_color_schemes_can_be_read(visit: Any, scheme: str) -> None:
    page = visit(color_scheme=scheme).page
    style = "(selector, name) => getComputedStyle(document.querySelector(selector))[name]"
    read = functools.partial(_style, page, style)
    background = read("body", "backgroundColor")
    is_dark = _contrast(background, "rgb(0, 0, 0)") < 3
    assert is_dark is (scheme == "dark")
    for selector in (
        "body",
        "main a",
        "figcaption",
        "nav a",
        ".kicker",
        "details.source summary",
        ".claim .said",
    ):
        assert _contrast(read(selector, "color"), background) >= 4.5, selector
    for verdict in ("holds", "fails", "inconclusive"):
        badge = f".claim .badge.{verdict}"
        assert _contrast(read(badge, "color"), read(badge, "backgroundColor")) >= 4.5, verdict
    assert _contrast(read(".bar", "color"), read(".bar", "backgroundColor")) >= 4.5
    assert _contrast(read("figure.figure svg text", "fill"), background) >= 4.5
    assert _contrast(read("figure.figure svg path", "stroke"), background) >= 3


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's script, kept in the user's cache."""
    import pooch

    try:
        archive = pooch.retrieve(AXE, f"sha256:{AXE_SHA256}", path=pooch.os_cache("octrepro-tests"))
    except OSError:
        pytest.skip("axe-core cannot be fetched here")
    with tarfile.open(archive) as opened:
        script = opened.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(visit: Any, axe: str, scheme: str) -> None:
    page = visit(color_scheme=scheme, bypass_csp=True).page
    page.add_script_tag(content=axe)
    found = page.evaluate("axe.run()")
    assert len(found["passes"]) > 20
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []


def test_wide_figures_scroll_on_a_phone_and_say_so(visit: Any) -> None:
    page = visit(viewport={"width": 390, "height": 800}).page
    page.evaluate("document.querySelector('.plot svg').classList.add('wide')")
    hint = "getComputedStyle(document.querySelector('.plot'), '::after').content"
    assert "Scroll sideways" in page.evaluate(hint)
    width = "document.querySelector('.plot svg').getBoundingClientRect().width"
    assert page.evaluate(width) > 390
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate(hint) == "none"


def _style(page: Page, script: str, selector: str, name: str) -> str:
    found: str = page.evaluate(f"([s, n]) => ({script})(s, n)", [selector, name])
    return found


def test_the_theme_can_be_switched_and_is_remembered(visit: Any) -> None:
    page = visit(color_scheme="light").page
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    button = page.get_by_role("button", name="Theme: automatic")
    button.click()
    button = page.locator("#theme")
    button.click()
    assert button.inner_text() == "Theme: dark"
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != before
    # The browser writes what it stores a moment later, in another process.
    page.wait_for_timeout(500)
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


@pytest.mark.parametrize("width", [320, 375, 768, 1152, 1280, 1920])
def test_nothing_scrolls_sideways(visit: Any, width: int) -> None:
    page = visit(viewport={"width": width, "height": 800}).page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_contents_follow_or_fold(visit: Any) -> None:
    page = visit().page
    page.locator("#question-2-2b").evaluate("e => e.scrollIntoView({ behavior: 'instant' })")
    # Unlike `wait_for_function`, which evaluates a text, this is allowed by the page's own policy.
    page.locator("nav a[aria-current][href='#question-2-2b']").wait_for(state="attached")
    assert page.locator("nav a[aria-current]").count() == 1
    narrow = visit(viewport={"width": 375, "height": 800}).page
    assert not narrow.locator("nav ol").first.is_visible()
    narrow.locator("nav summary").click()
    narrow.get_by_role("link", name="The data", exact=True).click()
    assert narrow.evaluate("location.hash") == "#the-data"
    assert not narrow.locator("nav ol").first.is_visible()


def test_the_keyboard_reaches_everything_in_reading_order(visit: Any) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"
    tops = []
    for _ in range(12):
        page.keyboard.press("Tab")
        tops.append(page.evaluate("document.activeElement.getBoundingClientRect().top + scrollY"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
    assert tops == sorted(tops)
    assert tops[0] > 0


def test_tables_sort_by_number_and_tell_so(visit: Any) -> None:
    page = visit().page
    table = page.locator("#table-results table")
    head = table.get_by_role("button", name="Updates")
    updates = "rows => rows.map(r => Number(r.cells[5].textContent.replaceAll(',', '')))"
    for direction in ("ascending", "descending"):
        head.click()
        values = table.locator("tbody tr").evaluate_all(updates)
        assert values == sorted(values, reverse=direction == "descending")
        assert table.locator("th[aria-sort]").get_attribute("aria-sort") == direction


def test_ledger_filters_by_question_and_verdict(visit: Any) -> None:
    page = visit().page
    rows = page.locator("#table-claims tbody tr:visible")
    every = rows.count()
    page.locator(".filter select").nth(1).select_option("fails")
    assert 0 < rows.count() < every
    assert set(rows.locator(".badge").evaluate_all("all => all.map(e => e.classList[1])")) == {"fails"}
    page.locator(".filter select").nth(0).select_option("1.1b")
    assert page.locator(".filter output").inner_text() == f"{rows.count()} of {every} claims"
    assert rows.count() == 1


def test_a_curve_tells_its_value_under_the_pointer(visit: Any) -> None:
    page = visit().page
    path = page.locator("#figure-perceptron_accuracy .series path")
    path.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = path.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"], box["y"])
    assert page.locator(".tip").inner_text() == "val_accuracy, epoch 3: 0.6250"
    page.mouse.move(5, 200)
    assert not page.locator(".tip").is_visible()


def test_the_page_is_whole_without_scripts(visit: Any) -> None:
    page = visit(java_script_enabled=False).page
    assert page.locator("nav a", has_text="Limitations").is_visible()
    assert not page.locator("#theme").is_visible()
    assert page.locator("#figure-mlp_loss svg").is_visible()
    page.locator("#figure-mlp_loss summary").click()
    assert page.locator("#figure-mlp_loss dd").first.is_visible()


def test_the_csv_behind_a_figure_can_be_saved(visit: Any, tmp_path: Path) -> None:
    page = visit().page
    page.locator("#figure-mlp_loss summary").click()
    with page.expect_download() as waiting:
        page.locator("#figure-mlp_loss a[download]").click()
    assert waiting.value.suggested_filename == "mlp_loss.csv"
    assert Path(waiting.value.path()).read_text().startswith("epoch,val_accuracy\n1,0.25")


def test_print_has_no_controls_and_dark_ink(visit: Any) -> None:
    page = visit(color_scheme="dark").page
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator("#theme").is_visible()
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert _contrast(ink, "rgb(255, 255, 255)") >= 7
