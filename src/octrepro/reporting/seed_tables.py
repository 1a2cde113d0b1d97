"""Tables of what lies beyond one run: its further seeds, and the settings of sweeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from octrepro.reporting import wording
from octrepro.reporting.content import Cell, Column, Table
from octrepro.reporting.escape import Safe
from octrepro.study.names import settings

Row = Mapping[str, Any]

# A page holds no more; the sweep's own table, a CSV file, has them all.
MOST_SETTINGS = 40


def seeds_of(rows: Iterable[Row]) -> int:
    """From how many seeds the runs were trained; 0 without replicates."""
    every = [row["over_seeds"] for row in rows if row["over_seeds"]]
    return max((each["seeds"] + each["diverged"] for each in every), default=0)


def over_seeds(row: Row, split: str = "test", *, counted: bool = False) -> Cell:
    """Mean and standard deviation over seeds; below, the mean's interval and, `counted`, the seeds."""
    found = row["over_seeds"]
    accuracy = found and found[split]
    if not found or accuracy is None:
        return Cell("–", "")
    number = f"; n = {found['seeds']}" if counted else ""
    note = f"{wording.interval(accuracy)}{number}"
    return Cell(f"{wording.rate(accuracy['mean'])} ± {accuracy['sd']:.4f}", accuracy["mean"], note)


def seeds_table(rows: Iterable[Row]) -> Table:
    """Accuracies of every run over its seeds."""
    return Table(
        "seeds",
        "Accuracy over seeds: mean ± standard deviation, and below them the 95 % t interval of the mean with "
        "the number of seeds. Seeds that diverged are counted and left out.",
        (
            Column("Run", "code", wide=True),
            Column("Training", "number"),
            Column("Validation", "number"),
            Column("Test", "number"),
            Column("Diverged", "number"),
        ),
        tuple(
            (
                Cell(row["run"]),
                *(over_seeds(row, split, counted=True) for split in ("train", "val", "test")),
                Cell(wording.count(row["over_seeds"]["diverged"]), row["over_seeds"]["diverged"]),
            )
            for row in rows
            if row["over_seeds"]
        ),
    )


def sweep_table(sweep: Row) -> Table:
    """The settings of a sweep, the best first."""
    ranked = sorted(
        enumerate(sweep["settings"]), key=lambda item: (item[1]["diverged"], -item[1]["val_correct"], item[0])
    )
    shown = ranked[:MOST_SETTINGS]
    some = "" if shown == ranked else f" The best {len(shown)} of {len(ranked)} are shown."
    return Table(
        f"sweep-{sweep['sweep']}",
        f"Settings of the sweep, the best on validation first.{some}",
        (
            Column("Setting", wide=True),
            Column("Validation", "number"),
            Column("Validation loss", "number"),
            Column("Training", "number"),
        ),
        tuple(
            (
                Cell(
                    settings(each["parameters"]),
                    note="selected" if position == sweep["selected"] else "",
                ),
                _validation(each),
                _loss(each["val_loss"]),
                Cell(wording.rate(each["train_accuracy"]), each["train_accuracy"]),
            )
            for position, each in shown
        ),
    )


def _loss(value: float | None) -> Cell:
    return Cell("–", "") if value is None else Cell(wording.number(value), value)


def _validation(setting: Row) -> Cell:
    right = f"{wording.count(setting['val_correct'])} of {wording.count(setting['val_total'])}"
    note = f"diverged in epoch {setting['epochs']}" if setting["diverged"] else right
    return Cell(wording.rate(setting["val_accuracy"]), setting["val_accuracy"], note)


def sweep_told(sweep: Row) -> Safe:
    """What a sweep came to, in sentences of Markdown."""
    count, seed = len(sweep["settings"]), sweep["seed"]
    begun = f"{count} setting{'' if count == 1 else 's'} of `{sweep['base']}`, trained from seed {seed}."
    if sweep["selected"] is None:
        return Safe(f"{begun} All diverged, so there is nothing to select.")
    best, test = sweep["settings"][sweep["selected"]], sweep["test"]
    return Safe(
        f"{begun} By validation accuracy **{settings(best['parameters'])}** is selected, with "
        f"{best['val_correct']:,} of {best['val_total']:,} images ({wording.rate(best['val_accuracy'])}). "
        f"Its test accuracy is **{wording.rate(test['accuracy'])}** ({test['correct']:,} of "
        f"{test['total']:,}; 95 % interval {wording.interval(test)})."
    )
