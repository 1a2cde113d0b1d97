"""Any value at any place of a construction: a verdict or a message, never a traceback."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octrepro.boolean.answer import answer_file
from octrepro.core import UserError

# What YAML makes of a value is tried in config/test_adversary.py; here values are read as expressions too.
VALUES = st.one_of(
    st.text("ABD123 +-*%()", min_size=1, max_size=9),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=12),
    st.integers().map(str),
    st.floats().map(repr),
    st.sampled_from(["D % 7 - D", "9" * 17, "9" * 5000, "(" * 90 + "1" + ")" * 90, "-" * 190 + "1", "relu"]),
    st.sampled_from(["lambda: 1", "__import__('os')", "null", "[1, 1]", "{a: 1}", '"\\e[31m"', "&a [*a]"]),
)
TEMPLATE = """\
title: {title}
activation: {activation}
hidden:
  - {{weight: {w1}, bias: {b1}}}
  - {{weight: {w2}, bias: {b2}}}
output: {{weights: [{v1}, {v2}], bias: {c}}}
constants: {{{name}: {constant}}}
"""
RIGHT = {
    **{"title": "Mine", "activation": "sign", "name": "k", "constant": "3"},
    **{"w1": "2", "b1": "-2*A + 1", "w2": "-2", "b2": "2*B + 1", "v1": "1", "v2": "1", "c": "-1"},
}
CHANGES = st.dictionaries(st.sampled_from(list(RIGHT)), VALUES, min_size=1, max_size=3)
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
FEW = settings(max_examples=100, deadline=None, suppress_health_check=CHECKS)
# With the 14,000 of params.yaml, 20,000 values in all.
MANY = settings(FEW, max_examples=6_000, database=None)


def exit_code(folder: Path, changes: dict[str, str], capsys: pytest.CaptureFixture[str]) -> int:
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


@FEW
@given(changes=CHANGES)
def test_any_value_gets_a_verdict_or_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, str]
) -> None:
    exit_code(tmp_path, changes, capsys)


@pytest.mark.endurance
@pytest.mark.slow
@MANY
@given(changes=CHANGES)
def test_many_values_get_a_verdict_or_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, str]
) -> None:
    exit_code(tmp_path, changes, capsys)


def test_the_template_is_a_construction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(tmp_path, {}, capsys) == 0
