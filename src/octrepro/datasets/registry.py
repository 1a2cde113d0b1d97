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
class Facts:
    """A MedMNIST set as its authors publish it.

    Attributes
    ----------
    name : str
        Its name, such as ``octmnist``; the published file is ``<name>.npz``.
    title, license, citation, url : str
        For the report; `url` is where the file is published.
    hashes : dict[str, str]
        Digests of the file by algorithm: md5 always, sha256 where known.
    channels : int
        1 (grey) or 3 (RGB).
    samples : dict[str, int]
        Images in train, val and test.
    classes : tuple[str, ...]
        Names in the order of the labels.
    test_per_class : tuple[int, ...], optional
        Where the protocol uses only the first test images of each class: how many.
    """

    name: str
    title: str
    license: str
    citation: str
    url: str
    hashes: dict[str, str]
    channels: int
    samples: dict[str, int]
    classes: tuple[str, ...]
    test_per_class: tuple[int, ...] | None

    @property
    def filename(self) -> str:
        """The published file's name."""
        return f"{self.name}.npz"

    @property
    def size_limit(self) -> int:
        """Bytes that the file cannot exceed: its arrays uncompressed, and room for headers."""
        pixels = 28 * 28 * self.channels
        return math.ceil(1.01 * sum(self.samples.values()) * (pixels + 8)) + (1 << 20)

    @property
    def hash_text(self) -> str:
        """The digests, for messages."""
        return ", ".join(f"{algorithm} {digest}" for algorithm, digest in self.hashes.items())


def facts(name: str) -> Facts:
    """Look a MedMNIST set up.

    Parameters
    ----------
    name : str
        Such as ``octmnist``.

    Raises
    ------
    UserError
        When there is no such set, or it is not a single-label one.
    """
    known = _published()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        raise UserError(
            f"{name!r} is not a MedMNIST set",
            expected=f"one of {', '.join(usable_names())}",
            hint=f"did you mean {close[0]!r}?" if close else "give the set's name as `name` under `datasets`",
        )
    entry = known[name]
    if entry["task"] not in _USABLE:
        raise UserError(
            f"{name} cannot be used: it {_REFUSED[entry['task']]}; the report's models predict one class",
            expected=f"a single-label set, one of {', '.join(usable_names())}",
        )
    hashes: dict[str, str] = {
        algorithm: entry[algorithm] for algorithm in ("md5", "sha256") if algorithm in entry
    }
    per_class = entry.get("test_per_class")
    return Facts(
        name=name,
        title=entry["title"],
        license=entry["license"],
        citation=f"{CITATION}; images from {entry['origin']}",
        url=entry["url"],
        hashes=hashes,
        channels=entry["channels"],
        samples=entry["samples"],
        classes=tuple(entry["classes"]),
        test_per_class=tuple(per_class) if per_class else None,
    )


def usable_names() -> list[str]:
    """Names of the single-label sets, in the order of the publication."""
    return [name for name, entry in _published().items() if entry["task"] in _USABLE]


@cache
def _published() -> dict[str, dict[str, Any]]:
    text = resources.files(__package__).joinpath("medmnist.yaml").read_text(encoding="utf-8")
    sets: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return sets
