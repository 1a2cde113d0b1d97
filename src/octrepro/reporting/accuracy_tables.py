"""The tables of accuracies: every run, its other measures, over seeds, and beside published results."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from octrepro.reporting import numbers
from octrepro.reporting.content import NOTHING, Cell, Row, count, number, run, share, shown
from octrepro.study.comparisons import PUBLISHED, SOURCE
from octrepro.study.names import settings

Found = Mapping[str, Any]


def accuracy_tables(results: Found, summary: Found) -> dict[str, list[Row]]:
    """The tables of a data set whose `summary` the prepare stage wrote."""
    rows, classes = results["rows"], len(summary["classes"])
    return {
        "results": [shown(_results(row, over_seeds=seeds_of(rows) > 0)) for row in rows],
        "measures": [
            shown(_measures(row, classes, in_part=bool(summary["test_subset"])))
            for row in [_baseline(results, classes), *rows]
        ],
        "areas": [_areas(row, classes) for row in rows] if 2 < classes <= 6 else [],
        "published": _published(rows, results["best_run"]) if results["reference_comparable"] else [],
        "seeds": [_seeds(row) for row in rows if row["over_seeds"]],
    }


def seeds_of(rows: Iterable[Found]) -> int:
    """From how many seeds the runs were trained; 0 without replicates."""
    every = [row["over_seeds"] for row in rows if row["over_seeds"]]
    return max((each["seeds"] + each["diverged"] for each in every), default=0)


def _results(row: Found, *, over_seeds: bool) -> dict[str, Cell | None]:
    return {
        "Run": run(row),
        "Differs by": Cell(settings(row["differing"]) or "default", wide=True),
        # Training accuracies over seeds stand in a table of their own; a page has no room for all.
        "Training": None if over_seeds else share(row["train"], interval=False),
        "Validation": share(row["val"], interval=False),
        "Test": share(row["test"]),
        "Test over seeds": _over_seeds(row, "test", counted=False) if over_seeds else None,
        "Updates": count(row["updates"]),
        "Multiply adds": number(f"{row['multiply_adds'] / 1e9:,.2f}", row["multiply_adds"]),
        "Source report": Cell(row["reported"], "number", row["reported"]) if row["reported"] else NOTHING,
    }


def _measures(row: Found, classes: int, *, in_part: bool) -> dict[str, Cell | None]:
    """Accuracy, on all test images too where only a part is used; balanced accuracy, AUC and recalls."""
    # A page has no room for the intervals of more classes, nor for the recalls of many.
    with_recall = range(classes) if classes <= 6 else ()
    return {
        "Run": run(row, wide=True),
        "Accuracy": share(row["test"]),
        "All images": share(row["full_test"]) if in_part else None,
        "Balanced accuracy": share(row["balanced_accuracy"]),
        "Mean AUC": share(row["auc"]),
        **{f"Recall {index}": share(row["recall"][index], 2, interval=classes <= 4) for index in with_recall},
    }


def _baseline(results: Found, classes: int) -> dict[str, Any]:
    """The row of always answering the most frequent class, which ranks nothing."""
    found = results["majority"]
    return {
        **found,
        "run": f"always class {found['predicted_class']}",
        "diverged": False,
        "test": found,
        "auc": 0.5,
        "recall": [float(index == found["predicted_class"]) for index in range(classes)],
    }


def _areas(row: Found, classes: int) -> Row:
    """The AUC of each class, with its interval beside it, which keeps a run on one line."""
    cells = {"Run": run(row, wide=True)}
    for index in range(classes):
        area = share(row["class_auc"][index], 3)
        text = f"{area.text} ({area.note})" if area.note else area.text
        cells[f"AUC {index}"] = number(text, area.sort)
    return cells


def _published(rows: Sequence[Found], best: str | None) -> list[Row]:
    """Published results on OCTMNIST, and our best run among them, the most accurate first."""
    ours = [
        (row["label"], share(row["full_test"]), "this build, best run on validation")
        for row in rows
        if row["run"] == best
    ]
    theirs = []
    for each in PUBLISHED:
        text = f"{each.accuracy} ± {each.accuracy_sd}" if each.accuracy_sd else each.accuracy
        theirs.append((each.model, number(text, float(each.accuracy)), SOURCE))
    return [
        {"Model": Cell(model, wide=True), "Accuracy": accuracy, "Source": Cell(source)}
        for model, accuracy, source in sorted([*ours, *theirs], key=lambda each: -float(each[1].sort or 0))
    ]


def _seeds(row: Found) -> Row:
    return {
        "Run": Cell(row["run"], "code", wide=True),
        "Training": _over_seeds(row, "train"),
        "Validation": _over_seeds(row, "val"),
        "Test": _over_seeds(row, "test"),
        "Diverged": count(row["over_seeds"]["diverged"]),
    }


def _over_seeds(row: Found, split: str, *, counted: bool = True) -> Cell:
    """Mean and standard deviation over seeds; below, the mean's interval and, `counted`, the seeds."""
    found = row["over_seeds"]
    accuracy = found and found[split]
    if not accuracy:
        return NOTHING
    note = numbers.interval(accuracy) + (f"; n = {found['seeds']}" if counted else "")
    return number(f"{numbers.rate(accuracy['mean'])} ± {accuracy['sd']:.4f}", accuracy["mean"], note)
