"""From the outputs of earlier stages to the report's content: one context for both renderings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from octrepro.reporting import numbers
from octrepro.reporting.accuracy_tables import seeds_of
from octrepro.reporting.content import VERDICTS, Claim, Fact, Report
from octrepro.reporting.escape import Safe, visible
from octrepro.reporting.inputs import Inputs
from octrepro.reporting.prose import figures_named, fill
from octrepro.reporting.tables import build
from octrepro.study.comparisons import COMPARISONS
from octrepro.study.names import report_title, run_label

SYNTHETIC_BANNER = "Synthetic data: drawn by a program, not measured on any patient."


def build_report(inputs: Inputs, folder: Path = Path("report")) -> Report:
    """Put the report together; `folder` holds the prose."""
    claims = tuple(_claim(entry) for entry in inputs.claims)
    tables = build(inputs, claims)
    values = _values(inputs)
    named = figures_named(folder / "prose")
    named |= {f"sweep_{sweep['sweep']}" for sweep in inputs.results["sweeps"]}
    more = [figure for figure in inputs.figures if figure not in named]
    summary = inputs.summary
    chosen = inputs.params.report.titles.get(inputs.dataset, inputs.params.report.title)
    return Report(
        title=visible(report_title(chosen, inputs.results["retinal"], inputs.title)),
        subtitle=f"Classifiers and a Boolean function, rebuilt and tested on {visible(inputs.title)}",
        authors=tuple(visible(author) for author in inputs.params.report.authors),
        dataset=inputs.dataset,
        banner=SYNTHETIC_BANNER if summary["synthetic"] else "",
        markdown=fill(folder / "prose", {**values, "more_figures": [Safe(figure) for figure in more]}),
        facts=_facts(inputs),
        tally={verdict: sum(claim.verdict == verdict for claim in claims) for verdict in VERDICTS},
        figures=inputs.figures,
        omitted=inputs.omitted,
        tables=tables,
        claims=claims,
    )


def _claim(entry: Mapping[str, Any]) -> Claim:
    pages = f" (p. {entry['pages']})" if entry["pages"] else ""
    found = {
        **entry["evidence"],
        **{name: entry[name] for name in ("p_value", "p_adjusted") if entry[name] is not None},
    }
    return Claim(
        id=entry["id"],
        question=entry["question"],
        statement=numbers.typeset(entry["statement"]),
        verdict=entry["verdict"],
        sentence=numbers.typeset(entry["sentence"]),
        reference=numbers.typeset(f"{entry['reference'] or 'It makes no such claim.'}{pages}"),
        definition=numbers.typeset(entry["definition"]),
        effect=numbers.effect(entry["effect"]),
        test=entry["test"] or "",
        evidence=tuple((numbers.humanized(name), numbers.number(value)) for name, value in found.items()),
        basis=_basis(entry),
        ours=not entry["reference"],
    )


def _basis(entry: Mapping[str, Any]) -> str:
    """What a verdict is about."""
    if entry["kind"] is None or entry["kind"] == "exact":
        return ""
    return f"over {entry['seeds']} seeds" if entry["seeds"] > 1 else "this training run"


def _facts(inputs: Inputs) -> tuple[Fact, ...]:
    """The summary at the top."""
    summary = inputs.summary
    samples = summary["samples"]
    facts = [
        Fact("Data set", visible(inputs.title)),
        Fact("Training images", numbers.count(samples["train"]), f"in {len(summary['classes'])} classes"),
        Fact("Test images", numbers.count(summary["test_used"]), _part(summary)),
        Fact("Runs", str(len(inputs.records))),
    ]
    best = inputs.results["best_run"]
    if best is not None:
        row = next(row for row in inputs.results["rows"] if row["run"] == best)
        test = row["test"]
        facts.append(Fact("Best run on validation", numbers.typeset(run_label(row["experiment"]))))
        facts.append(Fact("Its test accuracy", numbers.rate(test["accuracy"]), f"({numbers.interval(test)})"))
    return tuple(facts)


def _part(summary: Mapping[str, Any]) -> str:
    """Of how many test images a subset is used."""
    return f"of {numbers.count(summary['samples']['test'])}" if summary["test_subset"] else ""


def _values(inputs: Inputs) -> dict[str, Any]:
    """What the prose can name."""
    rows = {row["run"]: row for row in inputs.results["rows"]}
    audit = {row["run"]: row for row in inputs.results["audit"]}
    n_test = inputs.summary["test_used"]
    return {
        "dataset": Safe(inputs.dataset),  # letters, digits and _, by the schema; it stands in code
        "data": {**inputs.summary, "title": inputs.title},
        "retinal": inputs.results["retinal"],
        "comparable": inputs.results["reference_comparable"],
        "n_test": n_test,
        "half_width": Safe(f"{100 * inputs.results['half_width']:.1f}"),
        "majority": inputs.results["majority"],
        "last_figure": max((each.number or 0 for each in inputs.figures.values()), default=0),
        "audit_total": next((row["reported_total"] for row in audit.values()), 0),
        "ablation": any(row["variant"] for row in rows.values()),
        "seeds": seeds_of(rows.values()),
        "tests": sum(entry["p_value"] is not None for entry in inputs.claims),
        "rows": rows,
        "audit": audit,
        "comparisons": {each["question"]: each for each in inputs.results["comparisons"]},
        "sweeps": inputs.results["sweeps"],
        "diverged": [run for run, row in rows.items() if row["diverged"]],
        "packages": inputs.packages,
        "boolean": inputs.verification,
        "construction": {each["name"]: each for each in inputs.verification["constructions"]}.get,
        "varied": lambda question, run: _varied(rows, question, run),
        "setting": lambda run, name: _setting(inputs, run, name),
    }


def _varied(rows: Mapping[str, Mapping[str, Any]], question: str, run: str) -> str:
    """What tells a run from the others of its question, in words; its key where it is not there."""
    comparison = next(each for each in COMPARISONS if each.question == question)
    return comparison.label(rows[run]["experiment"]) if run in rows else run


def _setting(inputs: Inputs, run: str, name: str) -> Any:
    """A parameter of a run as it was trained; a dash where the run or the parameter is not there."""
    record = inputs.records.get(run)
    return "–" if record is None else record.experiment.get(name, "–")
