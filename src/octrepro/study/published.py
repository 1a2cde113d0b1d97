"""What others reached on OCTMNIST, on its whole test set of 1,000 images at 28 x 28 pixels."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "Doerrich et al. 2025"


@dataclass(frozen=True)
class Published:
    """One result as printed.

    Attributes
    ----------
    model
        As its source calls it.
    accuracy
        A share of the test images, where the source gives several seeds their mean.
    accuracy_sd
        Standard deviation over seeds; None where there is one.
    """

    model: str
    accuracy: str
    accuracy_sd: str | None


# The table of OCTMNIST in BENCHMARK.md of sdoerrich97/rethinking-model-prototyping-MedMNISTPlus, whose
# percentages are written as shares here.
PUBLISHED = (
    Published("VGG16", "0.7750", "0.0286"),
    Published("DenseNet-121", "0.7287", "0.0217"),
    Published("ResNet-18", "0.6907", "0.0083"),
    Published("AlexNet", "0.6640", "0.0113"),
    Published("k nearest neighbors, best features", "0.4920", None),
)
