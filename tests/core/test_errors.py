"""Messages: three parts, pickled whole, and nothing in them that a terminal would obey."""

import pickle

from octrepro.core import UserError


def test_all_parts_survive_pickling_with_control_characters_escaped() -> None:
    error = UserError("bad \x1b[2Jname\x9b", expected="a\u202eb", hint="line\nline, Zürich, 网膜")
    text = "bad \\x1b[2Jname\\x9b\n  expected: a\\u202eb\n  what to do: line\nline, Zürich, 网膜"
    assert str(error) == str(pickle.loads(pickle.dumps(error))) == text
