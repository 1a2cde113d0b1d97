"""Any YAML value anywhere in params.yaml or a construction: a result or a message, never a traceback."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.boolean.answer import answer_file
from octrepro.config.loading import load_params
from octrepro.core import UserError

MARK = "the_place_where_a_value_goes"
CONSTRUCTION = {
    "title": "mine",
    "activation": "sign",
    "hidden": [{"weight": 2, "bias": "-2*A + 1"}, {"weight": -2, "bias": "2*B + 1"}],
    "output": {"weights": [1, 1], "bias": -1},
    "constants": {"k": 3},
}
# Every kind of section once: short, because each case is parsed anew.
PARAMS: dict[str, Any] = yaml.safe_load(Path("params.yaml").read_text())
PARAMS["datasets"] |= {
    "octmnist": {"source": "medmnist", "name": "octmnist", "title": "t"},
    "own": {"source": "file", "path": "a.npz", "sha256": "0" * 64, "classes": ["a"], "license": "none"},
}
PARAMS["experiments"] = {run: PARAMS["experiments"][run] for run in ("perceptron", "mlp", "feedforward")}
PARAMS |= {"ablation": ["mlp_sd0_1"], "replicated": ["mlp"]}
PARAMS["sweeps"] = {"rates": {"base": "mlp", "grid": {"learning_rate": [0.1, 0.2]}}}
PARAMS["boolean"]["constructions"] = {"mine": CONSTRUCTION}
PARAMS["report"] = {"title": "t", "titles": {"own": "mine"}, "authors": ["a"]}

HOSTILE = [
    *("2026-02-30", "2026-02-03", "2026-02-03T25:61:61Z", "0x_", "0b_", "0o_", "0x", "1_0", "1:30", "~", ""),
    *("9" * 4400, "0x" + "f" * 5000, "-" + "1" * 50, "1" * 400, "1" * 400 + ".0", "1e999", ".nan"),
    *("[]", "{}", "[*a]", "&a [*a]", "{a: 1, a: 2}", "{? [a] : b}", "[[[]]]", "? x", "- x"),
    *('"\\0"', '"\\ud800\\udc00"', '"\\e[31m"', '"\\x9b2J"', "'\u202e'", "'a\u2028b'", '"a\\nb"', "|"),
    *("true", "yes", "null", "# x", "a: b", "'1'", "abc", "=", "<<", "&a", "1.0", "-.inf", "%", "*a"),
    *("'", '"', "{model: mlp}", "{source: file}", "x" * 9000),
    *("D % 7 - D", "(" * 90 + "1" + ")" * 90, "-" * 190 + "1", "lambda: 1", "__import__('os')"),
]  # fmt: skip
TAGS = [
    *("int", "float", "bool", "null", "str", "timestamp", "binary", "set", "seq", "map", "omap", "pairs"),
    *("merge", "value", "yaml", "python/tuple", "python/object/apply:os.system"),
]
hostile, tags = st.sampled_from(HOSTILE), st.sampled_from(TAGS)
words = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\x85\u2028\u2029"), max_size=12)
scalars = (
    hostile
    | st.integers().map(str)
    | st.floats().map(repr)
    | words
    | st.text("ABD123 +-*%()", min_size=1, max_size=9)
    | st.text(max_size=12).map(json.dumps)
    | st.builds("!!{} {}".format, tags, hostile | words)
    | st.builds("!{} {}".format, words, hostile)
)


def _templates(content: Any) -> Iterator[Any]:
    """`content` with `MARK` in the place of each of its values and keys."""
    items = list(content.items() if isinstance(content, dict) else enumerate(content))
    for number, (key, value) in enumerate(items):
        for changed in (MARK, *(_templates(value) if isinstance(value, dict | list) else ())):
            others = [*items[:number], (key, changed), *items[number + 1 :]]
            yield dict(others) if isinstance(content, dict) else [each for _, each in others]
        if isinstance(content, dict):
            yield dict([*items[:number], (MARK, value), *items[number + 1 :]])


def judge(path: Path) -> bool:
    """Whether the construction in a file is right, as the command ``verify`` says."""
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        is_right = answer_file(str(path), 2, None)
    assert all(character.isprintable() or character == "\n" for character in written.getvalue())
    return is_right


FILES = [
    (load, yaml.safe_dump(template, sort_keys=False))
    for load, content in ((load_params, PARAMS), (judge, CONSTRUCTION))
    for template in _templates(content)
]


@pytest.mark.parametrize("examples", [200, pytest.param(20_000, marks=pytest.mark.endurance)])
def test_any_value_at_any_place_is_accepted_or_reported(tmp_path: Path, examples: int) -> None:
    path = tmp_path / "params.yaml"
    for load, content in ((load_params, PARAMS), (judge, CONSTRUCTION)):
        path.write_text(yaml.safe_dump(content))
        assert load(path)

    @settings(max_examples=examples)
    @given(file=st.sampled_from(FILES), value=scalars)
    def check(file: tuple[Callable[[Path], object], str], value: str) -> None:
        load, template = file
        path.write_text(template.replace(MARK, value), encoding="utf-8", errors="surrogatepass")
        try:
            load(path)
        except UserError as error:
            text = str(error)
            assert str(path) in text
            assert len(text) < 3000
            assert all(character.isprintable() or character == "\n" for character in text)

    check()
