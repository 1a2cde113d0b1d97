"""What others reached on OCTMNIST, on its whole test set of 1,000 images at 28 x 28 pixels."""

from __future__ import annotations

from dataclasses import dataclass

MEDMNIST = "Yang et al. 2023"
MEDMNIST_PLUS = "Doerrich et al. 2025"


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
    auc
        One class versus the rest, mean over classes; None where none is printed.
    source
        One of the two above.
    """

    model: str
    accuracy: str
    accuracy_sd: str | None
    auc: str | None
    source: str


# Table 3 of the one; of the other the table of OCTMNIST in BENCHMARK.md of its repository,
# sdoerrich97/rethinking-model-prototyping-MedMNISTPlus, whose percentages are written as shares here.
PUBLISHED = (
    Published("VGG16", "0.7750", "0.0286", None, MEDMNIST_PLUS),
    Published("DenseNet-121", "0.7287", "0.0217", None, MEDMNIST_PLUS),
    Published("ResNet-18", "0.6907", "0.0083", None, MEDMNIST_PLUS),
    Published("AlexNet", "0.6640", "0.0113", None, MEDMNIST_PLUS),
    Published("k nearest neighbors, best features", "0.4920", None, None, MEDMNIST_PLUS),
    Published("Google AutoML Vision", "0.771", None, "0.963", MEDMNIST),
    Published("AutoKeras", "0.763", None, "0.955", MEDMNIST),
    Published("ResNet-50", "0.762", None, "0.952", MEDMNIST),
    Published("ResNet-18", "0.743", None, "0.943", MEDMNIST),
    Published("auto-sklearn", "0.601", None, "0.887", MEDMNIST),
)
