"""Any YAML value at any place of a construction: a verdict or a message, never a traceback."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octrepro.boolean.own import answer_file
from octrepro.core import UserError

SCALARS = [
    *("D", "A*B", "k1", "A % 3", "-A", "B + 1", "2", "-7", "0", "9" * 17, "9" * 19, "9" * 5000, "D % 7 - D"),
    *(
        "A / 2",
        "A ** 2",
        "lambda: 1",
        "__import__('os')",
        "(" * 90 + "1" + ")" * 90,
        "-" * 190 + "1",
        "'\\e[2J'",
    ),
    *(
        "true",
        "null",
        "~",
        "1.5",
        "1e400",
        ".nan",
        "2026-02-30",
        "0x_",
        "[1, 1]",
        "{a: 1}",
        '"\\e[31m"',
        "*x",
    ),
    *(
        "!!int abc",
        "!!float abc",
        "!!bool maybe",
        "!!timestamp x",
        "!!binary x",
        "!!set x",
        "!!null 3",
        "!x 1",
    ),
    *(
        "!!python/object/apply:os.system [true]",
        "relu",
        "sign",
        "''",
        "&a [*a]",
        "? x",
        "<<: 1",
        "%",
        "@",
        "`",
    ),
]
EXPRESSIONS = st.lists(
    st.sampled_from(["A", "B", "D", "k1", "3", "12", " ", "+", "-", "*", "%", "(", ")"]),
    min_size=1,
    max_size=7,
).map("".join)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=12)
VALUES = st.sampled_from(SCALARS) | EXPRESSIONS | TEXT | st.integers().map(str) | st.floats().map(repr)
PLACES = ("title", "activation", "w1", "b1", "w2", "b2", "v1", "v2", "c", "constant", "name")
TEMPLATE = """\
title: {title}
activation: {activation}
hidden:
  - {{weight: {w1}, bias: {b1}}}
  - {{weight: {w2}, bias: {b2}}}
output: {{weights: [{v1}, {v2}], bias: {c}}}
constants: {{{name}: {constant}}}
"""
RIGHT = dict(
    zip(PLACES, ("Mine", "sign", "2", "-2*A + 1", "-2", "2*B + 1", "1", "1", "-1", "3", "k"), strict=True)
)


def _try(folder: Path, changes: dict[str, str], capsys: pytest.CaptureFixture[str]) -> int:
    path = folder / "mine.yaml"
    path.write_text(TEMPLATE.format(**RIGHT | changes), encoding="utf-8", errors="surrogatepass")
    try:
        code = 0 if answer_file(str(path), 2, None) else 1
    except UserError as error:
        print(error, file=sys.stderr)
        code = 2
    written = capsys.readouterr()
    assert (code in (0, 1)) == bool(written.out)
    assert (code == 2) == bool(written.err)
    assert all(c.isprintable() or c == "\n" for c in written.out + written.err)
    return code


_given = given(changes=st.dictionaries(st.sampled_from(PLACES), VALUES, min_size=1, max_size=3))
_checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=100, deadline=None, suppress_health_check=_checks)
@_given
def test_any_value_gets_a_verdict_or_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, str]
) -> None:
    assert _try(tmp_path, changes, capsys) in (0, 1, 2)


@pytest.mark.endurance
@pytest.mark.slow
# With the 14,000 of params.yaml, 20,000 values in all.
@settings(max_examples=6_000, deadline=None, suppress_health_check=_checks, database=None)
@_given
def test_many_values_get_a_verdict_or_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, str]
) -> None:
    assert _try(tmp_path, changes, capsys) in (0, 1, 2)


def test_the_template_is_a_construction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _try(tmp_path, {}, capsys) == 0
    assert _try(tmp_path, {"c": "0"}, capsys) == 1
    # Its smallest counterexample is far away.
    assert _try(tmp_path, {"b2": "-515988490593"}, capsys) == 1
    assert _try(tmp_path, {"b1": "9" * 5000}, capsys) == 2
