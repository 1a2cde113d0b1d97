"""The report's tables, as data; their captions stand in the prose.

A table is a list of columns, each a heading with the function that makes its cell from a row. One without
rows is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from octrepro.reporting import numbers
from octrepro.reporting.accuracy_tables import accuracy_tables
from octrepro.reporting.boolean_tables import boolean_tables
from octrepro.reporting.columns import Field, Row, accuracy, count, field, number, run, table
from octrepro.reporting.content import Cell, Claim, Kind, Table
from octrepro.reporting.inputs import Inputs
from octrepro.study.names import model_name, settings
from octrepro.study.runs import QUESTION_RUNS

SOURCES = {"phantom": "drawn by this project from a seed", "medmnist": "MedMNIST v2", "file": "a file"}
# A page holds no more; the sweep's own table, a CSV file, has them all.
MOST_SETTINGS = 40


def build(inputs: Inputs, claims: Sequence[Claim]) -> dict[str, Table]:
    """All tables by id."""
    results, summary = inputs.results, inputs.summary
    rows = {row["run"]: row for row in results["rows"]}
    batches = [rows[run] for run in QUESTION_RUNS["2.2a"] if run in rows]
    tables = [
        table("classes", range(len(summary["classes"])), *_classes(summary)),
        *accuracy_tables(results, summary),
        table("claims", [claim for claim in claims if not claim.ours], *_CLAIMS),
        table("questions", [claim for claim in claims if claim.ours], *_CLAIMS),
        table("audit", results["audit"], *_audit(results["reference_comparable"])),
        table("cost", batches, *_cost(batches)),
        table("ablation", _ablation(rows), *_ABLATION),
        table("parameters", inputs.records.items(), *_PARAMETERS),
        table("provenance", _provenance(inputs), *_pair("What", "Value", "text")),
        table("fingerprints", inputs.fingerprints, *_pair("Part", "SHA-256")),
        *(table(f"sweep-{sweep['sweep']}", _ranked(sweep), *_SWEEP) for sweep in results["sweeps"]),
        *boolean_tables(inputs.verification),
    ]
    return {table.id: table for table in tables}


def _classes(summary: Mapping[str, Any]) -> list[Field]:
    counts = summary["class_counts"]
    splits = {"Training": counts["train"], "Validation": counts["val"], "Test": counts["test"]}
    used = {"Test, used": summary["test_subset"]} if summary["test_subset"] else {}
    return [
        number("Class", lambda index: Cell(str(index))),
        field("Name", lambda index: Cell(str(summary["classes"][index])), wide=True),
        *(number(title, partial(_of_class, found)) for title, found in {**splits, **used}.items()),
    ]


def _of_class(counts: Sequence[int], index: int) -> Cell:
    return count(counts[index])


_CLAIMS = (
    field("Question", lambda claim: Cell(f"[{claim.question}](#claim-{claim.id})", claim.question), "prose"),
    field("Verdict", lambda claim: Cell(claim.verdict, note=claim.basis), "verdict"),
    field("Claim", lambda claim: Cell(claim.statement, claim.id), "prose", wide=True),
    field("Effect", lambda claim: Cell(claim.effect or "–"), wide=True),
)

_PARAMETERS = (
    field("Run", lambda item: Cell(item[0]), "code"),
    field("Model", lambda item: Cell(model_name(item[1].experiment["model"]))),
    field("Parameters", lambda item: Cell(settings(item[1].experiment)), wide=True),
)


def _cost(rows: Sequence[Row]) -> list[Field]:
    least = min((row["updates"] for row in rows), default=0)
    return [
        field("Run", run, "code", wide=True),
        number("Epochs", lambda row: count(row["epochs"])),
        number("Updates", lambda row: count(row["updates"])),
        number("Ratio", lambda row: Cell(numbers.number(row["updates"] / least) if least else "–")),
        number("Multiply-adds", lambda row: count(row["multiply_adds"])),
    ]


def _audit(comparable: bool) -> list[Field]:
    fields = [
        field("Run", lambda row: Cell(row["run"]), "code", wide=not comparable),
        number("Printed", lambda row: Cell(row["reported"])),
        number(
            "Nearest count",
            lambda row: Cell(f"{row['nearest_count']} of {row['reported_total']}", row["nearest_count"]),
        ),
        number("Its accuracy", lambda row: Cell(row["nearest_accuracy"])),
        field("Possible", lambda row: Cell("possible" if row["possible"] else "not possible")),
    ]
    if not comparable:
        return fields
    return [
        *fields,
        number("Ours", _ours),
        number("Difference", _difference),
        field("Test", _tested, wide=True),
    ]


def _ours(row: Row) -> Cell:
    if row["ours_correct"] is None:
        return Cell("–", "")
    return Cell(f"{row['ours_correct']} of {row['ours_total']}", row["ours_correct"])


def _difference(row: Row) -> Cell:
    return (
        Cell(f"{row['difference']:+d}".replace("-", "−"), row["difference"])
        if row["comparable"]
        else Cell("–", "")
    )


def _tested(row: Row) -> Cell:
    if not row["comparable"]:
        return Cell(f"not comparable: {row['reason']}")
    verdict = "a true difference" if row["beyond_chance"] else "no detectable difference"
    return Cell(f"{verdict} ({numbers.p_value(row['p_value'])})")


def _ablation(rows: Mapping[str, Row]) -> list[tuple[Row, Row | None]]:
    """Each variant with the run of the same model that differs from it in the fewest parameters."""
    own = [row for row in rows.values() if not row["variant"]]
    return [
        (
            row,
            min(
                (r for r in own if r["model"] == row["model"]),
                key=lambda r: len(_changes((row, r))),
                default=None,
            ),
        )
        for row in rows.values()
        if row["variant"]
    ]


def _changes(pair: tuple[Row, Row | None]) -> dict[str, Any]:
    ours, theirs = pair[0]["experiment"], pair[1]["experiment"] if pair[1] else {}
    return {name: value for name, value in ours.items() if theirs.get(name) != value}


_ABLATION = (
    field("Variant", lambda pair: run(pair[0]), "code"),
    field("Changes", lambda pair: Cell(settings(_changes(pair)) if pair[1] else "–"), wide=True),
    number("Test", lambda pair: accuracy(pair[0], "test", interval=True)),
    field("Compared with", lambda pair: run(pair[1]) if pair[1] else Cell("–"), "code"),
    number("Its test", lambda pair: accuracy(pair[1], "test", interval=True) if pair[1] else Cell("–")),
)


def _ranked(sweep: Row) -> list[dict[str, Any]]:
    """The settings of a sweep, the best on validation first."""
    marked = [{**each, "chosen": i == sweep["selected"]} for i, each in enumerate(sweep["settings"])]
    return sorted(marked, key=lambda each: (each["diverged"], -each["val_correct"]))[:MOST_SETTINGS]


def _sweep_validation(each: Row) -> Cell:
    right = f"{numbers.count(each['val_correct'])} of {numbers.count(each['val_total'])}"
    note = f"diverged in epoch {each['epochs']}" if each["diverged"] else right
    return Cell(numbers.rate(each["val_accuracy"]), each["val_accuracy"], note)


def _loss(each: Row) -> Cell:
    return (
        Cell("–", "")
        if each["val_loss"] is None
        else Cell(numbers.number(each["val_loss"]), each["val_loss"])
    )


_SWEEP = (
    field(
        "Setting",
        lambda r: Cell(settings(r["parameters"]), note="selected" if r["chosen"] else ""),
        wide=True,
    ),
    number("Validation", _sweep_validation),
    number("Validation loss", _loss),
    number("Training", lambda r: Cell(numbers.rate(r["train_accuracy"]), r["train_accuracy"])),
)


def _provenance(inputs: Inputs) -> list[tuple[str, str]]:
    summary = inputs.summary
    facts = {
        "Data set": inputs.title,
        "Key in params.yaml": inputs.dataset,
        "Source": SOURCES.get(summary["source"], summary["source"]),
        "Images": f"{' × '.join(map(str, summary['image_shape']))} pixels, 8 bits",
        "SHA-256 of the file": summary["sha256"],
        "Address": summary["url"],
        "License": summary["license"],
        "Citation": summary["citation"],
        "Note": summary["note"],
        "Training seed": str(inputs.params.seed),
        "Further seeds": ", ".join(map(str, inputs.results["further_seeds"])),
        "Numerics": inputs.params.numerics,
    }
    return [(name, value) for name, value in facts.items() if value]


def _pair(first: str, second: str, kind: Kind = "code") -> tuple[Field, Field]:
    value = field(second, lambda pair: Cell(str(pair[1])), kind, wide=True)
    return field(first, lambda pair: Cell(pair[0])), value
