"""The tables of accuracies: every run, its other measures, over seeds, and beside published results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from octrepro.reporting import numbers
from octrepro.reporting.columns import Field, Row, accuracy, count, field, measure, number, run, share, table
from octrepro.reporting.content import Cell, Table
from octrepro.study.names import settings
from octrepro.study.published import PUBLISHED, SOURCE


def accuracy_tables(results: Mapping[str, Any], summary: Mapping[str, Any]) -> list[Table]:
    """The tables of a data set whose `summary` the prepare stage wrote."""
    rows, classes = results["rows"], len(summary["classes"])
    published = _published(rows, results["best_run"]) if results["reference_comparable"] else ()
    return [
        table("results", rows, *_results(seeds_of(rows) > 0)),
        table(
            "measures",
            [_baseline(results, classes), *rows],
            *_measures(classes, whole=not summary["test_subset"]),
        ),
        table("areas", rows if 2 < classes <= 6 else (), *_areas(classes)),
        table("published", published, *_PUBLISHED),
        table("seeds", [row for row in rows if row["over_seeds"]], *_SEEDS),
    ]


def seeds_of(rows: Iterable[Row]) -> int:
    """From how many seeds the runs were trained; 0 without replicates."""
    every = [row["over_seeds"] for row in rows if row["over_seeds"]]
    return max((each["seeds"] + each["diverged"] for each in every), default=0)


def _results(seeds: bool) -> list[Field]:
    # Training accuracies over seeds stand in a table of their own; a page has no room for all.
    training = number("Training", partial(accuracy, split="train"))
    return [
        field("Run", run, "code"),
        field("Differs by", _differing, wide=True),
        *([] if seeds else [training]),
        number("Validation", partial(accuracy, split="val")),
        number("Test", partial(accuracy, split="test", interval=True)),
        *([number("Test over seeds", partial(_over_seeds, split="test", counted=False))] if seeds else []),
        number("Updates", lambda row: count(row["updates"])),
        number("Multiply adds", lambda r: Cell(f"{r['multiply_adds'] / 1e9:,.2f}", r["multiply_adds"])),
        number("Source report", _reported),
    ]


def _measures(classes: int, *, whole: bool) -> list[Field]:
    """Accuracy on all test images, unless they are `whole` those used; balanced accuracy, AUC and recalls."""
    # A page has no room for the intervals of more classes, nor for the recalls of many.
    intervals, shown = classes <= 4, range(classes) if classes <= 6 else ()
    full = number("All images", lambda row: share(row["full_test"]))

    def recall(row: Row, index: int) -> Cell:
        return share(row["recall"][index], 2, intervals)

    return [
        field("Run", run, "code", wide=True),
        number("Accuracy", lambda row: share(row["test"])),
        *([] if whole else [full]),
        number("Balanced accuracy", lambda row: measure(row["balanced_accuracy"])),
        number("Mean AUC", lambda row: measure(row["auc"])),
        *(number(f"Recall {index}", partial(recall, index=index)) for index in shown),
    ]


def _areas(classes: int) -> list[Field]:
    """The AUC of each class, with its interval beside it, which keeps a run on one line."""

    def area(row: Row, index: int) -> Cell:
        cell = measure(row["class_auc"][index], 3)
        return Cell(f"{cell.text} ({cell.note})" if cell.note else cell.text, cell.sort)

    return [
        field("Run", run, "code", wide=True),
        *(number(f"AUC {index}", partial(area, index=index)) for index in range(classes)),
    ]


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


def _baseline(results: Mapping[str, Any], classes: int) -> dict[str, Any]:
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
        (row["label"], share(row["full_test"]), "this build, best run on validation")
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
    field("Model", lambda each: Cell(each[0]), wide=True),
    number("Accuracy", lambda each: each[1]),
    field("Source", lambda each: Cell(each[2])),
)

_SEEDS = (
    field("Run", lambda row: Cell(row["run"]), "code", wide=True),
    number("Training", partial(_over_seeds, split="train")),
    number("Validation", partial(_over_seeds, split="val")),
    number("Test", partial(_over_seeds, split="test")),
    number("Diverged", lambda row: count(row["over_seeds"]["diverged"])),
)
