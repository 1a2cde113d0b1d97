"""Replicates: the seeds, the files, and that each is the very run from its seed."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from octrepro.compute.settings import Compute
from octrepro.config import Experiment, Feedforward, LogisticRegression, Perceptron
from octrepro.core import paths
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord, load_records
from octrepro.core.replicates import Replicates
from octrepro.evaluation.evaluate import evaluate
from octrepro.replication.replicate import COLUMNS, train_replicates, write_replicates
from octrepro.replication.seeds import replicate_seeds
from octrepro.training.train import train
from tests.compute.cluster import cluster

HERE = Compute(backend="loky", jobs=1)
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
DIVERGING = Feedforward(**{**NETWORK.model_dump(), "learning_rate": 1e30})


def replicates(
    experiment: Experiment, seeds: list[int], settings: Compute = HERE, run: str = "some_run"
) -> Replicates:
    return train_replicates(("noise", run), experiment, seeds, "portable", settings, "replicate")


def files(run: str) -> list[bytes]:
    return [path("noise", run).read_bytes() for path in (paths.replicates, paths.replicates_table)]


def test_seeds_are_distinct_and_more_of_them_begin_with_the_same() -> None:
    seeds = replicate_seeds(42, 1000)
    assert len(set(seeds)) == 1000
    assert 42 not in seeds
    assert replicate_seeds(42, 30) == seeds[:30]
    assert not set(replicate_seeds(43, 1000)) & set(seeds)
    assert replicate_seeds(42, 0) == []


def test_seeds_are_those_documented() -> None:
    assert replicate_seeds(42, 3) == [3444837047, 2669555309, 2046530742]


def test_a_seed_equal_to_the_first_word_is_passed_over() -> None:
    words = np.random.SeedSequence(5).generate_state(2, np.uint32).tolist()
    assert replicate_seeds(5, 1) == words[:1]
    assert words[0] not in replicate_seeds(words[0], 50)


@pytest.mark.parametrize("experiment", [NETWORK, PERCEPTRON])
def test_each_replicate_is_the_run_from_its_seed(project: Path, experiment: Experiment) -> None:
    found = replicates(experiment, [7, 8])
    data = Prepared.load("noise")
    for position, seed in enumerate((7, 8)):
        trained = train(data, experiment, seed)
        alone = evaluate(data, experiment, trained, ("noise", "some_run"), "portable")
        again = found.records(alone)[position]
        assert again.metrics == alone.metrics
        for name, column in alone.history.items():
            assert np.array_equal(again.history[name], column, equal_nan=True)
        assert np.array_equal(again.val_predictions, alone.val_predictions)
        assert np.array_equal(again.test_predictions, alone.test_predictions)


def test_the_table_has_a_row_for_each_seed(project: Path) -> None:
    found = replicates(NETWORK, [7, 8])
    write_replicates(found)
    rows = list(csv.DictReader(paths.replicates_table("noise", "some_run").read_text().splitlines()))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["seed"] for row in rows] == ["7", "8"]
    for row, metrics in zip(rows, found.metrics, strict=True):
        assert float(row["test_accuracy"]) == metrics["test_accuracy"]
        assert row["diverged"] == "false"
    assert [float(row["val_loss"]) for row in rows] == found.history["val_loss"][:, -1].tolist()


def test_what_is_not_recorded_is_empty(project: Path) -> None:
    write_replicates(replicates(PERCEPTRON, [7]))
    (row,) = csv.DictReader(paths.replicates_table("noise", "some_run").read_text().splitlines())
    assert row["train_loss"] == ""
    assert row["train_accuracy"] != ""


def test_no_seeds_are_an_empty_table(project: Path) -> None:
    write_replicates(replicates(NETWORK, []))
    assert paths.replicates_table("noise", "some_run").read_text() == ",".join(COLUMNS) + "\n"
    assert len(Replicates.load(paths.replicates("noise", "some_run"))) == 0


def test_a_diverged_seed_is_recorded(project: Path) -> None:
    found = replicates(DIVERGING, [7])
    write_replicates(found)
    (row,) = csv.DictReader(paths.replicates_table("noise", "some_run").read_text().splitlines())
    assert row["diverged"] == "true"
    assert found.metrics[0]["diverged_epoch"] == 1
    assert np.isnan(found.history["val_loss"][0, 1:]).all()


def test_the_record_reads_back(project: Path) -> None:
    found = replicates(NETWORK, [7, 8])
    write_replicates(found)
    again = Replicates.load(paths.replicates("noise", "some_run"))
    assert again.experiment == found.experiment
    assert again.metrics == found.metrics
    assert np.array_equal(again.seeds, found.seeds)
    assert np.array_equal(again.test_predictions, found.test_predictions)
    assert again.history.keys() == found.history.keys()


def test_records_bring_their_replicates_where_asked(project: Path) -> None:
    data = Prepared.load("noise")
    record = evaluate(data, NETWORK, train(data, NETWORK, 42), ("noise", "some_run"), "portable")
    record.save(paths.record("noise", "some_run"))
    write_replicates(replicates(NETWORK, [7]))
    assert load_records("noise", ["some_run"])["some_run"].replicates is None
    (found,) = load_records("noise", ["some_run"], replicated=["some_run"]).values()
    assert found.replicates is not None
    assert found.replicates.seeds.tolist() == [7]
    # The run's own file knows nothing of them.
    assert found.to_bytes() == RunRecord.load(paths.record("noise", "some_run")).to_bytes()


def test_any_number_of_processes_gives_the_same_bytes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = replicate_seeds(42, 4)
    write_replicates(replicates(NETWORK, seeds))
    alone = files("some_run")
    (project / "build").rename(project / "build-before")
    write_replicates(replicates(NETWORK, seeds, Compute(backend="loky", jobs=2)))
    assert files("some_run") == alone


def test_more_seeds_train_the_further_ones_alone(project: Path) -> None:
    experiment = LogisticRegression(model="logistic_regression", epochs=2, learning_rate=0.1)
    replicates(experiment, replicate_seeds(42, 2))
    kept = {path: path.stat().st_mtime_ns for path in (project / "build/tasks").glob("*/*")}
    replicates(experiment, replicate_seeds(42, 3), run="other_name")
    after = {path: path.stat().st_mtime_ns for path in (project / "build/tasks").glob("*/*")}
    assert len(kept) == 2
    assert len(after) == 3
    assert kept.items() <= after.items()


@pytest.mark.slow
@pytest.mark.xdist_group("dask")
def test_dask_gives_the_same_bytes(project: Path) -> None:
    seeds = replicate_seeds(42, 3)
    write_replicates(replicates(NETWORK, seeds))
    alone = files("some_run")
    (project / "build").rename(project / "build-before")
    with cluster(project) as found:
        found.add_worker("--nthreads", "2")
        write_replicates(replicates(NETWORK, seeds, Compute(scheduler=found.address)))
    assert files("some_run") == alone
