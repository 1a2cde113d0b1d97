"""Made-up inputs of a report: test data, labeled as such, with every construct that a real report has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from octrepro.config import File, Params, load_params
from octrepro.core.records import RunRecord
from octrepro.reporting.content import Figure
from octrepro.reporting.inputs import Inputs

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" role="img" '
    'aria-label="{id}"><g class="series" '
    'data-series="val_accuracy"><path d="M 10 90 L 100 43.3333 L 190 20" '
    'fill="none" stroke="#0a4a85"/>'
    '</g><text x="10" y="12" fill="#1f2328">accuracy</text></svg>'
)
CSV = "epoch,val_accuracy\n1,0.25\n2,0.5\n3,0.625\n"
NUMBERED = (
    "perceptron_accuracy",
    "logistic_accuracy_lr0_01",
    "logistic_accuracy_lr0_001",
    "mlp_accuracy",
    "mlp_loss",
    "torch_logistic_loss",
    "torch_logistic_val_accuracy",
    "feedforward_loss_batch_small",
    "feedforward_loss_batch_large",
    "feedforward_loss_lr_best",
    "feedforward_loss_lr_worst",
    "feedforward_loss_long_best",
    "feedforward_loss_long_worst",
    "boolean_counterexample",
)


def make_figure(name: str, number: int | None, *, synthetic: bool = True) -> Figure:
    """A figure of test data."""
    folder = "../boolean/figures" if name.startswith("boolean") else "figures"
    return Figure(
        id=name,
        number=number,
        title=f"Test figure {name}",
        caption="Made up for a test, η 0.1.",
        alt=f"A line that rises, for the test of {name}",
        stage="figures@sample",
        data=(f"results/sample/{name}.npz",),
        command="dvc repro figures@sample",
        synthetic=synthetic,
        svg=SVG.format(id=name),
        csv=CSV,
        path=f"{folder}/{name}.pdf",
    )


def make_record(run: str, experiment: dict[str, Any], correct: int) -> RunRecord:
    """A run that got `correct` of 529 test images right."""
    labels = np.repeat(np.arange(4), [182, 55, 42, 250])
    history = {"epoch": np.arange(1.0, 4.0)} | {
        name: np.array([0.3, 0.4, 0.5])
        for name in ("train_loss", "train_accuracy", "val_loss", "val_accuracy")
    }
    return RunRecord(
        "sample", run, experiment, history, {"test_correct": correct}, labels, labels, labels, labels
    )


def share(correct: int, total: int) -> dict[str, Any]:
    """An accuracy with an interval, as results.json has it."""
    rate = correct / total
    return {
        "correct": correct,
        "total": total,
        "accuracy": rate,
        "low": max(rate - 0.04, 0),
        "high": min(rate + 0.04, 1),
    }


def measure(value: float) -> dict[str, float]:
    """A number with an interval, as results.json has it."""
    return {"value": value, "low": value - 0.03, "high": value + 0.03}


def make_row(run: str, model: str, number: int, *, reported: str | None = None) -> dict[str, Any]:
    """A row of the results table."""
    return {
        "run": run,
        "label": f"A {model}",
        "model": model,
        "variant": False,
        "differing": {"learning_rate": 0.01, "batch_size": 16},
        "train": share(4000 + number, 6000),
        "val": share(400 + number, 700),
        "test": share(181 + number, 529),
        "experiment": {"model": model, "learning_rate": 0.01, "batch_size": 16},
        "full_test": share(300 + number, 1000),
        "recall": [share(91, 182), None, share(10, 42), share(250, 250)],
        "balanced_accuracy": measure(0.5833),
        "auc": measure(0.71),
        "class_auc": [measure(0.6), None, {"value": 1.0, "low": None, "high": None}, measure(0.8)],
        "over_seeds": None,
        "epochs": 20,
        "updates": 7500 * (number + 1),
        "multiply_adds": 38_419_200_000 + number,
        "parameters": 3140,
        "diverged": False,
        "diverged_epoch": None,
        "reported": reported,
    }


def make_claim(question: str, verdict: str, number: int) -> dict[str, Any]:
    """An entry of claims.json."""
    return {
        "id": f"claim_{number}",
        "question": question,
        "statement": f"The rate $\\eta = 0.{number}$ of question {question} ends *higher*.",
        "verdict": verdict,
        "kind": "tested",
        "seeds": 1,
        "p_value": 0.0123,
        "p_adjusted": 0.0456,
        "definition": f"Measured in the way of {number}.",
        "sentence": f"Sentence {number} for the verdict: `run_{number}` has {number} of 529 images right.",
        "evidence": {"first_correct": 300 + number},
        "effect": {
            "name": "difference in test images",
            "value": 12,
            "low": 3.5,
            "high": 20.5,
            "unit": "images",
        },
        "test": "exact McNemar test, two-sided, at 5 %",
        "reference": "It is said to end higher.",
        "pages": "3",
    }


def make_construction(name: str, title: str, *, computes: bool = True, robust: bool = True) -> dict[str, Any]:
    """An entry of verification.json."""
    place = {"dimension": 2, "A": -1, "B": 1, "x": [-1, 1], "sum": 0, "f": 1, "h": -1,
             "pre_activations": {"hidden": [0, 0], "output": -1}}  # fmt: skip
    return {
        "name": name,
        "title": title,
        "activation": "relu" if "relu" in name else "sign",
        "expressions": {
            "hidden": [{"weight": "k2", "bias": "-k2*A + k1"}, {"weight": "-k2", "bias": "k2*B + k1"}],
            "output": {"weights": ["1", "1"], "bias": "-1"},
        },
        "verdict": "computes" if computes else "fails",
        "for_all_dimensions": "proved" if computes else "refuted",
        "evaluated": 2293752,
        "mismatches": 0 if computes else 117,
        "first_counterexample": None if computes else place,
        "robust": robust,
        "robust_radius": "1/120" if robust else "0",
        "margin": "1/10" if robust else "0",
        "breaking_direction": None if robust else {**place, "v": [-1, 0], "value": -1},
    }


def make_verification() -> dict[str, Any]:
    """A verification.json."""
    return {
        "max_dimension": 12,
        "constants": {"k1": 1, "k2": 10},
        "evaluated": 2293752,
        "constructions": [
            make_construction("printed_sign", "Sign units, as printed", robust=False),
            make_construction(
                "printed_sign_robust", "Sign units, robust version as printed", computes=False, robust=False
            ),
            make_construction("printed_relu", "ReLU units, as printed", computes=False, robust=False),
            make_construction(
                "printed_relu_robust", "ReLU units, robust as printed", computes=False, robust=False
            ),
            make_construction("corrected_sign_robust", "Sign units, corrected"),
            make_construction("corrected_relu_robust", "ReLU units, corrected"),
            make_construction("own_sign_midway", "Sign units, midway"),
        ],
        "certificate": "0" * 64,
        "largest_margin": {
            "margin": "1/10",
            "attained_by": ["corrected_sign_robust"],
            "attains_bound": False,
        },
        "separability": {
            "max_dimension": 8,
            "theorem": "separable iff A = -D, or B = D, or A = B with A + D odd",
            "theorem_holds": True,
            "by_dimension": [
                {"dimension": 1, "separable": 6, "total": 6},
                {"dimension": 2, "separable": 11, "total": 15},
            ],
            "rows": [],
        },
    }


def make_summary(**changes: Any) -> dict[str, Any]:
    """A summary.json."""
    summary = {
        "dataset": "sample",
        "title": "Sample (test data)",
        "source": "phantom",
        "synthetic": True,
        "image_shape": [28, 28],
        "features": 784,
        "classes": ["choroidal neovascularization", "diabetic macular edema", "drusen", "normal"],
        "samples": {"train": 6000, "val": 700, "test": 1000},
        "class_counts": {
            "train": [2000, 700, 500, 2800],
            "val": [230, 80, 60, 330],
            "test": [250, 250, 250, 250],
        },
        "test_subset": [182, 55, 42, 250],
        "test_used": 529,
        "sha256": "2f909b7563c0279881a5d51c85a64833f3d4e42eace52b43ac2f22d15ff24986",
        "license": "",
        "citation": "",
        "url": "",
        "note": "Test data.",
    }
    return summary | changes


def make_inputs(*, params: Params | None = None, comparable: bool = False, **summary: Any) -> Inputs:
    """Inputs of a report on made-up results for the runs of params.yaml."""
    params = params or load_params()
    if "sample" not in params.datasets:
        sample = File(source="file", path="sample.npz", classes=["a", "b"])
        params = params.model_copy(update={"datasets": {**params.datasets, "sample": sample}})
    runs = {name: experiment.model_dump(mode="json") for name, experiment in params.runs.items()}
    reported = {"perceptron": "0.3422", "mlp": "0.7505", "feedforward": "0.7675"}
    audit = [
        {
            "run": run,
            "question": "1.1a",
            "reported": accuracy,
            "reported_total": 529,
            "possible": run != "feedforward",
            "nearest_count": 181,
            "nearest_accuracy": "0.3422",
            "ours_correct": 181,
            "ours_total": 529,
            "comparable": comparable,
            "reason": None if comparable else "other data",
            "difference": -3 if comparable else None,
            "p_value": 0.8 if comparable else None,
            "beyond_chance": False if comparable else None,
        }
        for run, accuracy in reported.items()
    ]
    comparison = {
        "id": "learning_rate",
        "question": "2.2b",
        "parameter": "learning_rate",
        "runs": ["feedforward", "feedforward_lr1"],
        "val_correct": {"feedforward": 500, "feedforward_lr1": 300},
        "val_total": 700,
        "best": "feedforward",
        "best_ties": [],
        "worst_ties": [],
        "worst": "feedforward_lr1",
        "seeds_best": None,
        "seeds_worst": None,
        "late_best": "feedforward",
        "late_worst": "feedforward_lr0_01",
        "difference": 200,
        "p_value": 1e-9,
        "best_test": share(400, 529),
        "reported_best": "feedforward",
        "reported_worst": "feedforward_lr1",
    }
    figures = [make_figure(name, number) for number, name in enumerate(NUMBERED, start=1)]
    figures += [make_figure(name, None) for name in ("class_examples", "test_accuracies", "one_more_figure")]
    verdicts = ("holds", "fails", "inconclusive")
    questions = ("1.1b", "1.1b", "1.2a", "2.2a", "2.2b", "2.2c", "3.1a", "3.1b", "3.1c")
    return Inputs(
        dataset="sample",
        params=params,
        summary=make_summary(**summary),
        records={run: make_record(run, experiment, 200) for run, experiment in runs.items()},
        claims=[
            *(make_claim(question, verdicts[i % 3], i) for i, question in enumerate(questions, start=1)),
            make_claim("1.2a", "holds", 99) | {"reference": "", "pages": ""},
        ],
        results={
            "dataset": "sample",
            "reference_comparable": comparable,
            "further_seeds": [],
            "retinal": True,
            "majority": {
                **share(250, 529),
                "predicted_class": 3,
                "full_test": share(250, 1000),
                "balanced_accuracy": 0.25,
            },
            "half_width": 0.0424,
            "best_run": next(reversed(runs)),
            "sweeps": [],
            "rows": [
                make_row(run, experiment["model"], i, reported=reported.get(run))
                | {
                    "experiment": {
                        "model": experiment["model"],
                        "learning_rate": experiment.get("learning_rate", 0.01),
                    }
                }
                for i, (run, experiment) in enumerate(runs.items())
            ],
            "comparisons": [comparison],
            "audit": audit,
        },
        verification=make_verification(),
        figures={figure.id: figure for figure in figures},
        omitted={},
        fingerprints=(("parameters", "0123456789abcdef" * 4), ("figures", "fedcba9876543210" * 4)),
        packages=(("numpy", "2.4.0"), ("torch", "2.13.0")),
    )


@pytest.fixture
def inputs() -> Inputs:
    """Inputs of a report on test data."""
    return make_inputs()
