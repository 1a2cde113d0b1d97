"""Where every output lies, relative to the project's root."""

from pathlib import Path


def raw(dataset: str) -> Path:
    return Path("data/raw") / f"{dataset}.npz"


def prepared(dataset: str) -> Path:
    """The data set as arrays that can be memory-mapped."""
    return Path("data/prepared") / dataset


def run(dataset: str, name: str) -> Path:
    return Path("runs") / dataset / name


def history(dataset: str, name: str) -> Path:
    return run(dataset, name) / "history.csv"


def weights(dataset: str, name: str) -> Path:
    return run(dataset, name) / "weights.safetensors"


def metrics(dataset: str, name: str) -> Path:
    return run(dataset, name) / "metrics.json"


def record(dataset: str, name: str) -> Path:
    """All that claims, figures and report read of a run.

    These lie in a folder of their own, because DVC cannot list a stage's dependencies from a mapping: a
    folder lets a run be added in params.yaml alone.
    """
    return records(dataset) / f"{name}.npz"


def records(dataset: str) -> Path:
    return Path("results") / dataset


def seeds(dataset: str) -> Path:
    """The seed of the runs, and those of their replicates."""
    return Path("runs") / dataset / "seeds.json"


def replicates_table(dataset: str, name: str) -> Path:
    """Final figures of a run's further seeds."""
    return run(dataset, name) / "replicates.csv"


def replicates(dataset: str, name: str) -> Path:
    """The folder of a run's records from further seeds, ``<seed>.npz``."""
    return records(dataset) / "replicates" / name


def sweep_table(dataset: str, name: str) -> Path:
    """Final figures of a sweep's settings."""
    return Path("runs") / dataset / "sweeps" / f"{name}.csv"


def sweep(dataset: str, name: str) -> Path:
    """All that figures and report read of a sweep."""
    return records(dataset) / "sweeps" / f"{name}.json"


def verification() -> Path:
    """Verdicts on the Boolean constructions."""
    return Path("runs/boolean/verification.json")


def certificate() -> Path:
    """Coq proofs about the Boolean constructions."""
    return Path("runs/boolean/Construction.v")


def claims(dataset: str) -> Path:
    return Path("runs") / dataset / "claims.json"


def results(dataset: str) -> Path:
    """The results table, the comparisons and the audit of the reference numbers."""
    return Path("runs") / dataset / "results.json"


def report(dataset: str) -> Path:
    return Path("report/build") / dataset


def typeset(dataset: str) -> Path:
    """What the report's PDF was typeset with."""
    return Path("runs") / dataset / "typeset.json"


def figures(dataset: str) -> Path:
    return report(dataset) / "figures"


def boolean_figures() -> Path:
    """The folder of the figures that depend on no data set."""
    return Path("report/build/boolean/figures")


def timing(dataset: str, name: str) -> Path:
    """Wall time of a run: untracked, so that it never enters what is hashed."""
    return Path("build/timing") / dataset / f"{name}.json"
