"""Every mistake in params.yaml gets one message that names the key and what was expected."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from octrepro.config import load_params, parse_params
from octrepro.core import UserError

SHIPPED: dict[str, Any] = yaml.safe_load(Path("params.yaml").read_text())


def edited(path: str, value: Any) -> dict[str, Any]:
    content = copy.deepcopy(SHIPPED)
    *parents, last = path.split(".")
    place = content
    for parent in parents:
        place = place[parent]
    place[last] = value
    return content


def message(content: Any) -> str:
    with pytest.raises(UserError) as caught:
        parse_params(content)
    return str(caught.value)


def test_shipped_parameters_list_the_fifteen_runs() -> None:
    params = load_params()
    assert len(params.experiments) == 15
    assert set(params.datasets) >= {"phantom", "octmnist"}
    assert params.seed == 42
    assert params.numerics == "portable"
    assert params.runs == params.experiments  # variants are trained only when asked for


@pytest.mark.parametrize(
    ("path", "value", "named", "expected"),
    [
        ("experiments.feedforward.model", "feedfoward", "experiments.feedforward.model", "'feedforward'"),
        ("datasets.phantom.source", "phantm", "datasets.phantom.source", "'phantom'"),
        ("experiments.feedforward.epochs", 0, "experiments.feedforward.epochs", "greater than 0"),
        ("experiments.feedforward.epochs", -3, "experiments.feedforward.epochs", "greater than 0"),
        ("experiments.feedforward.epochs", 2.5, "experiments.feedforward.epochs", "integer"),
        ("experiments.feedforward.epochs", True, "experiments.feedforward.epochs", "integer"),
        ("experiments.feedforward.batch_size", 0, "experiments.feedforward.batch_size", "greater than 0"),
        ("experiments.feedforward.batch_size", "16x", "experiments.feedforward.batch_size", "integer"),
        ("experiments.feedforward.dropout", 1, "experiments.feedforward.dropout", "less than 1"),
        (
            "experiments.feedforward.dropout",
            -0.1,
            "experiments.feedforward.dropout",
            "greater than or equal to 0",
        ),
        ("experiments.mlp.learning_rate", 0, "experiments.mlp.learning_rate", "greater than 0"),
        ("experiments.mlp.learning_rate", -0.1, "experiments.mlp.learning_rate", "greater than 0"),
        ("experiments.mlp.learning_rate", "fast", "experiments.mlp.learning_rate", "number"),
        ("experiments.mlp.learning_rate", True, "experiments.mlp.learning_rate", "number"),
        ("experiments.mlp.learning_rate", float("nan"), "experiments.mlp.learning_rate", "finite"),
        ("experiments.mlp.learning_rate", float("inf"), "experiments.mlp.learning_rate", "finite"),
        ("experiments.mlp.learning_rat", 0.1, "experiments.mlp.learning_rat", "'learning_rate'"),
        ("experiments.perceptron.learning_rate", 0.1, "experiments.perceptron.learning_rate", "unknown key"),
        ("experiments.mlp", 3, "experiments.mlp", "dictionary"),
        ("sed", 1, "sed", "'seed'"),
        ("seed", -1, "seed", "greater than or equal to 0"),
        ("seed", 2**32, "seed", "less than"),
        ("numerics", "fast", "numerics", "'portable'"),
        ("datasets.phantom.test_per_class", [0], "datasets.phantom.test_per_class", "greater than 0"),
        ("ablation", ["mlp_sd"], "mlp_sd", "mlp_sd0_1"),
        ("replicated", [], "replicated names no runs", "the runs to train"),
        ("ablation", ["mlp_sd0_1", "mlp_sd0_1"], "ablation", "mlp_sd0_1 is listed twice"),
        ("replicated", ["mlp", "mlp"], "replicated", "mlp is listed twice"),
        ("experiments.mlp.hidden_size", 10**13, "experiments.mlp.hidden_size", "100000"),
        ("experiments.feedforward.hidden_layers", 10**8, "experiments.feedforward.hidden_layers", "100"),
        ("experiments.feedforward.batch_size", 10**20, "experiments.feedforward.batch_size", "1000000"),
        ("experiments.feedforward.epochs", 10**24, "experiments.feedforward.epochs", "100000"),
        ("experiments.feedforward.learning_rate", 1e39, "experiments.feedforward.learning_rate", "less than"),
        ("experiments.feedforward.l2_decay", 1e39, "experiments.feedforward.l2_decay", "less than"),
        ("datasets.phantom.train", 10**13, "datasets.phantom.train", "1000000"),
        ("datasets.phantom.test_per_class", [1] * 1001, "datasets.phantom.test_per_class", "1000 items"),
        ("boolean.constants.k1", 10**18, "boolean.constants.k1", "999999999999999999"),
        ("report.title", "\x1b[31mred", "report.title", "without control characters"),
        ("report.authors", ["a\nb"], "report.authors.0", "without control characters"),
        ("boolean.constructions.printed_sign.title", "\x9b2J", "title", "without control characters"),
        ("report.title", 12, "report.title", "in quotes"),
        ("boolean.max_dimension", 21, "boolean.max_dimension", "less than or equal to 20"),
        ("boolean.constructions.printed_sign.activation", "sgn", "activation", "'sign'"),
    ],
)
def test_reports_the_key_and_what_was_expected(path: str, value: Any, named: str, expected: str) -> None:
    text = message(edited(path, value))
    assert named in text
    assert expected in text
    assert "edit params.yaml" in text


@pytest.mark.parametrize("name", ["a b", "a-b", "a;b", "../a", "ä", "", "a\n", "$(touch x)", "a" * 65])
@pytest.mark.parametrize("section", ["datasets", "experiments"])
def test_names_are_letters_digits_and_underscores(section: str, name: str) -> None:
    model = next(iter(SHIPPED[section].values()))
    text = message(edited(section, {**SHIPPED[section], name: model}))
    assert section in text


def test_every_mistake_is_listed_at_once() -> None:
    content = edited("experiments.feedforward.epochs", 0)
    content["experiments"]["mlp"]["learning_rate"] = -1
    text = message(content)
    assert "2 mistakes" in text
    assert "experiments.feedforward.epochs" in text
    assert "experiments.mlp.learning_rate" in text


def test_a_mistake_in_a_construction_is_reported_once() -> None:
    content = edited("boolean.constructions.printed_sign.hidden", [{"weight": [1], "bias": 1}] * 2)
    text = message(content)
    assert "2 mistakes" in text
    assert "constructions.printed_sign.hidden.0.weight: a list is not allowed, expected an integer" in text
    assert "constrained" not in text


def test_thousands_of_runs_are_refused() -> None:
    runs = {f"run{number}": SHIPPED["experiments"]["mlp"] for number in range(3000)}
    assert "at most 500" in message(edited("experiments", runs))


def test_missing_keys_are_named() -> None:
    content = copy.deepcopy(SHIPPED)
    del content["experiments"]["mlp"]["epochs"]
    assert "experiments.mlp.epochs: missing" in message(content)
    del content["experiments"]["mlp"]["model"]
    assert "missing key 'model'" in message(content)


def test_a_name_is_either_an_experiment_or_a_variant() -> None:
    content = edited("variants", {"mlp": SHIPPED["experiments"]["mlp"]})
    assert "both experiments and variants" in message(content)


def test_names_that_would_hide_other_outputs_are_refused() -> None:
    assert "boolean" in message(edited("datasets", {"boolean": SHIPPED["datasets"]["phantom"]}))
    claims = {**SHIPPED["experiments"], "claims": SHIPPED["experiments"]["mlp"]}
    assert "'claims'" in message(edited("experiments", claims))


def test_a_variant_that_is_asked_for_becomes_a_run() -> None:
    params = parse_params(edited("ablation", ["mlp_sd0_1"]))
    assert list(params.runs) == [*SHIPPED["experiments"], "mlp_sd0_1"]


def test_a_data_set_may_set_its_own_replicates() -> None:
    params = parse_params(edited("datasets.phantom.replicates", 7))
    assert (params.replicates_of("phantom"), params.replicates_of("octmnist")) == (7, 0)
    params = parse_params({**edited("datasets.phantom.replicates", None), "replicates": 3})
    assert (params.replicates_of("phantom"), params.replicates_of("octmnist")) == (3, 3)


def test_a_data_set_may_have_titles_of_its_own() -> None:
    content = edited("report.titles", {"phantom": "On drawings"})
    content["datasets"]["octmnist"]["title"] = "OCT"
    params = parse_params(content)
    assert params.report.titles["phantom"] == "On drawings"
    assert params.datasets["octmnist"].title == "OCT"
    assert "report.titles names phantm" in message(edited("report.titles", {"phantm": "On drawings"}))


def test_numbers_may_have_an_exponent(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(Path("params.yaml").read_text().replace("learning_rate: 0.001", "learning_rate: 1e-3"))
    assert load_params(path) == load_params()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "nothing"),
        ("- 1\n", "mapping"),
        ("seed: [\n", "line"),
        ("seed: 1\nseed: 2\n", 'given twice: "seed"'),
        ("a: 1\nseed: 2026-02-30\n", "line 2: '2026-02-30' cannot be read as timestamp"),
        ("seed: 0x_\n", "line 1: '0x_' cannot be read as int"),
        ("seed: !!int abc\n", "'abc' cannot be read as int"),
        ("seed: !!float abc\n", "'abc' cannot be read as float"),
        ("seed: !!bool maybe\n", "'maybe' cannot be read as bool"),
        ("seed: !!timestamp x\n", "'x' cannot be read as timestamp|not YAML"),
        (f"seed: 0x{'f' * 5000}\n", "cannot be read as int"),
        (f"seed: {'9' * 4400}\n", "'9999.*cannot be read as int"),
        ('"\\ud800\\udc00": 1\n', "cannot be read as str"),
        ("a: &a [*a]\n", "expand without bound"),
        (
            "a0: &a0 [x]\n"
            + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)),
            "expand without bound",
        ),
        ("[" * 100_000, "nested too deeply|not YAML"),
        ("seed: !!python/object/apply:os.system ['true']\n", "not YAML"),
    ],
)
def test_files_that_are_no_parameters(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=expected):
        load_params(path)


def test_a_missing_file_gets_the_advice_that_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"missing[^$]*run from the project's root"):
        load_params()
    Path("dvc.yaml").touch()
    with pytest.raises(UserError, match=r"missing[^$]*git checkout params\.yaml"):
        load_params()


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError):
        load_params(tmp_path / "params.yaml")
