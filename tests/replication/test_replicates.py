"""Replicates: the files, and that each is the very run from its seed."""

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from octrepro.compute.run import JOBS, SCHEDULER
from octrepro.config.experiments import Experiment, Feedforward, LogisticRegression, Perceptron
from octrepro.core import UserError, paths
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord, load_replicates
from octrepro.evaluation.evaluate import evaluate
from octrepro.replication.replicate import replicate
from octrepro.replication.training import CODE, Training, train_and_evaluate
from octrepro.training.train import train
from tests.compute.cluster import cluster

NETWORK = Feedforward(
    model="feedforward",
    epochs=3,
    learning_rate=0.1,
    batch_size=8,
    hidden_size=5,
    hidden_layers=2,
    dropout=0.2,
)
PERCEPTRON = Perceptron(model="perceptron", epochs=2)
LOGISTIC = LogisticRegression(model="logistic_regression", epochs=2, learning_rate=0.1)
DIVERGING = NETWORK.model_copy(update={"learning_rate": 1e30})
RUN = ("noise", "some_run")


def replicates(experiment: Experiment, seeds: list[int], run: str = "some_run") -> dict[int, RunRecord]:
    replicate(("noise", run), experiment, seeds, "portable", "replicate")
    return load_replicates("noise", run)


def alone(experiment: Experiment, seed: int) -> RunRecord:
    """The run from a seed, as the pipeline's other stages make it."""
    data = Prepared.load("noise")
    record = evaluate(data, experiment, train(data, experiment, seed), "portable")
    return replace(record, dataset=RUN[0], run=RUN[1])


def table() -> list[dict[str, str]]:
    return list(csv.DictReader(paths.replicates_table(*RUN).read_text().splitlines()))


def files() -> dict[str, bytes]:
    written = [*paths.replicates(*RUN).iterdir(), paths.replicates_table(*RUN)]
    return {path.name: path.read_bytes() for path in written}


def kept() -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in Path("build/tasks").iterdir()}


@pytest.mark.parametrize(
    "experiment", [NETWORK, PERCEPTRON, DIVERGING], ids=["network", "perceptron", "diverging"]
)
def test_each_replicate_is_the_run_from_its_seed_and_a_row_of_the_table(
    project: Path, experiment: Experiment
) -> None:
    found = replicates(experiment, [8, 7])
    assert list(found) == [7, 8]
    rows = {int(row["seed"]): row for row in table()}
    assert list(rows) == [8, 7]
    for seed, record in found.items():
        assert record.to_bytes() == alone(experiment, seed).to_bytes()
        row = rows[seed]
        assert float(row["test_accuracy"]) == record.metrics["test_accuracy"]
        assert row["diverged"] == str(experiment is DIVERGING)
        # A cell is empty where the protocol records nothing.
        assert (row["train_loss"] == "") == (experiment is not NETWORK)
        if experiment is NETWORK:
            assert float(row["train_loss"]) == record.history["train_loss"][-1]


@pytest.mark.slow
@pytest.mark.xdist_group("dask")
def test_where_it_runs_changes_no_byte(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replicates(NETWORK, [7, 8])
    here = files()
    with cluster(project) as found:
        found.add_worker("--nthreads", "2")
        for variable, value in ((JOBS, "2"), (SCHEDULER, found.address)):
            Path("build").rename(f"build-before-{variable}")
            monkeypatch.setenv(variable, value)
            replicates(NETWORK, [7, 8])
            assert len(kept()) == 2
            assert files() == here


def test_goes_on_where_it_was_stopped(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a kill: the second training breaks off, and no output is there. Then with more seeds."""

    def interrupted(folder: Path, order: tuple[Training, str]) -> bytes:
        if order[0].seed == 8:
            raise KeyboardInterrupt
        return train_and_evaluate(folder, order)

    with monkeypatch.context() as patch:
        patch.setattr("octrepro.replication.training.train_and_evaluate", interrupted)
        with pytest.raises(KeyboardInterrupt):
            replicates(LOGISTIC, [7, 8, 9])
    with pytest.raises(UserError, match="results/noise/replicates/some_run"):
        load_replicates(*RUN)
    before = kept()
    assert len(before) == 1
    replicates(LOGISTIC, [7, 8, 9], run="other_name")
    assert len(kept()) == 3
    replicates(LOGISTIC, [7, 8, 9, 10])
    assert len(kept()) == 4
    assert before.items() <= kept().items()
    assert len(table()) == 4


def test_a_damaged_result_is_trained_again(project: Path) -> None:
    replicates(LOGISTIC, [7])
    whole = files()
    (path,) = kept()
    content = path.read_bytes()
    middle = len(content) // 2
    flipped = bytes([content[middle] ^ 1])
    for damaged in (content[:-3], content[:middle] + flipped + content[middle + 1 :], b""):
        path.write_bytes(damaged)
        replicates(LOGISTIC, [7])
        assert files() == whole
        assert path.read_bytes() == content


def test_other_data_parameters_or_seeds_are_other_work() -> None:
    base = Training("a", LOGISTIC, 7, "portable")
    others = [
        base,
        replace(base, seed=8),
        replace(base, numerics="native"),
        replace(base, experiment=LOGISTIC.model_copy(update={"epochs": 3})),
    ]
    assert replace(base, label="b").key("data") == base.key("data")
    assert len({base.key("other data"), *(other.key("data") for other in others)}) == 5


def test_other_code_on_a_worker_is_reported(project: Path) -> None:
    with pytest.raises(UserError, match="the worker's code or libraries differ") as caught:
        train_and_evaluate(paths.prepared("noise"), (Training("a", LOGISTIC, 7, "portable"), "numpy 1.0"))
    assert "expected: numpy 1.0" in str(caught.value)


def test_fingerprint_covers_training_code(project: Path) -> None:
    script = """
import sys
from pathlib import Path
from octrepro.config.experiments import Feedforward, Perceptron
from octrepro.replication.training import Training, code_fingerprint, train_and_evaluate
for experiment in (Perceptron(model="perceptron", epochs=1), Feedforward(model="feedforward", epochs=1,
        learning_rate=0.1, batch_size=8, hidden_size=5, hidden_layers=1, optimizer="adam", dropout=0.1)):
    order = Training("a", experiment, 7, "portable"), code_fingerprint()
    train_and_evaluate(Path("data/prepared/noise"), order)
print(*{name.split(".")[1] for name in sys.modules if name.startswith("octrepro.")})
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    # `compute` says where the work runs, and changes no result.
    assert set(done.stdout.split()) - {"compute"} <= set(CODE)
