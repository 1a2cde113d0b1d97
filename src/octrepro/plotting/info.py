"""What a figure says about itself."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class FigureInfo:
    """The words that go with a figure and the way back to what made it.

    Parameters
    ----------
    id : str
        Letters, digits and ``_``; names the files and prefixes every id inside the SVG.
    title, caption : str
        Plain text, no markup. The title is not drawn; the page sets it.
    alt : str
        What a reader who cannot see the figure has to know, with the numbers.
    stage, command : str
        The DVC stage that drew it and the command that does so again.
    data : sequence of str
        The files it was drawn from, relative to the project root.
    number : int, optional
        Its number in the report's list of figures; none for a figure beyond that list.
    synthetic : bool
        Whether it shows synthetic data.
    """

    id: str
    title: str
    caption: str
    alt: str
    stage: str
    command: str
    data: Sequence[str] = ()
    number: int | None = None
    synthetic: bool = False

    def entry(self) -> dict[str, Any]:
        """The figure's entry in ``figures.json``."""
        fields = asdict(self)
        fields["data"] = list(self.data)
        order = ("id", "number", "title", "caption", "alt", "stage", "data", "command", "synthetic")
        return {name: fields[name] for name in order}
