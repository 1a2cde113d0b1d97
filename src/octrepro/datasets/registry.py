"""What is known of a data set beyond its arrays: the facts of MedMNIST v2, and the words of params.yaml."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import yaml

from octrepro.config.sources import Dataset, File, Phantom
from octrepro.core import UserError

CITATION = (
    "J. Yang et al., MedMNIST v2: A large-scale lightweight benchmark for 2D and 3D biomedical image "
    "classification, Scientific Data 10, 41 (2023)"
)
SYNTHETIC_NOTE = (
    "Synthetic images, drawn by a program from a seed. They show no patient, and nothing measured on them "
    "says anything about patients. About one scan in seven does not show what its label says, on "
    "purpose: real labels are disputed too."
)
_TOTAL_FOR_RULE = 1000
"""OCTMNIST's test set, 250 images of each class: the size from which its protocol's rule can be applied."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """What summary.json says of a data set beyond its arrays, empty where unknown.

    `classes` are in the order of the labels; without names they go by their numbers. Of each class only the
    first test images are used, as many as `test_per_class` says; all where it is None.
    """

    title: str
    classes: Sequence[str] | None
    test_per_class: Sequence[int] | None = None
    license: str = ""
    citation: str = ""
    url: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Published(Description):
    """A MedMNIST set as its authors publish it, at `url` as ``<name>.npz``; pooch reads its `hash`."""

    name: str
    hash: str


@cache
def medmnist() -> dict[str, Published]:
    """The sets that can be used, by name: those with one label, a class, for each image."""
    text = resources.files(__package__).joinpath("medmnist.yaml").read_text(encoding="utf-8")
    known: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return {
        name: Published(name=name, citation=f"{CITATION}; images from {facts.pop('origin')}", **facts)
        for name, facts in known.items()
    }


def published(name: str) -> Published:
    """Look a MedMNIST set up; raises `UserError` when there is none of that name that can be used."""
    if name not in medmnist():
        raise UserError(
            f"{name!r} is not a MedMNIST set with one label for each image",
            expected=f"one of {', '.join(medmnist())}, as `name` under `datasets`",
        )
    return medmnist()[name]


def describe(dataset: str, settings: Dataset) -> Description:
    """Gather what is said of a data set; raises `UserError` for a MedMNIST set that cannot be used.

    Where params.yaml does not mention `test_per_class`, OCTMNIST and a phantom of its test size follow the
    protocol's rule; ``test_per_class: null`` asks for the whole test set.
    """
    rule: Sequence[int] | None = settings.test_per_class
    if isinstance(settings, File):
        return Description(
            title=dataset,
            classes=settings.classes,
            test_per_class=rule,
            license=settings.license or "",
            citation=settings.citation or "",
            note=settings.description or "",
        )
    known = published("octmnist" if isinstance(settings, Phantom) else settings.name or dataset)
    too_small = isinstance(settings, Phantom) and settings.test < _TOTAL_FOR_RULE
    if "test_per_class" not in settings.model_fields_set and not too_small:
        rule = known.test_per_class
    if isinstance(settings, Phantom):
        title = "Phantom (synthetic retinal OCT)"
        return Description(title=title, classes=known.classes, test_per_class=rule, note=SYNTHETIC_NOTE)
    return replace(known, test_per_class=rule)
