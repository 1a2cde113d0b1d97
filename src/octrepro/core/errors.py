"""The one exception for mistakes that a user can correct, and text that is safe to print."""


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

    It says what was wrong and where (the parameter or file), what was expected in its place, and, as a hint,
    what to do next.
    """

    def __init__(self, what: str, expected: str | None = None, hint: str | None = None) -> None:
        super().__init__(what, expected, hint)  # what pickle passes on

    def __str__(self) -> str:
        what, expected, hint = self.args
        lines = [what]
        if expected:
            lines.append(f"  expected: {expected}")
        if hint:
            lines.append(f"  what to do: {hint}")
        return printable("\n".join(lines))
