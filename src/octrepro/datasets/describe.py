"""What is known of a data set beyond its arrays, from params.yaml and the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from octrepro.config.sources import Dataset, Medmnist, Phantom
from octrepro.datasets.registry import published

SYNTHETIC_NOTE = (
    "Synthetic images, drawn by a program from a seed. They show no patient, and nothing measured on them "
    "says anything about patients. About one scan in seven does not show what its label says, on "
    "purpose: real labels are disputed too."
)
_TOTAL_FOR_RULE = 1000
"""OCTMNIST's test set, 250 images of each class: the size from which its protocol's rule can be applied."""


@dataclass(frozen=True)
class Description:
    """What is said of a data set beyond its arrays.

    Attributes
    ----------
    title, source, license, citation, url, note
        For the report; empty where unknown. `source` is phantom, medmnist or file.
    synthetic
        Whether the images are drawn by a program.
    classes
        Names of the classes; their numbers where it is None.
    test_per_class
        How many test images of each class the protocol uses, the first ones; all where it is None.
    """

    title: str
    source: str
    synthetic: bool = False
    classes: Sequence[str] | None = None
    test_per_class: Sequence[int] | None = None
    license: str = ""
    citation: str = ""
    url: str = ""
    note: str = ""


def describe(dataset: str, settings: Dataset) -> Description:
    """Gather what summary.json says of a data set.

    Where params.yaml does not mention `test_per_class`, OCTMNIST and a phantom of its test size follow the
    protocol's rule; ``test_per_class: null`` asks for the whole test set.

    Parameters
    ----------
    dataset : str
        Its key in params.yaml.
    settings : Dataset
        What params.yaml says of it.

    Raises
    ------
    UserError
        When it names a MedMNIST set that does not exist or cannot be used.
    """
    says_rule = "test_per_class" in settings.model_fields_set
    if isinstance(settings, Phantom):
        octmnist = published("octmnist")
        rule = octmnist.test_per_class if settings.test >= _TOTAL_FOR_RULE else None
        return Description(
            title="Phantom (synthetic retinal OCT)",
            source="phantom",
            synthetic=True,
            classes=octmnist.classes,
            test_per_class=settings.test_per_class if says_rule else rule,
            note=SYNTHETIC_NOTE,
        )
    if isinstance(settings, Medmnist):
        known = published(settings.name or dataset)
        return Description(
            title=known.title,
            source="medmnist",
            classes=known.classes,
            test_per_class=settings.test_per_class if says_rule else known.test_per_class,
            license=known.license,
            citation=known.citation,
            url=known.url,
        )
    return Description(
        title=dataset,
        source="file",
        classes=settings.classes,
        test_per_class=settings.test_per_class,
        license=settings.license or "",
        citation=settings.citation or "",
        note=settings.description or "",
    )
