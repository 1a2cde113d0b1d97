"""The page in a browser: with a pointer, with a keyboard, on a phone, in the dark, without scripts."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pooch
import pytest
from playwright.sync_api import Page, sync_playwright

from octrepro.reporting import html
from octrepro.reporting.compose import build_report
from octrepro.reporting.inputs import Inputs
from tests.pipeline.project import wait_until
from tests.reporting.conftest import make_inputs

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = "https://registry.npmjs.org/axe-core/-/axe-core-4.11.0.tgz"
AXE_SHA256 = "39bed7d72308f6d620789c169d699bfd7e8da80f65b545821a6b2215c3e83107"
Open = Callable[..., Page]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def open_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Opens the page with settings of Playwright's contexts."""
    file: Path = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(html.page(build_report(make_inputs())), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def opened(**settings: Any) -> Page:
            page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **settings})
            page.goto(file.as_uri())
            return page

        yield opened
        browser.close()


@pytest.fixture
def page(open_page: Open) -> Page:
    """The page as it is by default."""
    return open_page()


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's script, kept in the user's cache."""
    try:
        cache, unpack = pooch.os_cache("octrepro-tests"), pooch.Untar(members=["package/axe.min.js"])
        (script,) = pooch.retrieve(AXE, f"sha256:{AXE_SHA256}", path=cache, processor=unpack)
    except OSError:
        pytest.skip("axe-core cannot be fetched here")
    return Path(script).read_text(encoding="utf-8")


def test_loads_without_a_complaint_or_a_request(page: Page) -> None:
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.reload()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(100)
    assert complaints == []
    assert requests == [page.url]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(open_page: Open, axe: str, scheme: str) -> None:
    page = open_page(color_scheme=scheme, bypass_csp=True)
    page.add_script_tag(content=axe)
    passes, violations = page.evaluate(
        "axe.run({ resultTypes: ['violations'] })"
        ".then(found => [found.passes.length, found.violations.map(each => [each.id, each.nodes[0].html])])"
    )
    assert passes > 20
    assert violations == []


def test_nothing_but_wide_figures_scrolls_sideways(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate("document.querySelector('.plot svg').classList.add('wide')")
    for width in (320, 375, 768, 1152, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_dark_scheme_covers_figures_can_be_switched_to_and_is_not_printed(open_page: Open) -> None:
    # Which colors stand out from which page is tests/plotting/test_palette.py's matter.
    places = {"body": "backgroundColor", "main": "color", ".plot text": "fill", ".plot path": "stroke"}
    style = "(e, name) => getComputedStyle(e)[name]"

    def colors(page: Page) -> list[str]:
        return [page.locator(place).first.evaluate(style, name) for place, name in places.items()]

    page = open_page(color_scheme="light")
    light = colors(page)
    page.get_by_role("button", name="Theme: automatic").click()
    page.get_by_role("button", name="Theme: light").click()
    dark = colors(page)
    assert not [color for color, other in zip(light, dark, strict=True) if color == other]
    assert dark == colors(open_page(color_scheme="dark"))

    def is_remembered() -> bool:
        page.reload()
        return colors(page) == dark

    # The browser writes what it stores a moment later, in another process.
    wait_until(is_remembered)
    page.emulate_media(media="print")
    assert colors(page)[1:] == light[1:]
    assert not page.locator("nav").is_visible()


def test_the_keyboard_reaches_everything_in_reading_order(page: Page) -> None:
    active = "document.activeElement"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{active}.className") == "skip"
    assert page.evaluate(f"{active}.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate(f"{active}.id") == "report"
    tops = []
    for _ in range(12):
        page.keyboard.press("Tab")
        tops.append(page.evaluate(f"{active}.getBoundingClientRect().top + scrollY"))
        assert page.evaluate(f"getComputedStyle({active}).outlineStyle") != "none"
    assert tops == sorted(tops)
    assert tops[0] > 0


def test_tables_sort_by_number_and_tell_so(page: Page) -> None:
    table = page.locator("#table-results table")
    updates = "rows => rows.map(r => Number(r.cells[5].textContent.replaceAll(',', '')))"
    for direction in ("ascending", "descending"):
        table.get_by_role("button", name="Updates").click()
        values = table.locator("tbody tr").evaluate_all(updates)
        assert values == sorted(values, reverse=direction == "descending")
        assert table.locator("th[aria-sort]").get_attribute("aria-sort") == direction


def test_the_ledger_filters_by_question_and_verdict(page: Page, inputs: Inputs) -> None:
    claims = [(claim["verdict"], claim["question"]) for claim in inputs.claims if claim["reference"]]
    rows = page.locator("#table-claims tbody tr:visible")
    assert rows.count() == len(claims)
    page.locator(".filter select").nth(1).select_option("fails")
    assert rows.count() == sum(verdict == "fails" for verdict, _ in claims)
    page.locator(".filter select").nth(0).select_option("3.1c")
    assert rows.count() == claims.count(("fails", "3.1c"))
    assert page.locator(".filter output").inner_text() == f"{rows.count()} of {len(claims)} claims"


def test_a_curve_tells_its_value_under_the_pointer(page: Page) -> None:
    path = page.locator("#figure-perceptron_accuracy .series path")
    path.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = path.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"], box["y"])
    assert page.locator(".tip").inner_text() == "val_accuracy, epoch 3: 0.6250"


def test_the_page_is_whole_without_scripts(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    assert page.locator("nav a", has_text="Limitations").is_visible()
    assert not page.locator("#theme").is_visible()
    assert page.locator("#figure-mlp_loss svg").is_visible()
    page.locator("#figure-mlp_loss summary").click()
    with page.expect_download() as waiting:
        page.locator("#figure-mlp_loss a[download]").click()
    assert waiting.value.suggested_filename == "mlp_loss.csv"
    assert Path(waiting.value.path()).read_text().startswith("epoch,val_accuracy\n1,0.25")
