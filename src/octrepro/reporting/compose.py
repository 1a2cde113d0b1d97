"""From the outputs of earlier stages to the report's content: the context and prose of both renderings."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from octrepro.plotting.text import plain
from octrepro.reporting import numbers, tables
from octrepro.reporting.accuracy_tables import seeds_of
from octrepro.reporting.content import FOLDER, Report
from octrepro.reporting.inputs import Inputs, packages
from octrepro.reporting.rendering import environment
from octrepro.study.comparisons import COMPARISONS
from octrepro.study.names import report_title, settings
from octrepro.study.runs import TEST_IMAGES

SYNTHETIC_BANNER = "Synthetic data: drawn by a program, not measured on any patient."


def build_report(inputs: Inputs) -> Report:
    """Put the report together."""
    claims = [_claim(entry) for entry in inputs.claims]
    asked = inputs.params.report
    chosen = asked.titles.get(inputs.dataset, asked.title)
    return Report(
        title=plain(report_title(chosen, inputs.results["retinal"], inputs.title)),
        subtitle=f"Classifiers and a Boolean function, rebuilt and tested on {plain(inputs.title)}",
        authors=[plain(author) for author in asked.authors],
        dataset=inputs.dataset,
        banner=SYNTHETIC_BANNER if inputs.summary["synthetic"] else "",
        facts=_facts(inputs),
        markdown=_fill(FOLDER / "prose", _values(inputs)),
        figures=inputs.figures,
        omitted=inputs.omitted,
        tables=tables.build(inputs, claims),
        claims=claims,
    )


def _claim(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of claims.json as a reader sees it.

    `basis` is what its verdict is about, one training run or several seeds; empty for what is exact.
    """
    pages = f" (p. {entry['pages']})" if entry["pages"] else ""
    reference = f"{entry['reference'] or 'It makes no such claim.'}{pages}"
    p_values = {name: entry[name] for name in ("p_value", "p_adjusted") if entry[name] is not None}
    evidence = {**entry["evidence"], **p_values}
    is_exact = entry["kind"] in (None, "exact")
    over_seeds = f"over {entry['seeds']} seeds" if entry["seeds"] > 1 else "this training run"
    return {
        **entry,
        **{name: numbers.typeset(entry[name]) for name in ("statement", "sentence", "definition")},
        "reference": numbers.typeset(reference),
        "effect": numbers.effect(entry["effect"]),
        "evidence": {name.replace("_", " "): numbers.number(value) for name, value in evidence.items()},
        "basis": "" if is_exact else over_seeds,
        "ours": not entry["reference"],
    }


def _facts(inputs: Inputs) -> list[tuple[str, str, str]]:
    """The summary at the top."""
    summary, rows = inputs.summary, inputs.results["rows"]
    samples = summary["samples"]
    part = f"of {numbers.count(samples['test'])}" if summary["test_subset"] else ""
    facts = [
        ("Data set", plain(inputs.title), ""),
        ("Training images", numbers.count(samples["train"]), f"in {len(summary['classes'])} classes"),
        ("Test images", numbers.count(summary["test_used"]), part),
        ("Runs", str(len(rows)), ""),
    ]
    for row in rows:
        if row["run"] == inputs.results["best_run"]:
            test = row["test"]
            facts += [
                ("Best run on validation", numbers.typeset(row["label"]), ""),
                ("Its test accuracy", numbers.rate(test["accuracy"]), f"({numbers.interval(test)})"),
            ]
    return facts


def _values(inputs: Inputs) -> dict[str, Any]:
    """What the prose can name: what results.json has, and more."""
    results, verification = inputs.results, inputs.verification
    rows = {row["run"]: row for row in results["rows"]}
    prose = "\n".join(path.read_text(encoding="utf-8") for path in (FOLDER / "prose").glob("*.md"))
    placed = " ".join(re.findall(r"^```figures? (.*)$", prose, re.M)).split()
    placed += [f"sweep_{sweep['sweep']}" for sweep in results["sweeps"]]
    return {
        **results,
        "data": {**inputs.summary, "title": inputs.title},
        "last_figure": max((each["number"] or 0 for each in inputs.figures.values()), default=0),
        "audit_total": TEST_IMAGES,
        "more_figures": [figure for figure in inputs.figures if figure not in placed],
        "seeds": seeds_of(rows.values()),
        "tests": sum(entry["p_value"] is not None for entry in inputs.claims),
        "rows": rows,
        "audit": {row["run"]: row for row in results["audit"]},
        "run_labels": {
            each.question: {run: each.label(rows[run]["experiment"]) for run in each.runs if run in rows}
            for each in COMPARISONS
        },
        "packages": packages(),
        "boolean": verification,
        "construction": {each["name"]: each for each in verification["constructions"]}.get,
    }


def _fill(folder: Path, values: Mapping[str, Any]) -> str:
    """All parts in `folder`, in the order of their names, filled with `values`.

    Whatever a placeholder inserts is escaped, so that no value can be markup or mathematics, unless it is
    `Markup`: Markdown that this project wrote itself. A name that `values` lacks is an error. ``say`` has the
    macros of sentences.j2.
    """
    jinja = environment(folder, finalize=_inserted)
    jinja.filters |= {
        "count": numbers.count,
        "rate": numbers.rate,
        "interval": numbers.interval,
        "p_value": numbers.p_value,
        "settings": settings,
        "key": Markup,  # a name that the schema keeps to letters, digits and _
    }
    values = {**values, "say": jinja.get_template("sentences.j2").make_module(dict(values))}
    filled = (jinja.get_template(path.name).render(values) for path in sorted(folder.glob("*.md")))
    return numbers.typeset("\n".join(filled))


def escaped(text: str) -> Markup:
    """`text` as Markdown that renders as `text` on one line, dollars of mathematics included."""
    return Markup(re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", plain(text)))  # noqa: S704 - just escaped


def _inserted(value: Any) -> Markup:
    if isinstance(value, Markup):
        return value
    return escaped(f"{value:g}" if isinstance(value, float) else str(value))
