"""The report's tables, as data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from octrepro.reporting import wording
from octrepro.reporting.boolean_tables import boolean_tables
from octrepro.reporting.content import Cell, Claim, Column, Table
from octrepro.reporting.inputs import Inputs
from octrepro.reporting.seed_tables import over_seeds, seeds_of, seeds_table, sweep_table
from octrepro.study.names import model_name, settings
from octrepro.study.runs import QUESTION_RUNS

SOURCES = {"phantom": "drawn by this project from a seed", "medmnist": "MedMNIST v2", "file": "a file"}

INTERVALS = "Below each test accuracy stands its 95 % Wilson interval."

Row = Mapping[str, Any]


def build(inputs: Inputs, claims: Iterable[Claim]) -> dict[str, Table]:
    """All tables by id; those of questions, costs and ablation only where there are runs for them."""
    rows = {row["run"]: row for row in inputs.results["rows"]}
    comparable = inputs.results["reference_comparable"]
    tables = [
        _classes(inputs.summary),
        _results(rows.values(), comparable),
        _claims(claims),
        _audit(inputs.results["audit"], comparable),
        _provenance(inputs),
        _pairs(
            "fingerprints",
            "Fingerprints of what this report was built from.",
            "Part",
            "SHA-256",
            inputs.fingerprints,
        ),
        _pairs(
            "packages",
            "Versions of the packages that computed, drew and wrote it.",
            "Package",
            "Version",
            inputs.packages,
        ),
        _parameters(inputs),
        *boolean_tables(inputs.verification),
    ]
    for question, runs in QUESTION_RUNS.items():
        present = [rows[run] for run in runs if run in rows]
        if present:
            tables.append(_question(question, present, comparable))
    costly = [rows[run] for run in QUESTION_RUNS["2.2a"] if run in rows]
    if costly:
        tables.append(_cost(costly))
    variants = [row for row in rows.values() if row["variant"]]
    if variants:
        tables.append(_ablation(variants, rows, inputs))
    if seeds_of(rows.values()):
        tables.append(seeds_table(rows.values()))
    tables += [sweep_table(sweep) for sweep in inputs.results["sweeps"]]
    return {table.id: table for table in tables}


def _classes(summary: Mapping[str, Any]) -> Table:
    counts = summary["class_counts"]
    subset = summary["test_subset"] or counts["test"]
    return Table(
        "classes",
        "Images of each class. *Test, used* are those that accuracies are counted on.",
        (
            Column("Class", "number"),
            Column("Name", wide=True),
            *(Column(title, "number") for title in ("Training", "Validation", "Test", "Test, used")),
        ),
        tuple(
            (
                Cell(str(index)),
                Cell(str(name)),
                *(_count(counts[split][index]) for split in ("train", "val", "test")),
                _count(subset[index]),
            )
            for index, name in enumerate(summary["classes"])
        ),
    )


def _results(rows: Collection[Row], comparable: bool) -> Table:
    # Training accuracies over seeds stand in a table of their own; a page has no room for all.
    seeds = seeds_of(rows)
    over = " *Over seeds*: mean ± standard deviation, and the 95 % interval of the mean." if seeds else ""
    return Table(
        "results",
        f"Every run of this build. {INTERVALS}{over} Multiply-adds are those of training, in thousand "
        f"millions. {_about_reference(comparable)}",
        (
            Column("Run", "code"),
            Column("Differs by", wide=True),
            *(() if seeds else (Column("Training", "number"),)),
            Column("Validation", "number"),
            Column("Test", "number"),
            *((Column("Test over seeds", "number"),) if seeds else ()),
            Column("Updates", "number"),
            Column("Multiply adds", "number"),
            Column("Source report", "number"),
        ),
        tuple(
            (
                _run(row),
                Cell(settings(row["differing"]) or "–"),
                *(() if seeds else (_accuracy(row["train"], interval=False),)),
                _accuracy(row["val"], interval=False),
                _accuracy(row["test"]),
                *((over_seeds(row),) if seeds else ()),
                _count(row["updates"]),
                Cell(f"{row['multiply_adds'] / 1e9:,.2f}", row["multiply_adds"]),
                Cell(row["reported"] or "–", row["reported"] or ""),
            )
            for row in rows
        ),
    )


def _question(question: str, rows: Sequence[Row], comparable: bool) -> Table:
    return Table(
        f"question-{question}",
        f"The runs of question {question}. Below each test accuracy stand the images classified right and "
        f"the 95 % Wilson interval. {_about_reference(comparable)}",
        (
            Column("Run", "code"),
            Column("Parameters", wide=True),
            Column("Validation", "number"),
            Column("Test accuracy", "number"),
            Column("Source report", "number"),
        ),
        tuple(
            (
                _run(row),
                Cell(settings(row["differing"]) or "as by default"),
                _accuracy(row["val"], interval=False),
                _counted(row["test"]),
                Cell(row["reported"] or "–", row["reported"] or ""),
            )
            for row in rows
        ),
    )


def _cost(rows: Sequence[Row]) -> Table:
    least = min(row["updates"] for row in rows)
    return Table(
        "cost",
        "What training costs, counted exactly. The ratio is to the run with the fewest updates.",
        (
            Column("Run", "code", wide=True),
            Column("Epochs", "number"),
            Column("Updates", "number"),
            Column("Ratio", "number"),
            Column("Multiply-adds", "number"),
        ),
        tuple(
            (
                _run(row),
                _count(row["epochs"]),
                _count(row["updates"]),
                Cell(wording.number(row["updates"] / least) if least else "–"),
                _count(row["multiply_adds"]),
            )
            for row in rows
        ),
    )


def _claims(claims: Iterable[Claim]) -> Table:
    return Table(
        "claims",
        "Every claim of the source report that was tested, with its verdict on this data and the size of "
        "what was found. The question leads to the evidence.",
        (
            Column("Question", "prose"),
            Column("Verdict", "verdict"),
            Column("Claim", "prose", wide=True),
            Column("Effect", wide=True),
        ),
        tuple(
            (
                Cell(f"[{claim.question}](#claim-{claim.id})", claim.question),
                Cell(claim.verdict, note=claim.basis),
                Cell(claim.statement, claim.id),
                Cell(claim.effect or "–"),
            )
            for claim in claims
        ),
    )


def _audit(rows: Iterable[Row], comparable: bool) -> Table:
    ours = (
        (Column("Ours", "number"), Column("Difference", "number"), Column("Chance?", wide=True))
        if comparable
        else ()
    )
    return Table(
        "audit",
        "Each accuracy that the source report prints, the count nearest to it, and whether that count rounds "
        "to it.",
        (
            Column("Run", "code", wide=not comparable),
            Column("Printed", "number"),
            Column("Nearest count", "number"),
            Column("Its accuracy", "number"),
            Column("Possible", wide=False),
            *ours,
        ),
        tuple(
            (
                Cell(row["run"]),
                Cell(row["reported"]),
                Cell(f"{row['nearest_count']} of {row['reported_total']}", row["nearest_count"]),
                Cell(row["nearest_accuracy"]),
                Cell("possible" if row["possible"] else "not possible"),
                *(_audit_ours(row) if comparable else ()),
            )
            for row in rows
        ),
    )


def _audit_ours(row: Row) -> tuple[Cell, Cell, Cell]:
    ours = "–" if row["ours_correct"] is None else f"{row['ours_correct']} of {row['ours_total']}"
    if not row["comparable"]:
        return Cell(ours), Cell("–", ""), Cell(f"not comparable: {row['reason']}")
    verdict = "more than chance" if row["beyond_chance"] else "within chance"
    difference = f"{row['difference']:+d}".replace("-", "−")
    return (
        Cell(ours, row["ours_correct"]),
        Cell(difference, row["difference"]),
        Cell(f"{verdict} ({wording.p_value(row['p_value'])})"),
    )


def _ablation(variants: Iterable[Row], rows: Mapping[str, Row], inputs: Inputs) -> Table:
    pairs = [(row, _nearest(row, rows, inputs)) for row in variants]
    return Table(
        "ablation",
        f"Each variant beside the run it departs from. {INTERVALS}",
        (
            Column("Variant", "code"),
            Column("Changes", wide=True),
            Column("Test", "number"),
            Column("Beside", "code"),
            Column("Its test", "number"),
        ),
        tuple(
            (
                _run(row),
                Cell(settings(_changes(row, base, inputs)) if base else "–"),
                _accuracy(row["test"]),
                _run(base) if base else Cell("–"),
                _accuracy(base["test"]) if base else Cell("–"),
            )
            for row, base in pairs
        ),
    )


def _nearest(row: Row, rows: Mapping[str, Row], inputs: Inputs) -> Row | None:
    """The run of the same model that differs from a variant in the fewest parameters."""
    others = [other for other in rows.values() if not other["variant"] and other["model"] == row["model"]]
    return min(others, key=lambda other: len(_changes(row, other, inputs)), default=None)


def _changes(row: Row, base: Row, inputs: Inputs) -> dict[str, Any]:
    ours, theirs = (inputs.records[each["run"]].experiment for each in (row, base))
    return {name: value for name, value in ours.items() if theirs.get(name) != value}


def _provenance(inputs: Inputs) -> Table:
    summary = inputs.summary
    shape = " × ".join(str(size) for size in summary["image_shape"])
    facts = [
        ("Data set", summary["title"]),
        ("Key in params.yaml", inputs.dataset),
        ("Source", SOURCES.get(summary["source"], summary["source"])),
        ("Images", f"{shape} pixels, 8 bits"),
        ("SHA-256 of the file", summary["sha256"]),
        ("Address", summary["url"]),
        ("Licence", summary["license"]),
        ("Citation", summary["citation"]),
        ("Note", summary["note"]),
        ("Training seed", str(inputs.params.seed)),
        ("Numerics", inputs.params.numerics),
    ]  # fmt: skip
    rows = [(name, value) for name, value in facts if value]
    return _pairs("provenance", "The data set and what all runs share.", "What", "Value", rows, kind="text")


def _parameters(inputs: Inputs) -> Table:
    return Table(
        "parameters",
        "Parameters of every run.",
        (Column("Run", "code"), Column("Model"), Column("Parameters", wide=True)),
        tuple(
            (
                Cell(run),
                Cell(model_name(record.experiment["model"])),
                Cell(settings(record.experiment)),
            )
            for run, record in inputs.records.items()
        ),
    )


def _pairs(
    id: str, caption: str, first: str, second: str, rows: Iterable[tuple[str, str]], kind: Any = "code"
) -> Table:
    return Table(
        id,
        caption,
        (Column(first), Column(second, kind, wide=True)),
        tuple((Cell(name), Cell(str(value))) for name, value in rows),
    )


def _run(row: Row) -> Cell:
    return Cell(row["run"], note=f"diverged in epoch {row['diverged_epoch']}" if row["diverged"] else "")


def _count(value: int) -> Cell:
    return Cell(wording.count(value), value)


def _accuracy(share: Row, *, interval: bool = True) -> Cell:
    note = wording.interval(share) if interval else ""
    return Cell(wording.rate(share["accuracy"]), share["accuracy"], note)


def _counted(share: Row) -> Cell:
    """An accuracy with the images behind it and its interval."""
    images = f"{wording.count(share['correct'])} of {wording.count(share['total'])}"
    return Cell(wording.rate(share["accuracy"]), share["accuracy"], f"{images}; {wording.interval(share)}")


def _about_reference(comparable: bool) -> str:
    if comparable:
        return "*Source report* is the test accuracy printed there."
    return (
        "*Source report* is the test accuracy printed there, measured on OCTMNIST and not comparable with "
        "this build."
    )
