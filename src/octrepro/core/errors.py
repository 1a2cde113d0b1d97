"""The one exception for mistakes a user can mend."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in the user's input or surroundings, told in one message.

    Parameters
    ----------
    what
        What was wrong, and where (the parameter or file).
    expected
        What was expected in its place.
    hint
        What to do next.
    """

    def __init__(self, what: str, *, expected: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.what]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.hint:
            lines.append(f"  what to do: {self.hint}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[type[UserError], tuple[str], dict[str, str | None]]:
        # Keyword-only arguments do not survive the default pickling, which worker processes need.
        return (type(self), (self.what,), {"expected": self.expected, "hint": self.hint})

    def __setstate__(self, state: dict[str, str | None] | None) -> None:
        if state:
            self.expected, self.hint = state["expected"], state["hint"]
