"""The report's tables, as data; their captions stand in the prose.

A table is a list of columns, each a heading with the function that makes its cell from a row. One without
rows is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from octrepro.reporting import numbers
from octrepro.reporting.boolean_tables import boolean_tables
from octrepro.reporting.content import Cell, Claim, Column, Kind, Table
from octrepro.reporting.inputs import Inputs
from octrepro.results.document import Results
from octrepro.study.names import model_name, settings
from octrepro.study.published import PUBLISHED, SOURCE
from octrepro.study.runs import QUESTION_RUNS

SOURCES = {"phantom": "drawn by this project from a seed", "medmnist": "MedMNIST v2", "file": "a file"}
# A page holds no more; the sweep's own table, a CSV file, has them all.
MOST_SETTINGS = 40

Row = Mapping[str, Any]
Field = tuple[Column, Callable[[Any], Cell]]


def build(inputs: Inputs, claims: Sequence[Claim]) -> dict[str, Table]:
    """All tables by id."""
    results, summary = inputs.results, inputs.summary
    rows = {row["run"]: row for row in results["rows"]}
    batches = [rows[run] for run in QUESTION_RUNS["2.2a"] if run in rows]
    classes, whole = len(summary["classes"]), not summary["test_subset"]
    published = _published(results["rows"], results["best_run"]) if results["reference_comparable"] else ()
    tables = [
        _table("classes", range(len(summary["classes"])), *_classes(summary)),
        _table("results", rows.values(), *_results(seeds_of(rows.values()) > 0)),
        _table("measures", [_baseline(results, classes), *rows.values()], *_measures(classes, whole=whole)),
        _table("areas", rows.values() if 2 < classes <= 6 else (), *_areas(classes)),
        _table("published", published, *_PUBLISHED),
        _table("seeds", [row for row in rows.values() if row["over_seeds"]], *_SEEDS),
        _table("claims", [claim for claim in claims if not claim.ours], *_CLAIMS),
        _table("questions", [claim for claim in claims if claim.ours], *_CLAIMS),
        _table("audit", results["audit"], *_audit(results["reference_comparable"])),
        _table("cost", batches, *_cost(batches)),
        _table("ablation", _ablation(rows), *_ABLATION),
        _table("parameters", inputs.records.items(), *_PARAMETERS),
        _table("provenance", _provenance(inputs), *_pair("What", "Value", "text")),
        _table("fingerprints", inputs.fingerprints, *_pair("Part", "SHA-256")),
        *(_table(f"sweep-{sweep['sweep']}", _ranked(sweep), *_SWEEP) for sweep in results["sweeps"]),
        *boolean_tables(inputs.verification),
    ]
    return {table.id: table for table in tables}


def seeds_of(rows: Iterable[Row]) -> int:
    """From how many seeds the runs were trained; 0 without replicates."""
    every = [row["over_seeds"] for row in rows if row["over_seeds"]]
    return max((each["seeds"] + each["diverged"] for each in every), default=0)


def _table(name: str, rows: Iterable[Any], *fields: Field) -> Table:
    cells = tuple(tuple(cell(row) for _, cell in fields) for row in rows)
    return Table(name, "", tuple(column for column, _ in fields), cells)


def _field(title: str, cell: Callable[[Any], Cell], kind: Kind = "text", *, wide: bool = False) -> Field:
    return Column(title, kind, wide), cell


def _number(title: str, cell: Callable[[Any], Cell]) -> Field:
    return _field(title, cell, "number")


def _count(value: int) -> Cell:
    return Cell(numbers.count(value), value)


def _run(row: Row) -> Cell:
    return Cell(row["run"], note=f"diverged in epoch {row['diverged_epoch']}" if row["diverged"] else "")


def _accuracy(row: Row, split: str, *, interval: bool = False, counted: bool = False) -> Cell:
    share = row[split]
    images = f"{numbers.count(share['correct'])} of {numbers.count(share['total'])}; " if counted else ""
    note = f"{images}{numbers.interval(share)}" if interval else ""
    return Cell(numbers.rate(share["accuracy"]), share["accuracy"], note)


def _over_seeds(row: Row, split: str, *, counted: bool = True) -> Cell:
    """Mean and standard deviation over seeds; below, the mean's interval and, `counted`, the seeds."""
    found = row["over_seeds"]
    accuracy = found and found[split]
    if not accuracy:
        return Cell("–", "")
    note = numbers.interval(accuracy) + (f"; n = {found['seeds']}" if counted else "")
    return Cell(f"{numbers.rate(accuracy['mean'])} ± {accuracy['sd']:.4f}", accuracy["mean"], note)


def _reported(row: Row) -> Cell:
    return Cell(row["reported"] or "–", row["reported"] or "")


def _differing(row: Row) -> Cell:
    return Cell(settings(row["differing"]) or "default")


def _classes(summary: Mapping[str, Any]) -> list[Field]:
    counts = summary["class_counts"]
    splits = {"Training": counts["train"], "Validation": counts["val"], "Test": counts["test"]}
    used = {"Test, used": summary["test_subset"]} if summary["test_subset"] else {}
    return [
        _number("Class", lambda index: Cell(str(index))),
        _field("Name", lambda index: Cell(str(summary["classes"][index])), wide=True),
        *(_number(title, partial(_of_class, found)) for title, found in {**splits, **used}.items()),
    ]


def _of_class(counts: Sequence[int], index: int) -> Cell:
    return _count(counts[index])


def _results(seeds: bool) -> list[Field]:
    # Training accuracies over seeds stand in a table of their own; a page has no room for all.
    training = _number("Training", partial(_accuracy, split="train"))
    return [
        _field("Run", _run, "code"),
        _field("Differs by", _differing, wide=True),
        *([] if seeds else [training]),
        _number("Validation", partial(_accuracy, split="val")),
        _number("Test", partial(_accuracy, split="test", interval=True)),
        *([_number("Test over seeds", partial(_over_seeds, split="test", counted=False))] if seeds else []),
        _number("Updates", lambda row: _count(row["updates"])),
        _number("Multiply adds", lambda r: Cell(f"{r['multiply_adds'] / 1e9:,.2f}", r["multiply_adds"])),
        _number("Source report", _reported),
    ]


def _measures(classes: int, *, whole: bool) -> list[Field]:
    """Accuracy on all test images, unless they are `whole` those used; balanced accuracy, AUC and recalls."""
    # A page has no room for the intervals of more classes, nor for the recalls of many.
    intervals, shown = classes <= 4, range(classes) if classes <= 6 else ()
    full = _number("All images", lambda row: _share(row["full_test"]))

    def recall(row: Row, index: int) -> Cell:
        return _share(row["recall"][index], 2, intervals)

    return [
        _field("Run", _run, "code", wide=True),
        _number("Accuracy", lambda row: _share(row["test"])),
        *([] if whole else [full]),
        _number("Balanced accuracy", lambda row: _measure(row["balanced_accuracy"])),
        _number("Mean AUC", lambda row: _measure(row["auc"])),
        *(_number(f"Recall {index}", partial(recall, index=index)) for index in shown),
    ]


def _areas(classes: int) -> list[Field]:
    """The AUC of each class, with its interval beside it, which keeps a run on one line."""

    def area(row: Row, index: int) -> Cell:
        cell = _measure(row["class_auc"][index], 3)
        return Cell(f"{cell.text} ({cell.note})" if cell.note else cell.text, cell.sort)

    return [
        _field("Run", _run, "code", wide=True),
        *(_number(f"AUC {index}", partial(area, index=index)) for index in range(classes)),
    ]


def _share(share: Any, digits: int = 4, interval: bool = True) -> Cell:
    return _measure(share and {"value": share["accuracy"], **share}, digits, interval)


def _measure(found: Any, digits: int = 4, interval: bool = True) -> Cell:
    """A number between 0 and 1, with its interval below where it has one."""
    if found is None:
        return Cell("–", "")
    note = numbers.interval(found, min(digits, 3)) if interval and found["low"] is not None else ""
    return Cell(f"{found['value']:.{digits}f}", found["value"], note)


def _baseline(results: Results, classes: int) -> dict[str, Any]:
    """The row of always answering the most frequent class, which ranks nothing."""
    found = results["majority"]

    def exact(value: float) -> dict[str, Any]:
        return {"value": value, "accuracy": value, "low": None}

    return {
        "run": f"always class {found['predicted_class']}",
        "diverged": False,
        "test": found,
        "full_test": found["full_test"],
        "balanced_accuracy": exact(found["balanced_accuracy"]),
        "auc": exact(0.5),
        "recall": [exact(float(c == found["predicted_class"])) for c in range(classes)],
    }


def _published(rows: Sequence[Row], best: str | None) -> list[tuple[str, Cell, str]]:
    """Published results on OCTMNIST, and our best run among them, the most accurate first."""
    ours = [
        (row["label"], _share(row["full_test"]), "this build, best run on validation")
        for row in rows
        if row["run"] == best
    ]
    theirs = [
        (
            each.model,
            Cell(
                f"{each.accuracy} ± {each.accuracy_sd}" if each.accuracy_sd else each.accuracy,
                float(each.accuracy),
            ),
            SOURCE,
        )
        for each in PUBLISHED
    ]
    return sorted([*ours, *theirs], key=lambda each: -float(each[1].sort or 0))


_PUBLISHED = (
    _field("Model", lambda each: Cell(each[0]), wide=True),
    _number("Accuracy", lambda each: each[1]),
    _field("Source", lambda each: Cell(each[2])),
)

_SEEDS = (
    _field("Run", lambda row: Cell(row["run"]), "code", wide=True),
    _number("Training", partial(_over_seeds, split="train")),
    _number("Validation", partial(_over_seeds, split="val")),
    _number("Test", partial(_over_seeds, split="test")),
    _number("Diverged", lambda row: _count(row["over_seeds"]["diverged"])),
)

_CLAIMS = (
    _field("Question", lambda claim: Cell(f"[{claim.question}](#claim-{claim.id})", claim.question), "prose"),
    _field("Verdict", lambda claim: Cell(claim.verdict, note=claim.basis), "verdict"),
    _field("Claim", lambda claim: Cell(claim.statement, claim.id), "prose", wide=True),
    _field("Effect", lambda claim: Cell(claim.effect or "–"), wide=True),
)

_PARAMETERS = (
    _field("Run", lambda item: Cell(item[0]), "code"),
    _field("Model", lambda item: Cell(model_name(item[1].experiment["model"]))),
    _field("Parameters", lambda item: Cell(settings(item[1].experiment)), wide=True),
)


def _cost(rows: Sequence[Row]) -> list[Field]:
    least = min((row["updates"] for row in rows), default=0)
    return [
        _field("Run", _run, "code", wide=True),
        _number("Epochs", lambda row: _count(row["epochs"])),
        _number("Updates", lambda row: _count(row["updates"])),
        _number("Ratio", lambda row: Cell(numbers.number(row["updates"] / least) if least else "–")),
        _number("Multiply-adds", lambda row: _count(row["multiply_adds"])),
    ]


def _audit(comparable: bool) -> list[Field]:
    fields = [
        _field("Run", lambda row: Cell(row["run"]), "code", wide=not comparable),
        _number("Printed", lambda row: Cell(row["reported"])),
        _number(
            "Nearest count",
            lambda row: Cell(f"{row['nearest_count']} of {row['reported_total']}", row["nearest_count"]),
        ),
        _number("Its accuracy", lambda row: Cell(row["nearest_accuracy"])),
        _field("Possible", lambda row: Cell("possible" if row["possible"] else "not possible")),
    ]
    if not comparable:
        return fields
    return [
        *fields,
        _number("Ours", _ours),
        _number("Difference", _difference),
        _field("Test", _tested, wide=True),
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
    _field("Variant", lambda pair: _run(pair[0]), "code"),
    _field("Changes", lambda pair: Cell(settings(_changes(pair)) if pair[1] else "–"), wide=True),
    _number("Test", lambda pair: _accuracy(pair[0], "test", interval=True)),
    _field("Compared with", lambda pair: _run(pair[1]) if pair[1] else Cell("–"), "code"),
    _number("Its test", lambda pair: _accuracy(pair[1], "test", interval=True) if pair[1] else Cell("–")),
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
    _field(
        "Setting",
        lambda r: Cell(settings(r["parameters"]), note="selected" if r["chosen"] else ""),
        wide=True,
    ),
    _number("Validation", _sweep_validation),
    _number("Validation loss", _loss),
    _number("Training", lambda r: Cell(numbers.rate(r["train_accuracy"]), r["train_accuracy"])),
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
    value = _field(second, lambda pair: Cell(str(pair[1])), kind, wide=True)
    return _field(first, lambda pair: Cell(pair[0])), value
