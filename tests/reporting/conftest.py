"""Inputs of a report: the committed results of the build, with stand-ins for what git does not hold."""

import re
from dataclasses import replace
from typing import Any

import pytest

from octrepro.config.loading import load_params
from octrepro.core import paths
from octrepro.core.files import read_json
from octrepro.datasets.registry import describe
from octrepro.figures import catalog
from octrepro.reporting.compose import build_report
from octrepro.reporting.inputs import Inputs

NUMBERS = {**catalog.NUMBERS, "boolean_counterexample": 14}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" role="img" aria-label="A line that rises">'
    '<g class="series" data-series="val_accuracy">'
    '<path d="M 10 90 L 100 43.3333 L 190 20" fill="none" stroke="#0a4a85"/></g>'
    '<text x="10" y="12" fill="#1f2328">accuracy</text></svg>'
)
SIZES = {
    "source": "phantom",
    "synthetic": True,
    "image_shape": [28, 28],
    "features": 784,
    "samples": {"train": 6000, "val": 700, "test": 1000},
    "class_counts": {"train": [2061, 629, 477, 2833], "val": [240, 73, 56, 331], "test": [250] * 4},
    "test_subset": [182, 55, 42, 250],
    "test_used": 529,
    "sha256": "2f909b75" * 8,
}
# Strings that try to become markup, mathematics, commands or requests.
HOSTILE = (
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "</title></style><script>x</script>",
    "$\\input{/etc/passwd}$",
    "\\write18{touch owned}",
    "\\end{document} \\csname x\\endcsname ^^5cinput",
    "100 % of _a_ *b* ~c~ ^d & #e {f} | g ` h",
    "{{ 7 * 7 }} {% raw %} <<report>> <# x #>",
    "[here](javascript:alert(1)) ![x](http://example.org/x.png)",
    "line\n# heading\n```figure mlp_loss\n```\n- item",
    "--- '' ,, `` << >>",
    "abc\u202edcba\u0000 \u2028 \ufeff",
    "眼底 😀 Żółć ŉ ﬁ ½ e\u0301 \u0416",
    "x" * 300,
)


def make_figure(name: str) -> dict[str, Any]:
    """A figure with three values on one curve."""
    folder = "../boolean/figures" if name.startswith("boolean") else "figures"
    return {
        "id": name,
        "number": NUMBERS.get(name),
        "title": f"Test figure {name}",
        "caption": "Made up for a test, η 0.1.",
        "stage": "figures@phantom",
        "data": [f"results/phantom/{name}.npz"],
        "synthetic": True,
        "svg": SVG,
        "csv": "epoch,val_accuracy\n1,0.25\n2,0.5\n3,0.625\n",
        "path": f"{folder}/{name}.pdf",
    }


def make_inputs(*, comparable: bool = False, **summary: Any) -> Inputs:
    """The build's inputs, read anew; with changes of summary.json, and as if the data were OCTMNIST's."""
    params = load_params()
    # The dictionary is shared with no other test.
    params = params.model_copy(update={"datasets": dict(params.datasets)})
    figures = (*NUMBERS, "class_examples", "test_accuracies", "one_more_figure")
    results = read_json(paths.results("phantom"))
    results["reference_comparable"] = comparable
    for row in results["audit"] if comparable else ():
        row.update(comparable=True, reason=None, difference=-3, p_value=0.8, beyond_chance=False)
    described = vars(describe("phantom", params.datasets["phantom"])) | SIZES
    return Inputs(
        dataset="phantom",
        params=params,
        summary=described | {"classes": ["neovascularization", "edema", "drusen", "normal"]} | summary,
        claims=read_json(paths.claims("phantom")),
        results=results,
        verification=read_json(paths.verification),
        figures={name: make_figure(name) for name in figures},
        omitted={},
    )


def hostile_inputs(text: str, classes: list[str]) -> Inputs:
    """Inputs with `text` wherever a user or a data set may put one."""
    inputs = make_inputs(classes=classes, license=text, citation=text, note=text, url=text)
    for construction in inputs.verification["constructions"]:
        construction["title"] = text
    inputs.params.datasets["phantom"] = inputs.params.datasets["phantom"].model_copy(update={"title": text})
    words = inputs.params.report.model_copy(update={"title": text, "authors": [text]})
    return replace(inputs, params=inputs.params.model_copy(update={"report": words}))


def row_of(inputs: Inputs, run: str) -> dict[str, Any]:
    """The run's row of results.json."""
    return next(row for row in inputs.results["rows"] if row["run"] == run)


def prose_of(inputs: Inputs) -> str:
    """The filled prose, without escapes and with plain spaces."""
    return re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", build_report(inputs).markdown).replace("\u00a0", " ")


@pytest.fixture
def inputs() -> Inputs:
    """Inputs that a test may change."""
    return make_inputs()
