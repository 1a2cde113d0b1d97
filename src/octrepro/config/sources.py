"""`datasets` of params.yaml: where images come from and what is said of them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from octrepro.config.fields import (
    FilePath,
    ImageCount,
    Lines,
    Name,
    Replicates,
    Seed,
    Sha256,
    Strict,
    Text,
    unique,
)


class _Set(Strict):
    """What any data set may say: its name in the report, test images of each class, further training seeds.

    `replicates` takes the place of the global number for this data set.
    """

    title: Text | None = None
    test_per_class: Annotated[list[ImageCount], Field(strict=True, max_length=1000)] | None = None
    replicates: Replicates | None = None


class Phantom(_Set):
    """The embedded synthetic data set.

    `seed` draws the images and is apart from the training seed, so that either changes alone.
    """

    source: Literal["phantom"]
    seed: Seed = 42
    train: ImageCount = 6000
    val: ImageCount = 700
    test: ImageCount = 1000


class Medmnist(_Set):
    """A data set of the MedMNIST v2 collection, downloaded and verified."""

    source: Literal["medmnist"]
    name: Name | None = None


class File(_Set):
    """An .npz file in MedMNIST's format."""

    source: Literal["file"]
    path: FilePath
    sha256: Sha256 | None = None
    classes: Annotated[list[Text], Field(strict=True, max_length=1000), AfterValidator(unique)] | None = None
    license: Lines | None = None
    citation: Lines | None = None
    description: Lines | None = None


Dataset = Annotated[Phantom | Medmnist | File, Field(discriminator="source")]
