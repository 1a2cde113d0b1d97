"""The report's tables, as data; their captions stand in the prose."""

from collections.abc import Mapping, Sequence
from typing import Any

from octrepro.reporting import numbers
from octrepro.reporting.accuracy_tables import accuracy_tables
from octrepro.reporting.boolean_tables import boolean_tables
from octrepro.reporting.content import NOTHING, Cell, Row, count, number, run, share
from octrepro.reporting.inputs import Inputs, fingerprints
from octrepro.study.names import model_name, settings
from octrepro.study.runs import QUESTION_RUNS

SOURCES = {"phantom": "drawn by this project from a seed", "medmnist": "MedMNIST v2", "file": "a file"}
# A page holds no more; the sweep's own table, a CSV file, has them all.
MOST_SETTINGS = 40

Found = Mapping[str, Any]


def build(inputs: Inputs, claims: Sequence[Found]) -> dict[str, list[Row]]:
    """All tables by id."""
    results = inputs.results
    rows = {row["run"]: row for row in results["rows"]}
    return {
        "classes": _classes(inputs.summary),
        **accuracy_tables(results, inputs.summary),
        "claims": [_claim(claim) for claim in claims if not claim["ours"]],
        "questions": [_claim(claim) for claim in claims if claim["ours"]],
        "audit": [_audit(row, comparable=results["reference_comparable"]) for row in results["audit"]],
        "cost": _cost([rows[name] for name in QUESTION_RUNS["2.2a"] if name in rows]),
        "ablation": [_ablation(row, results["rows"]) for row in results["rows"] if row["variant"]],
        "parameters": [
            {
                "Run": Cell(row["run"], "code"),
                "Model": Cell(model_name(row["model"])),
                "Parameters": Cell(settings(row["experiment"]), wide=True),
            }
            for row in results["rows"]
        ],
        "provenance": _provenance(inputs),
        "fingerprints": [
            {"Part": Cell(part), "SHA-256": Cell(value, "code", wide=True)}
            for part, value in fingerprints(inputs).items()
        ],
        **{f"sweep-{sweep['sweep']}": _sweep(sweep) for sweep in results["sweeps"]},
        **boolean_tables(inputs.verification),
    }


def _classes(summary: Found) -> list[Row]:
    counts = summary["class_counts"]
    splits = {"Training": counts["train"], "Validation": counts["val"], "Test": counts["test"]}
    if summary["test_subset"]:
        splits["Test, used"] = summary["test_subset"]
    return [
        {
            "Class": number(str(index)),
            "Name": Cell(str(name), wide=True),
            **{split: count(images[index]) for split, images in splits.items()},
        }
        for index, name in enumerate(summary["classes"])
    ]


def _claim(claim: Found) -> Row:
    link = f"[{claim['question']}](#claim-{claim['id']})"
    return {
        "Question": Cell(link, "prose", claim["question"]),
        "Verdict": Cell(claim["verdict"], "verdict", note=claim["basis"]),
        "Claim": Cell(claim["statement"], "prose", claim["id"], wide=True),
        "Effect": Cell(claim["effect"] or "–", wide=True),
    }


def _audit(row: Found, *, comparable: bool) -> Row:
    ours = difference = NOTHING
    if row["ours_correct"] is not None:
        ours = number(f"{row['ours_correct']} of {row['ours_total']}", row["ours_correct"])
    tested = f"not comparable: {row['reason']}"
    if row["comparable"]:
        difference = number(f"{row['difference']:+d}".replace("-", "−"), row["difference"])
        verdict = "a true difference" if row["beyond_chance"] else "no detectable difference"
        tested = f"{verdict} ({numbers.p_value(row['p_value'])})"
    cells = {
        "Run": Cell(row["run"], "code", wide=not comparable),
        "Printed": number(row["reported"]),
        "Nearest count": number(f"{row['nearest_count']} of {row['reported_total']}", row["nearest_count"]),
        "Its accuracy": number(row["nearest_accuracy"]),
        "Possible": Cell("possible" if row["possible"] else "not possible"),
    }
    compared = {"Ours": ours, "Difference": difference, "Test": Cell(tested, wide=True)}
    return {**cells, **compared} if comparable else cells


def _cost(rows: Sequence[Found]) -> list[Row]:
    least = min((row["updates"] for row in rows), default=0)
    return [
        {
            "Run": run(row, wide=True),
            "Epochs": count(row["epochs"]),
            "Updates": count(row["updates"]),
            "Ratio": number(numbers.number(row["updates"] / least) if least else "–"),
            "Multiply-adds": count(row["multiply_adds"]),
        }
        for row in rows
    ]


def _ablation(variant: Found, rows: Sequence[Found]) -> Row:
    """A variant beside the run of the same model that differs from it in the fewest parameters."""

    def changes(row: Found) -> dict[str, Any]:
        theirs = row["experiment"]
        return {name: value for name, value in variant["experiment"].items() if theirs.get(name) != value}

    own = [row for row in rows if not row["variant"] and row["model"] == variant["model"]]
    nearest = min(own, key=lambda row: len(changes(row)), default=None)
    return {
        "Variant": run(variant),
        "Changes": Cell(settings(changes(nearest)) if nearest else "–", wide=True),
        "Test": share(variant["test"]),
        "Compared with": run(nearest) if nearest else Cell("–", "code"),
        "Its test": share(nearest and nearest["test"]),
    }


def _sweep(sweep: Found) -> list[Row]:
    """The settings of a sweep, the best on validation first."""
    settings_of = list(enumerate(sweep["settings"]))
    settings_of.sort(key=lambda item: (item[1]["diverged"], -item[1]["val_correct"]))
    return [_setting(each, index == sweep["selected"]) for index, each in settings_of[:MOST_SETTINGS]]


def _setting(each: Found, selected: bool) -> Row:
    right = f"{numbers.count(each['val_correct'])} of {numbers.count(each['val_total'])}"
    note = f"diverged in epoch {each['epochs']}" if each["diverged"] else right
    loss = each["val_loss"]
    return {
        "Setting": Cell(settings(each["parameters"]), note="selected" if selected else "", wide=True),
        "Validation": number(numbers.rate(each["val_accuracy"]), each["val_accuracy"], note),
        "Validation loss": NOTHING if loss is None else number(numbers.number(loss), loss),
        "Training": number(numbers.rate(each["train_accuracy"]), each["train_accuracy"]),
    }


def _provenance(inputs: Inputs) -> list[Row]:
    summary = inputs.summary
    facts = {
        "Data set": inputs.title,
        "Key in params.yaml": inputs.dataset,
        "Source": SOURCES[summary["source"]],
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
    return [
        {"What": Cell(name), "Value": Cell(str(value), wide=True)} for name, value in facts.items() if value
    ]
