"""From the outputs of earlier stages to the report's content: one context for both renderings."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from octrepro.plotting.text import plain
from octrepro.reporting import numbers, tables
from octrepro.reporting.accuracy_tables import seeds_of
from octrepro.reporting.content import FOLDER, Report
from octrepro.reporting.inputs import Inputs, packages
from octrepro.reporting.prose import figures_named, fill
from octrepro.study.comparisons import COMPARISONS
from octrepro.study.names import report_title

SYNTHETIC_BANNER = "Synthetic data: drawn by a program, not measured on any patient."


def build_report(inputs: Inputs) -> Report:
    """Put the report together."""
    claims = [_claim(entry) for entry in inputs.claims]
    named = figures_named(FOLDER / "prose")
    named |= {f"sweep_{sweep['sweep']}" for sweep in inputs.results["sweeps"]}
    more = [Markup(figure) for figure in inputs.figures if figure not in named]  # noqa: S704 - names of ours
    settings = inputs.params.report
    chosen = settings.titles.get(inputs.dataset, settings.title)
    return Report(
        title=plain(report_title(chosen, inputs.results["retinal"], inputs.title)),
        subtitle=f"Classifiers and a Boolean function, rebuilt and tested on {plain(inputs.title)}",
        authors=[plain(author) for author in settings.authors],
        dataset=inputs.dataset,
        banner=SYNTHETIC_BANNER if inputs.summary["synthetic"] else "",
        facts=_facts(inputs),
        markdown=fill(FOLDER / "prose", {**_values(inputs), "more_figures": more}),
        figures={
            name: {**figure, **{key: numbers.typeset(figure[key]) for key in ("title", "caption")}}
            for name, figure in inputs.figures.items()
        },
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
    audit = {row["run"]: row for row in results["audit"]}

    def setting(run: str, name: str) -> Any:
        """A parameter of a run as it was trained; a dash where the run or the parameter is not there."""
        return rows[run]["experiment"].get(name, "–") if run in rows else "–"

    return {
        **results,
        "dataset": Markup(inputs.dataset),  # noqa: S704 - letters, digits and _, by the schema; it stands in code
        "data": {**inputs.summary, "title": inputs.title},
        "comparable": results["reference_comparable"],
        "n_test": inputs.summary["test_used"],
        "half_width": Markup(f"{100 * results['half_width']:.1f}"),  # noqa: S704 - a number
        "last_figure": max((each["number"] or 0 for each in inputs.figures.values()), default=0),
        "audit_total": next((row["reported_total"] for row in audit.values()), 0),
        "ablation": any(row["variant"] for row in rows.values()),
        "seeds": seeds_of(rows.values()),
        "tests": sum(entry["p_value"] is not None for entry in inputs.claims),
        "rows": rows,
        "audit": audit,
        "comparisons": {
            found["question"]: {
                **found,
                "labels": {run: described.label(rows[run]["experiment"]) for run in found["runs"]},
            }
            for found in results["comparisons"]
            for described in COMPARISONS
            if described.id == found["id"]
        },
        "diverged": [run for run, row in rows.items() if row["diverged"]],
        "packages": packages(),
        "boolean": verification,
        "construction": {each["name"]: each for each in verification["constructions"]}.get,
        "setting": setting,
    }
