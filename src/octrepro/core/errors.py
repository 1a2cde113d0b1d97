"""The one exception for mistakes that a user can correct, and text that is safe to print."""

from __future__ import annotations


def printable(text: str) -> str:
    """Text with its control characters, other than line ends, written as escapes.

    A name or title taken from a file might hold an escape sequence, which must not reach the terminal.
    """
    return "".join(
        character if character.isprintable() or character == "\n" else ascii(character)[1:-1]
        for character in text
    )


class UserError(Exception):
    """A mistake in the user's input or surroundings, reported in one message.

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
        return printable("\n".join(lines))

    def __reduce__(self) -> tuple[type[UserError], tuple[str], dict[str, str | None]]:
        # Exception pickles positional arguments only; worker processes need the keyword ones too.
        # Its own __setstate__ puts the dictionary back as attributes.
        return (type(self), (self.what,), {"expected": self.expected, "hint": self.hint})
