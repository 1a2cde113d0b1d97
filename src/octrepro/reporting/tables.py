"""The report's tables, as data; their captions stand in the prose."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from octrepro.reporting import numbers
from octrepro.reporting.accuracy_tables import accuracy_tables
from octrepro.reporting.content import NOTHING, Cell, Row, count, number, run, share
from octrepro.reporting.inputs import Inputs, fingerprints
from octrepro.study.names import model_name, settings
from octrepro.study.runs import QUESTION_RUNS, TEST_IMAGES

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
        **_boolean(inputs.verification),
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
        "Nearest count": number(f"{row['nearest_count']} of {TEST_IMAGES}", row["nearest_count"]),
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
    ranked = sorted(
        enumerate(sweep["settings"]), key=lambda item: (item[1]["diverged"], -item[1]["val_correct"])
    )
    return [_setting(each, index == sweep["selected"]) for index, each in ranked[:MOST_SETTINGS]]


def _setting(each: Found, selected: bool) -> Row:
    right = f"{numbers.count(each['val_correct'])} of {numbers.count(each['val_total'])}"
    note = f"diverged in epoch {each['epochs']}" if each["diverged"] else right
    loss = each["val_loss"]
    return {
        "Setting": Cell(settings(each["parameters"]), note="selected" if selected else "", wide=True),
        "Validation": number(numbers.rate(each["val_accuracy"]), each["val_accuracy"], note),
        "Validation loss": NOTHING if loss is None else number(numbers.number(loss), loss),
        "Training": share(each["train_accuracy"]),
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


def _boolean(verification: Found) -> dict[str, list[Row]]:
    """Separable cases by dimension; for either activation the networks and the verdicts on them."""
    separable = [
        {
            "Inputs D": count(row["dimension"]),
            "Pairs": count(row["total"]),
            "Separable": count(row["separable"]),
            "Not separable": count(row["total"] - row["separable"]),
        }
        for row in verification["separability"]["by_dimension"]
    ]
    tables = {"boolean-separable": separable}
    for activation in ("sign", "relu"):
        chosen = [each for each in verification["constructions"] if each["activation"] == activation]
        tables[f"boolean-{activation}-networks"] = [_network(each) for each in chosen]
        tables[f"boolean-{activation}-verdicts"] = [_verdict(each) for each in chosen]
    return tables


def _network(construction: Found) -> Row:
    first, second = construction["expressions"]["hidden"]
    output = construction["expressions"]["output"]
    return {
        "Network": Cell(construction["title"], note=construction["name"], wide=True),
        "Hidden unit 1": Cell(f"{first['weight']}; {first['bias']}", "code"),
        "Hidden unit 2": Cell(f"{second['weight']}; {second['bias']}", "code"),
        "Output": Cell(f"{', '.join(output['weights'])}; {output['bias']}", "code"),
    }


def _verdict(construction: Found) -> Row:
    return {
        "Network": Cell(construction["title"], wide=True),
        "Computes f": Cell(construction["for_all_dimensions"]),
        "Wrong on": count(construction["mismatches"], f"of {numbers.count(construction['evaluated'])}"),
        "Robust": Cell("yes" if construction["robust"] else "no"),
        "Radius": _radius(Fraction(construction["margin"])),
        "Where it first goes wrong": Cell(_where(construction), wide=True),
    }


def _where(construction: Found) -> str:
    """The first wrong answer; for a network that is only not robust, the first step to change an answer."""
    wrong = construction["first_counterexample"]
    place = wrong or construction["breaking_direction"]
    if place is None:
        return "nowhere"
    at = f"D = {place['dimension']}, A = {place['A']}, B = {place['B']}, x = {_vector(place['x'])}"
    if wrong:
        told = f"{at}: f = {place['f']:+d}, h = {place['h']:+d}"
    else:
        told = f"{at}: a step along {_vector(place['v'])} gives {place['value']:+d}"
    return told.replace("-", "−")


def _vector(entries: list[int] | None) -> str:
    if entries is None:
        return "…"
    return f"({', '.join(f'{entry:+d}' if entry else '0' for entry in entries)})"


def _radius(margin: Fraction) -> Cell:
    """The radius m / D for a margin m."""
    below = "D" if margin.denominator == 1 else f"({margin.denominator} D)"
    return number(f"{margin.numerator}/{below}" if margin else "0", float(margin))
