"""What is known of the MedMNIST v2 sets before a byte is downloaded."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from octrepro.core import UserError

CITATION = (
    "J. Yang et al., MedMNIST v2: A large-scale lightweight benchmark for 2D and 3D biomedical image "
    "classification, Scientific Data 10, 41 (2023)"
)
_USABLE = ("multi-class", "binary-class")
_REFUSED = {
    "multi-label, binary-class": "is multi-label: an image may belong to several classes at once",
    "ordinal-regression": "is ordinal: its classes are grades, and which wrong grade is predicted matters",
}


@dataclass(frozen=True)
class Published:
    """A MedMNIST set as its authors publish it.

    Attributes
    ----------
    name
        Such as ``octmnist``; the published file is ``<name>.npz``.
    title, license, origin, url
        For the report; `origin` is the work that the images come from, `url` where the file is published.
    task
        As the authors name it.
    channels
        1 (gray) or 3 (RGB).
    samples
        Images in train, val and test.
    classes
        Names in the order of the labels.
    md5, sha256
        Digests of the file; the second where it is known.
    test_per_class
        Where the protocol uses only the first test images of each class: how many.
    """

    name: str
    title: str
    license: str
    origin: str
    url: str
    task: str
    channels: int
    samples: dict[str, int]
    classes: list[str]
    md5: str
    sha256: str | None = None
    test_per_class: list[int] | None = None

    @property
    def citation(self) -> str:
        """The collection and the work that the images come from."""
        return f"{CITATION}; images from {self.origin}"

    @property
    def filename(self) -> str:
        """The published file's name."""
        return f"{self.name}.npz"

    @property
    def hash(self) -> str:
        """The strongest digest known, as pooch writes it."""
        return f"sha256:{self.sha256}" if self.sha256 else f"md5:{self.md5}"

    @property
    def size_limit(self) -> int:
        """Bytes that the file cannot exceed: its arrays uncompressed, and room for headers."""
        pixels = 28 * 28 * self.channels
        return math.ceil(1.01 * sum(self.samples.values()) * (pixels + 8)) + (1 << 20)


def published(name: str) -> Published:
    """Look a MedMNIST set up by its name, such as ``octmnist``.

    Raises
    ------
    UserError
        When there is no such set, or it is not a single-label one.
    """
    known = _entries()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        raise UserError(
            f"{name!r} is not a MedMNIST set",
            expected=f"one of {', '.join(usable_names())}",
            hint=f"did you mean {close[0]!r}?" if close else "give the set's name as `name` under `datasets`",
        )
    entry = Published(name, **known[name])
    if entry.task not in _USABLE:
        raise UserError(
            f"{name} cannot be used: it {_REFUSED[entry.task]}; the report's models predict one class",
            expected=f"a single-label set, one of {', '.join(usable_names())}",
        )
    return entry


def usable_names() -> list[str]:
    """Names of the single-label sets, in the order of the publication."""
    return [name for name, entry in _entries().items() if entry["task"] in _USABLE]


@cache
def _entries() -> dict[str, dict[str, Any]]:
    text = resources.files(__package__).joinpath("medmnist.yaml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return entries
