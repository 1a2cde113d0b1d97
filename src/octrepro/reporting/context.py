"""From the outputs of earlier stages to the report's content: one context for both renderings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from octrepro.reporting import wording
from octrepro.reporting.content import VERDICTS, Claim, Fact, Report
from octrepro.reporting.escape import Safe, visible
from octrepro.reporting.inputs import Inputs
from octrepro.reporting.prose import figures_named, fill
from octrepro.reporting.seed_tables import seeds_of, sweep_told
from octrepro.reporting.tables import build
from octrepro.study.names import report_title

SYNTHETIC_BANNER = "Synthetic data: drawn by a program, not measured on any patient."


def build_report(inputs: Inputs, folder: Path = Path("report")) -> Report:
    """Put the report together; `folder` holds the prose."""
    claims = tuple(_claim(entry) for entry in inputs.claims)
    tables = build(inputs, claims)
    values = _values(inputs) | {"has_table": tables.__contains__}
    named = figures_named(folder / "prose")
    named |= {f"sweep_{sweep['sweep']}" for sweep in inputs.results["sweeps"]}
    more = [figure for figure in inputs.figures if figure not in named]
    summary = inputs.summary
    chosen = inputs.params.report.titles.get(inputs.dataset, inputs.params.report.title)
    return Report(
        title=visible(report_title(chosen, inputs.results["retinal"], summary["title"])),
        subtitle=f"Classifiers and a Boolean function, rebuilt and tested on {visible(summary['title'])}",
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
    numbers = {
        **entry["evidence"],
        **{name: entry[name] for name in ("p_value", "p_adjusted") if entry[name] is not None},
    }
    return Claim(
        id=entry["id"],
        question=entry["question"],
        statement=wording.typeset(entry["statement"]),
        verdict=entry["verdict"],
        sentence=wording.typeset(entry["sentence"]),
        reference=wording.typeset(f"{entry['reference'] or 'It makes no such claim.'}{pages}"),
        definition=wording.typeset(entry["definition"]),
        effect=wording.effect(entry["effect"]),
        test=entry["test"] or "",
        evidence=tuple((wording.humanised(name), wording.number(value)) for name, value in numbers.items()),
        basis=_basis(entry),
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
        Fact("Data set", visible(summary["title"])),
        Fact("Training images", wording.count(samples["train"]), f"in {len(summary['classes'])} classes"),
        Fact("Test images", wording.count(summary["test_used"]), f"of {wording.count(samples['test'])}"),
        Fact("Runs", str(len(inputs.records))),
    ]
    best = inputs.results["best_run"]
    if best is not None:
        test = next(row["test"] for row in inputs.results["rows"] if row["run"] == best)
        facts.append(Fact("Best run on validation", best))
        facts.append(Fact("Its test accuracy", wording.rate(test["accuracy"]), f"({wording.interval(test)})"))
    return tuple(facts)


def _values(inputs: Inputs) -> dict[str, Any]:
    """What the prose can name."""
    rows = {row["run"]: row for row in inputs.results["rows"]}
    audit = {row["run"]: row for row in inputs.results["audit"]}
    n_test = inputs.summary["test_used"]
    numbers = [figure.number for figure in inputs.figures.values() if figure.number]
    return {
        "dataset": Safe(
            inputs.dataset
        ),  # the schema lets only letters, digits and _ through; it stands in code
        "data": inputs.summary,
        "comparable": inputs.results["reference_comparable"],
        "n_test": n_test,
        "half_width": Safe(f"{100 * inputs.results['half_width']:.1f}"),
        "majority": inputs.results["majority"],
        "last_figure": max(numbers, default=0),
        "audit_total": next((row["reported_total"] for row in audit.values()), 0),
        "ablation": any(row["variant"] for row in rows.values()),
        "seeds": seeds_of(rows.values()),
        "sweeps": [
            {"name": Safe(sweep["sweep"]), "told": sweep_told(sweep)} for sweep in inputs.results["sweeps"]
        ],
        "diverged": [run for run, row in rows.items() if row["diverged"]],
        "boolean": inputs.verification,
        "construction": {each["name"]: each for each in inputs.verification["constructions"]}.get,
        "setting": lambda run, name: _setting(inputs, run, name),
        "outcome": lambda run: _outcome(rows.get(run), run),
        "reference": lambda run: _reference(audit.get(run)),
        "selection": lambda question: _selection(inputs.results["comparisons"], question),
    }


def _setting(inputs: Inputs, run: str, name: str) -> Any:
    """A parameter of a run as it was trained; a dash where the run or the parameter is not there."""
    record = inputs.records.get(run)
    return "–" if record is None else record.experiment.get(name, "–")


def _outcome(row: Mapping[str, Any] | None, run: str) -> Safe:
    """What a run came to, as a clause."""
    if row is None:
        return Safe(f"there is nothing to report: `{run}` is not among the runs of `params.yaml`")
    test = row["test"]
    told = (
        f"{test['correct']:,} of {test['total']:,} test images are classified right, an accuracy of "
        f"**{wording.rate(test['accuracy'])}** (95 % interval {wording.interval(test)}); on the "
        f"validation set it is {wording.rate(row['val']['accuracy'])}"
    )
    return Safe(
        f"the run has diverged (in epoch {row['diverged_epoch']}); in that state {told}"
        if row["diverged"]
        else told
    )


def _reference(row: Mapping[str, Any] | None) -> Safe:
    """The source report's accuracy beside ours, as a sentence; nothing where it prints none."""
    if row is None:
        return Safe("")
    printed = f"The source report prints {row['reported']}"
    if not row["comparable"]:
        why = (
            "measured on OCTMNIST"
            if row["reason"] == "other data"
            else f"which is not comparable here ({row['reason']})"
        )
        return Safe(f"{printed}, {why}.")
    images = f"{abs(row['difference'])} image{'' if abs(row['difference']) == 1 else 's'}"
    difference = (
        "the same count"
        if row["difference"] == 0
        else f"{images} {'fewer' if row['difference'] > 0 else 'more'}"
    )
    return Safe(f"{printed}, {difference}.")


def _named(run: str, ties: Sequence[str]) -> str:
    """A run and those that equal it, as code."""
    names = [f"`{name}`" for name in (run, *ties)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}, tied,"


def _selection(comparisons: Sequence[Mapping[str, Any]], question: str) -> Safe:
    """Best and worst of a question's runs by validation accuracy, as sentences."""
    found = next((each for each in comparisons if each["question"] == question), None)
    if found is None or found["worst"] is None:
        return Safe("Fewer than two of these runs are in `params.yaml`, so there is nothing to select from.")
    best, worst, right = found["best"], found["worst"], found["val_correct"]
    total = wording.count(found["val_total"])
    sure = "more than chance explains" if found["p_value"] < 0.05 else "within chance"
    test = found["best_test"]
    verb = "are" if found["best_ties"] else "is"
    told = (
        f"By final validation accuracy {_named(best, found['best_ties'])} {verb} best, with {right[best]:,} "
        f"of {total} images, and {_named(worst, found['worst_ties'])} worst, with {right[worst]:,}; the "
        f"difference is {sure} (McNemar, {wording.p_value(found['p_value'])}). On the test images `{best}` "
        f"reaches {wording.rate(test['accuracy'])} ({wording.interval(test)})."
    )
    theirs = [
        f"`{found[key]}` {word}"
        for key, word in (("reported_best", "best"), ("reported_worst", "worst"))
        if found[key] is not None
    ]
    return Safe(f"{told} The source report calls {' and '.join(theirs)}." if theirs else told)
