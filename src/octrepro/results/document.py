"""The keys of runs/<dataset>/results.json, for those who read it.

Floats are rounded to 6 significant digits: special functions differ in their last bits between processors.
"""

from __future__ import annotations

from typing import Any, TypedDict, cast

from octrepro.core import paths
from octrepro.core.files import read_json


class Share(TypedDict):
    """An accuracy as counts of images, with its 95 % Wilson interval."""

    correct: int
    total: int
    accuracy: float
    low: float
    high: float


class Majority(Share):
    """What always answering the class most frequent among the evaluated test images gets."""

    predicted_class: int
    full_test: Share  # the same answer on the whole test set
    balanced_accuracy: float


class Measure(TypedDict):
    """A number between 0 and 1 with its 95 % interval, which is null where nothing says how it varies."""

    value: float
    low: float | None
    high: float | None


class SeedMean(TypedDict):
    """An accuracy's mean over seeds, its standard deviation and the 95 % t interval of the mean."""

    mean: float
    sd: float
    low: float
    high: float


class OverSeeds(TypedDict):
    """A run over its seeds; the accuracies are null with fewer than two seeds that did not diverge."""

    seeds: int  # that did not diverge
    diverged: int
    train: SeedMean | None
    val: SeedMean | None
    test: SeedMean | None


class LateEpochs(TypedDict):
    """Validation accuracy over the last tenth of the epochs."""

    epochs: int
    mean: float
    low: float  # the lowest and the highest of these epochs
    high: float


class ConstantClass(TypedDict):
    """The class that a run gives every image of a split; null where it gives several."""

    val: int | None
    test: int | None


class Row(TypedDict):
    """One run, in the order of params.yaml."""

    run: str
    label: str  # its name for a reader
    model: str
    experiment: dict[str, Any]  # all its parameters, defaults included
    differing: dict[str, Any]  # those that its model's defaults do not give
    variant: bool  # from `variants`, not `experiments`
    train: Share
    val: Share
    test: Share
    full_test: Share  # on the whole test set, of which `test` may be a part
    recall: list[Share | None]  # by class, on the test images; null for a class without any
    balanced_accuracy: Measure  # the mean of the recalls
    auc: Measure | None  # one class versus the rest on the whole test set, mean over classes
    class_auc: list[Measure | None]  # null where a score is not finite, or a class has no images
    over_seeds: OverSeeds | None  # null without replicates
    late_val: LateEpochs | None  # null when the run diverged
    constant_class: ConstantClass
    beats_majority: bool  # whether the test accuracy is beyond chance above always answering one class
    epochs: int
    updates: int
    multiply_adds: int
    parameters: int  # how many weights and biases
    diverged: bool
    diverged_epoch: int | None
    reported: str | None  # the source report's test accuracy, as printed
    comparable: bool  # whether ours can be set against it: the same data, parameters and test images
    reason: str | None  # why it cannot


class Comparison(TypedDict):
    """Runs that differ in one respect, those of them that there are.

    Chosen by final validation accuracy, a run that diverged below every run that did not. Of equals the first
    in the comparison's order is named and the others are among the ties. With one run `worst` and what
    follows from it are null.
    """

    id: str
    question: str
    subject: str  # what is varied, in words
    runs: list[str]
    labels: dict[str, str]  # by run: what tells it from the others
    val_correct: dict[str, int]
    val_total: int
    best: str
    best_ties: list[str]
    worst: str | None
    worst_ties: list[str]
    late_best: str  # the same by the mean over the last tenth of the epochs
    late_worst: str | None
    seeds_best: str | None  # the same by the mean over seeds, where all its runs have replicates
    seeds_worst: str | None
    difference: int | None  # in images, best less worst
    p_value: float | None  # exact McNemar test; the pair was chosen after seeing it
    best_test: Share
    reported_best: str | None  # the source report's choice
    reported_worst: str | None


class AuditRow(TypedDict):
    """One accuracy that the source report prints: is it possible at all, and do ours differ?"""

    run: str
    question: str
    reported: str
    reported_total: int
    possible: bool  # whether some count of images rounds to it
    nearest_count: int
    nearest_accuracy: str
    ours_correct: int | None
    ours_total: int | None
    comparable: bool
    reason: str | None
    difference: int | None  # in images, where comparable
    p_value: float | None  # Fisher's exact test
    beyond_chance: bool | None


class Results(TypedDict):
    """The whole file."""

    dataset: str
    reference_comparable: bool  # whether the data set is the source report's
    further_seeds: list[int]  # from which the replicated runs were trained too
    retinal: bool  # whether its images are of the source report's kind, real or synthetic
    majority: Majority
    half_width: float  # half the 95 % Wilson interval of an accuracy of one half on the test images
    best_run: str | None  # by final validation accuracy, of those that did not diverge
    rows: list[Row]
    comparisons: list[Comparison]
    audit: list[AuditRow]
    sweeps: list[dict[str, Any]]  # as the sweep stage wrote them; `test` and each setting's `val` as Share


def load_results(dataset: str) -> Results:
    """Read the results of a data set.

    Raises
    ------
    UserError
        When the file is missing or no JSON.
    """
    return cast(Results, read_json(paths.results(dataset)))
