"""Every mistake in params.yaml gets one message that names the key and what was expected."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from octrepro.config.loading import load_params, parse_params
from octrepro.core import UserError
from octrepro.core.files import read_json

SHIPPED: dict[str, Any] = yaml.safe_load(Path("params.yaml").read_text())
MLP = SHIPPED["experiments"]["mlp"]
PARAMS = load_params()


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
    assert "edit params.yaml" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("sed", 1, "unknown key; did you mean 'seed'"),
        ("experiments.mlp", {"model": "mlp", "learning_rate": 0.1, "hidden_size": 3}, "epochs: missing"),
        ("experiments.mlp", {"epochs": 1}, "missing key 'model'"),
        ("experiments.feedforward.epochs", True, "integer"),
        ("experiments.feedforward.epochs", 10**24, "100000"),
        ("experiments.feedforward.batch_size", 10**20, "1000000"),
        ("experiments.feedforward.hidden_layers", 10**8, "100"),
        ("experiments.feedforward.dropout", 1, "less than 1"),
        ("experiments.mlp.hidden_size", 10**13, "100000"),
        ("experiments.mlp.learning_rate", 0, "greater than 0"),
        ("experiments.mlp.learning_rate", float("nan"), "finite"),
        ("datasets.phantom.train", 10**13, "1000000"),
        ("boolean.constants.k1", 10**18, "999999999999999999"),
        ("boolean.max_dimension", 21, "less than or equal to 20"),
        ("report.title", 12, "in quotes"),
        ("boolean.constructions.printed_sign.title", "\x9b2J", "'\\x9b2J' is not allowed"),
        ("ablation", ["mlp_sd0_1", "mlp_sd0_1"], "mlp_sd0_1 is listed twice"),
        ("datasets", {f"d{number}": {"source": "phantom"} for number in range(200)}, "more than the 2000"),
        ("ablation", ["mlp_sd"], "names mlp_sd, which variants does not list (mlp_sd0_1"),
        ("replicated", [], "expected the runs to train"),
        ("variants", {"mlp": MLP}, "mlp: named in both experiments and variants"),
    ],
)
def test_reports_the_key_and_what_was_expected(path: str, value: Any, expected: str) -> None:
    text = message(edited(path, value))
    assert path in text
    assert expected in text


@pytest.mark.parametrize("name", ["a-b", "../a", "ä", "", "a\n", "$(touch x)", "a" * 65, "boolean", "claims"])
@pytest.mark.parametrize("section", ["datasets", "experiments"])
def test_names_are_letters_digits_and_underscores_and_free(section: str, name: str) -> None:
    value = next(iter(SHIPPED[section].values()))
    assert section in message(edited(section, {**SHIPPED[section], name: value}))


def test_every_mistake_is_listed_at_once() -> None:
    content = edited("boolean.constructions.printed_sign.hidden", [{"weight": [1], "bias": 1}] * 2)
    content["experiments"]["mlp"]["learning_rate"] = -1
    text = message(content)
    assert "3 mistakes" in text
    assert "experiments.mlp.learning_rate" in text
    assert "constructions.printed_sign.hidden.0.weight: [1] is not allowed, expected an integer" in text


def test_what_is_asked_for_beyond_the_defaults() -> None:
    content = {**edited("datasets.phantom.replicates", 7), "ablation": ["mlp_sd0_1"], "replicates": 3}
    params = parse_params(content)
    assert list(params.runs) == [*SHIPPED["experiments"], "mlp_sd0_1"]
    assert (params.replicates_of("phantom"), params.replicates_of("octmnist")) == (7, 3)


def further_seeds(seed: int, count: int) -> list[int]:
    changed = PARAMS.model_copy(update={"seed": seed, "replicates": count})
    return changed.further_seeds("octmnist")


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 50), more=st.integers(0, 50))
def test_further_seeds_are_distinct_and_nested_and_not_the_runs_own(seed: int, count: int, more: int) -> None:
    seeds = further_seeds(seed, count + more)
    assert len({*seeds, seed}) == count + more + 1
    assert further_seeds(seed, count) == seeds[:count]


def test_further_seeds_are_those_committed() -> None:
    committed = read_json("runs/phantom/seeds.json")["further"]
    assert further_seeds(42, 3) == committed == [3444837047, 2669555309, 2046530742]


def test_numbers_may_have_an_exponent(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(Path("params.yaml").read_text().replace("learning_rate: 0.001", "learning_rate: 1e-3"))
    assert load_params(path) == load_params()


BOMB = "a0: &a0 [x]\n"
BOMB += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "nothing"),
        ("seed: [\n", r"not YAML .*\(line 2, column 1\)"),
        ("seed: 1\nseed: 2\n", 'duplicate key "seed"'),
        ("a: 1\nseed: 2026-02-30\n", "not YAML .* day is out of range.*\n.*in quotes"),
        (BOMB, "aliases written out"),
        ("[\n" * 10_000, "not YAML"),
        ("\xff", "not YAML"),
        (f"seed: 1 {'#' * 200_000}", "larger than 200,000 bytes"),
    ],
)
def test_files_that_are_no_parameters(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError, match=expected):
        load_params(path)


def test_a_missing_file_gets_the_advice_that_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"missing[^$]*run from the project's root"):
        load_params()
