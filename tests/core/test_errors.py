"""Messages: three parts, pickled whole, and nothing in them that a terminal would obey."""

from __future__ import annotations

import pickle

from octrepro.core.errors import UserError


def test_control_characters_are_escaped() -> None:
    text = str(UserError("bad \x1b[2Jname\x9b", expected="a\u202eb", hint="line\nline, Zürich, 网膜"))
    assert text == ("bad \\x1b[2Jname\\x9b\n  expected: a\\u202eb\n  what to do: line\nline, Zürich, 网膜")


def test_all_parts_survive_pickling() -> None:
    error = UserError("what", expected="expected", hint="hint")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
