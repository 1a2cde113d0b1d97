"""`datasets` of params.yaml: where images come from and what is said of them."""

from typing import Annotated, Literal

from pydantic import Field

from octrepro.config import fields


class _Set(fields.Strict):
    """What any data set may say: its name in the report, test images of each class, further training seeds.

    `replicates` takes the place of the global number for this data set.
    """

    title: fields.Text | None = None
    test_per_class: list[fields.ImageCount] | None = None
    replicates: fields.Replicates | None = None


class Phantom(_Set):
    """The embedded synthetic data set.

    `seed` draws the images and is apart from the training seed, so that either changes alone.
    """

    source: Literal["phantom"]
    seed: fields.Seed = 42
    train: fields.ImageCount = 6000
    val: fields.ImageCount = 700
    test: fields.ImageCount = 1000


class Medmnist(_Set):
    """A data set of the MedMNIST v2 collection, downloaded and verified."""

    source: Literal["medmnist"]
    name: fields.Name | None = None


class File(_Set):
    """An .npz file in MedMNIST's format."""

    source: Literal["file"]
    path: fields.FilePath
    sha256: fields.Sha256 | None = None
    classes: fields.Classes | None = None
    license: fields.Lines | None = None
    citation: fields.Lines | None = None
    description: fields.Lines | None = None


Dataset = Annotated[Phantom | Medmnist | File, Field(discriminator="source")]
