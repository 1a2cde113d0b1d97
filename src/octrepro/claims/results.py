"""The results table and the best and worst of each comparison, as plain rows for the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from octrepro.claims.audit import audit
from octrepro.claims.claim import stable
from octrepro.claims.comparisons import compare
from octrepro.claims.reference import REPORTED, differing
from octrepro.claims.statistics.means import mean_over_seeds
from octrepro.claims.statistics.proportions import wilson
from octrepro.config import Medmnist, Params
from octrepro.core.records import RunRecord


@dataclass(frozen=True)
class Comparison:
    """Runs that differ in one parameter. `reported` is the source report's choice, best and worst."""

    id: str
    question: str
    parameter: str
    runs: tuple[str, ...]
    reported: tuple[str | None, str | None]


COMPARISONS = (
    Comparison(
        "torch_logistic_learning_rate",
        "2.1",
        "learning_rate",
        ("torch_logistic_lr0_001", "torch_logistic_lr0_01", "torch_logistic_lr0_1"),
        ("torch_logistic_lr0_01", None),
    ),
    Comparison(
        "batch_size",
        "2.2a",
        "batch_size",
        ("feedforward", "feedforward_batch1024"),
        ("feedforward", "feedforward_batch1024"),
    ),
    Comparison(
        "learning_rate",
        "2.2b",
        "learning_rate",
        ("feedforward_lr1", "feedforward", "feedforward_lr0_01", "feedforward_lr0_001"),
        ("feedforward", "feedforward_lr1"),
    ),
    Comparison(
        "regularisation",
        "2.2c",
        "regularisation",
        ("feedforward_long", "feedforward_long_l2", "feedforward_long_dropout"),
        ("feedforward_long", "feedforward_long_dropout"),
    ),
)


def results(
    records: Mapping[str, RunRecord],
    params: Params,
    dataset: str,
    sweeps: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The content of results.json: `rows`, `comparisons` and `audit`, and `sweeps` where there are any."""
    is_reference = _is_reference(params, dataset)
    return {
        "dataset": dataset,
        "reference_comparable": is_reference,
        "rows": results_table(records, params),
        "comparisons": comparisons(records),
        "audit": audit(records, is_reference),
        **({"sweeps": [_sweep(sweep) for sweep in sweeps]} if sweeps else {}),
    }


def _is_reference(params: Params, dataset: str) -> bool:
    """Whether the data set is the source report's: OCTMNIST, under whatever key."""
    source = params.datasets[dataset]
    return isinstance(source, Medmnist) and (source.name or dataset) == "octmnist"


def results_table(records: Mapping[str, RunRecord], params: Params) -> list[dict[str, Any]]:
    """One row for each run, in the order of params.yaml.

    Each has the run's model and the parameters in which it differs from the model's defaults; for the
    training, validation and test images the counts, the accuracy and its Wilson interval; epochs, updates
    and multiply-adds done; whether it diverged; and the accuracy that the source report gives, as printed.
    Where runs have replicates, `over_seeds` gives mean, standard deviation and interval of the accuracies.
    """
    return [_table_row(records[run], is_variant=run not in params.experiments) for run in params.runs]


def _table_row(record: RunRecord, is_variant: bool) -> dict[str, Any]:
    metrics = record.metrics
    reported = REPORTED.get(record.run)
    return {
        "run": record.run,
        "model": record.experiment["model"],
        "variant": is_variant,
        "differing": differing(record.experiment),
        **{split: _accuracy(metrics, split) for split in ("train", "val", "test")},
        **{name: metrics[name] for name in ("epochs", "updates", "multiply_adds", "parameters")},
        "diverged": metrics["diverged"],
        "diverged_epoch": metrics["diverged_epoch"],
        "reported": None if reported is None else reported.accuracy,
        **_over_seeds(record),
    }


def _over_seeds(record: RunRecord) -> dict[str, Any]:
    """Accuracies over all seeds of a run that did not diverge; nothing where it has no replicates."""
    if not record.replicates:
        return {}
    every = [record.metrics, *(each.metrics for each in record.replicates.values())]
    sound = [metrics for metrics in every if not metrics["diverged"]]
    accuracies = {split: _mean_accuracy(sound, split) for split in ("train", "val", "test")}
    return {"over_seeds": {"seeds": len(sound), "diverged": len(every) - len(sound), **accuracies}}


def _mean_accuracy(metrics: Sequence[Mapping[str, Any]], split: str) -> dict[str, float | None] | None:
    """Mean, standard deviation and t interval; None with fewer than two seeds."""
    if len(metrics) < 2:
        return None
    mean = mean_over_seeds([each[f"{split}_accuracy"] for each in metrics])
    numbers = {
        "mean": mean.estimate.value,
        "sd": mean.sd,
        "low": max(0.0, mean.estimate.low),
        "high": min(1.0, mean.estimate.high),
    }
    return {name: stable(number) for name, number in numbers.items()}


def _sweep(sweep: Mapping[str, Any]) -> dict[str, Any]:
    """A sweep as its stage wrote it, with the Wilson interval of its test accuracy."""
    test = sweep["test"]
    if test is None:
        return dict(sweep)
    counts = {"test_correct": test["correct"], "test_total": test["total"]}
    return {**sweep, "test": _accuracy(counts, "test")}


def _accuracy(metrics: Mapping[str, Any], split: str) -> dict[str, Any]:
    correct, total = metrics[f"{split}_correct"], metrics[f"{split}_total"]
    share = wilson(correct, total)
    return {
        "correct": correct,
        "total": total,
        "accuracy": stable(share.value),
        "low": stable(share.low),
        "high": stable(share.high),
    }


def comparisons(records: Mapping[str, RunRecord]) -> list[dict[str, Any]]:
    """Best and worst of each comparison by final validation accuracy, of the runs that there are.

    The first in the comparison's order wins a tie. Comparisons with fewer than two runs are left out.
    """
    rows = []
    for comparison in COMPARISONS:
        present = [run for run in comparison.runs if run in records]
        if len(present) > 1:
            rows.append(_comparison_row(comparison, present, records))
    return rows


def _comparison_row(
    comparison: Comparison, present: list[str], records: Mapping[str, RunRecord]
) -> dict[str, Any]:
    def val_correct(run: str) -> int:
        return int(records[run].metrics["val_correct"])

    best, worst = max(present, key=val_correct), min(present, key=val_correct)
    pair = compare(records, best, worst, "val")
    return {
        "id": comparison.id,
        "question": comparison.question,
        "parameter": comparison.parameter,
        "runs": present,
        "val_correct": {run: val_correct(run) for run in present},
        "val_total": pair.total,
        "best": best,
        "worst": worst,
        "difference": pair.difference,
        "p_value": stable(pair.p_value),
        "best_test": _accuracy(records[best].metrics, "test"),
        "reported_best": comparison.reported[0],
        "reported_worst": comparison.reported[1],
    }
