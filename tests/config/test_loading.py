"""Every mistake in params.yaml gets one message that names the key and what was expected."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
        ("replicates", 3, "replicates is 3", "the runs to train"),
        ("replicated", ["mlp"], "replicates is 0", "number of further seeds"),
        ("boolean.max_dimension", 21, "boolean.max_dimension", "less than or equal to 20"),
        ("boolean.constructions.printed_sign.activation", "sgn", "activation", "'sign'"),
    ],
)
def test_a_mistake_is_named_with_what_was_expected(path: str, value: Any, named: str, expected: str) -> None:
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
    content = edited("datasets.phantom.replicates", 4)
    assert "replicates is 4" in message(content)
    params = parse_params({**content, "replicated": ["mlp"]})
    assert params.replicates_of("phantom") == 4
    assert params.replicates_of("octmnist") == 0


def test_a_data_set_may_have_titles_of_its_own() -> None:
    content = edited("report.titles", {"phantom": "On drawings"})
    content["datasets"]["octmnist"]["title"] = "OCT"
    params = parse_params(content)
    assert params.report.titles["phantom"] == "On drawings"
    assert params.datasets["octmnist"].title == "OCT"
    assert "report.titles names phantm" in message(edited("report.titles", {"phantm": "On drawings"}))


def test_numbers_written_with_an_exponent_are_numbers() -> None:
    # PyYAML follows YAML 1.1 and reads 1e-3, without a dot, as text.
    content = edited("experiments.mlp.learning_rate", yaml.safe_load("1e-3"))
    assert getattr(parse_params(content).experiments["mlp"], "learning_rate") == 0.001  # noqa: B009


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "nothing"),
        ("- 1\n", "mapping"),
        ("seed: [\n", "line"),
        ("seed: 1\nseed: 2\n", "given twice"),
        ("seed: !!python/object/apply:os.system ['true']\n", "not YAML"),
    ],
)
def test_files_that_are_no_parameters(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=expected):
        load_params(path)


def test_a_missing_file_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="missing"):
        load_params(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError):
        load_params(tmp_path / "params.yaml")


def _places(content: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    here = [path] if path else []
    if isinstance(content, dict):
        return here + [place for key, item in content.items() for place in _places(item, (*path, key))]
    return here


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


def _is_allowed(content: Any, check: Callable[[Any], object]) -> bool:
    try:
        check(content)
    except UserError as error:
        assert str(error)
        return False
    return True


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.sampled_from(_places(SHIPPED)), value=anything)
def test_any_value_anywhere_is_accepted_or_refused_with_a_message(place: tuple[str, ...], value: Any) -> None:
    content = edited(".".join(place), value)
    _is_allowed(content, parse_params)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_accepted_or_refused_with_a_message(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "params.yaml"
    path.write_bytes(data)
    assert not _is_allowed(path, load_params)
