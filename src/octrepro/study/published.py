"""What others reached on OCTMNIST, on its whole test set of 1,000 images at 28 x 28 pixels."""

from typing import NamedTuple

SOURCE = "Doerrich et al. 2025"


class Published(NamedTuple):
    """One result as printed."""

    model: str
    accuracy: str  # a share of the test images; where the source gives several seeds, their mean
    accuracy_sd: str | None  # standard deviation over seeds


# The table of OCTMNIST in BENCHMARK.md of sdoerrich97/rethinking-model-prototyping-MedMNISTPlus, whose
# percentages are written as shares here.
PUBLISHED = (
    Published("VGG16", "0.7750", "0.0286"),
    Published("DenseNet-121", "0.7287", "0.0217"),
    Published("ResNet-18", "0.6907", "0.0083"),
    Published("AlexNet", "0.6640", "0.0113"),
    Published("k nearest neighbors, best features", "0.4920", None),
)
