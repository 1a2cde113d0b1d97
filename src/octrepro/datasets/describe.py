"""What is known of a data set beyond its arrays, from params.yaml and the registry."""

from __future__ import annotations

from octrepro.config import Dataset, File, Medmnist, Phantom
from octrepro.datasets.prepare import Description
from octrepro.datasets.registry import facts

SYNTHETIC_NOTE = (
    "Synthetic images, drawn by a program from a seed. They show no patient, and nothing measured on them "
    "says anything about patients. About one scan in seven does not show what its label says, on "
    "purpose: real labels are disputed too."
)
_TOTAL_FOR_RULE = 1000
"""OCTMNIST's test set, 250 images of each class: the size from which its protocol's rule can be applied."""


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
    if isinstance(settings, Phantom):
        return _phantom(settings)
    if isinstance(settings, Medmnist):
        return _published(dataset, settings)
    return _file(dataset, settings)


def _phantom(settings: Phantom) -> Description:
    octmnist = facts("octmnist")
    rule = octmnist.test_per_class if settings.test >= _TOTAL_FOR_RULE else None
    return Description(
        title=settings.title or "Phantom (synthetic retinal OCT)",
        source="phantom",
        synthetic=True,
        classes=octmnist.classes,
        test_per_class=settings.test_per_class if _says_test_rule(settings) else rule,
        note=SYNTHETIC_NOTE,
    )


def _published(dataset: str, settings: Medmnist) -> Description:
    published = facts(settings.name or dataset)
    return Description(
        title=settings.title or published.title,
        source="medmnist",
        classes=published.classes,
        test_per_class=settings.test_per_class if _says_test_rule(settings) else published.test_per_class,
        license=published.license,
        citation=published.citation,
        url=published.url,
    )


def _file(dataset: str, settings: File) -> Description:
    return Description(
        title=settings.title or dataset,
        source="file",
        classes=settings.classes,
        test_per_class=settings.test_per_class,
        license=settings.license or "",
        citation=settings.citation or "",
        note=settings.description or "",
    )


def _says_test_rule(settings: Phantom | Medmnist) -> bool:
    return "test_per_class" in settings.model_fields_set
