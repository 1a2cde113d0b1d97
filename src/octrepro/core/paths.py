"""Where every output lies, relative to the project's root."""

from collections.abc import Callable
from pathlib import Path


def _of_dataset(template: str) -> Callable[[str], Path]:
    return lambda dataset: Path(template.format(dataset=dataset))


def _of_run(template: str) -> Callable[[str, str], Path]:
    return lambda dataset, name: Path(template.format(dataset=dataset, name=name))


raw = _of_dataset("data/raw/{dataset}.npz")
prepared = _of_dataset("data/prepared/{dataset}")  # arrays that can be memory-mapped
seeds = _of_dataset("runs/{dataset}/seeds.json")  # of the runs, and of their replicates
results = _of_dataset("runs/{dataset}/results.json")  # results table, comparisons, audit of reference numbers
claims = _of_dataset("runs/{dataset}/claims.json")
typeset = _of_dataset("runs/{dataset}/typeset.json")  # what the report's PDF was typeset with
report = _of_dataset("report/build/{dataset}")
figures = _of_dataset("report/build/{dataset}/figures")

history = _of_run("runs/{dataset}/{name}/history.csv")
weights = _of_run("runs/{dataset}/{name}/weights.safetensors")
metrics = _of_run("runs/{dataset}/{name}/metrics.json")
replicates_table = _of_run("runs/{dataset}/{name}/replicates.csv")  # final figures of a run's further seeds
sweep_table = _of_run("runs/{dataset}/sweeps/{name}.csv")  # final figures of a sweep's settings

# All that claims, figures and report read of a run, of its further seeds (<seed>.npz) and of a sweep. These
# lie in a folder of their own, because DVC cannot list a stage's dependencies from a mapping: a folder lets
# a run be added in params.yaml alone.
record = _of_run("results/{dataset}/{name}.npz")
replicates = _of_run("results/{dataset}/replicates/{name}")
sweep = _of_run("results/{dataset}/sweeps/{name}.json")

# Wall time of a run: untracked, so that it never enters what is hashed.
timing = _of_run("build/timing/{dataset}/{name}.json")

verification = Path("runs/boolean/verification.json")  # verdicts on the Boolean constructions
certificate = Path("runs/boolean/Construction.v")  # Coq proofs about them
boolean_figures = Path("report/build/boolean/figures")  # those that depend on no data set
