"""Replicates: the seeds, the files, and that each is the very run from its seed."""

from __future__ import annotations

import csv
import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from octrepro.compute.settings import Compute
from octrepro.config import Experiment, Feedforward, LogisticRegression, Perceptron
from octrepro.core import UserError, paths
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord, load_records, load_replicates
from octrepro.evaluation.evaluate import evaluate
from octrepro.replication.replicate import COLUMNS, replicate
from octrepro.replication.seeds import replicate_seeds
from octrepro.replication.training import CODE, Training, train_and_evaluate
from octrepro.training.train import train
from tests.compute.cluster import cluster

HERE = Compute()
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
DIVERGING = Feedforward(**{**NETWORK.model_dump(), "learning_rate": 1e30})


def replicates(
    experiment: Experiment, seeds: list[int], settings: Compute = HERE, run: str = "some_run"
) -> dict[int, RunRecord]:
    replicate(("noise", run), experiment, seeds, "portable", settings, "replicate")
    return load_replicates("noise", run)


def table(run: str = "some_run") -> list[dict[str, str]]:
    return list(csv.DictReader(paths.replicates_table("noise", run).read_text().splitlines()))


def files(run: str) -> dict[str, bytes]:
    written = [*paths.replicates("noise", run).iterdir(), paths.replicates_table("noise", run)]
    return {path.name: path.read_bytes() for path in written}


def test_seeds_are_distinct_and_nested() -> None:
    seeds = replicate_seeds(42, 1000)
    assert len(set(seeds)) == 1000
    assert 42 not in seeds
    assert replicate_seeds(42, 30) == seeds[:30]
    assert not set(replicate_seeds(43, 1000)) & set(seeds)
    assert replicate_seeds(42, 0) == []


def test_seeds_are_those_documented() -> None:
    assert replicate_seeds(42, 3) == [3444837047, 2669555309, 2046530742]


def test_skips_the_runs_own_seed() -> None:
    words = np.random.SeedSequence(5).generate_state(2, np.uint32).tolist()
    assert replicate_seeds(5, 1) == words[:1]
    assert words[0] not in replicate_seeds(words[0], 50)


@pytest.mark.parametrize("experiment", [NETWORK, PERCEPTRON])
def test_each_replicate_is_the_run_from_its_seed(project: Path, experiment: Experiment) -> None:
    replicates(experiment, [8, 7])
    data, found = Prepared.load("noise"), load_replicates("noise", "some_run")
    assert list(found) == [7, 8]
    for seed, record in found.items():
        alone = evaluate(data, experiment, train(data, experiment, seed), ("noise", "some_run"), "portable")
        assert record.to_bytes() == alone.to_bytes()


def test_the_table_has_a_row_for_each_seed(project: Path) -> None:
    found = replicates(NETWORK, [7, 8])
    assert list(table()[0]) == list(COLUMNS)
    assert [row["seed"] for row in table()] == ["7", "8"]
    for row, record in zip(table(), found.values(), strict=True):
        assert float(row["test_accuracy"]) == record.metrics["test_accuracy"]
        assert float(row["val_loss"]) == record.history["val_loss"][-1]
        assert row["diverged"] == "False"


def test_what_is_not_recorded_is_empty(project: Path) -> None:
    replicates(PERCEPTRON, [7])
    (row,) = table()
    assert row["train_loss"] == ""
    assert row["train_accuracy"] != ""


def test_no_seeds_are_an_empty_table(project: Path) -> None:
    replicates(NETWORK, [])
    assert paths.replicates_table("noise", "some_run").read_text() == ",".join(COLUMNS) + "\n"
    assert load_replicates("noise", "some_run") == {}


def test_a_diverged_seed_is_recorded(project: Path) -> None:
    record = replicates(DIVERGING, [7])[7]
    assert table()[0]["diverged"] == "True"
    assert record.metrics["diverged_epoch"] == 1
    assert np.isnan(record.over_seeds("val_loss")[0, 1:]).all()


def test_records_bring_their_replicates_where_asked(project: Path) -> None:
    data = Prepared.load("noise")
    record = evaluate(data, NETWORK, train(data, NETWORK, 42), ("noise", "some_run"), "portable")
    record.save(paths.record("noise", "some_run"))
    replicates(NETWORK, [7])
    assert not load_records("noise", ["some_run"])["some_run"].replicates
    (found,) = load_records("noise", ["some_run"], replicated=["some_run"]).values()
    assert list(found.replicates) == [7]
    # The run's own file knows nothing of them.
    assert found.to_bytes() == RunRecord.load(paths.record("noise", "some_run")).to_bytes()


def test_a_folder_that_is_not_there_is_reported(project: Path) -> None:
    with pytest.raises(UserError, match="results/noise/replicates/some_run"):
        load_replicates("noise", "some_run")


@pytest.mark.slow
@pytest.mark.xdist_group("dask")
@pytest.mark.parametrize("where", ["processes", "cluster"])
def test_where_it_runs_changes_no_byte(project: Path, where: str) -> None:
    seeds = replicate_seeds(42, 2)
    replicates(NETWORK, seeds)
    alone = files("some_run")
    (project / "build").rename(project / "build-before")
    if where == "processes":
        replicates(NETWORK, seeds, Compute(jobs=2))
    else:
        with cluster(project) as found:
            found.add_worker("--nthreads", "2")
            replicates(NETWORK, seeds, Compute(scheduler=found.address))
    assert len(kept(project)) == 2
    assert files("some_run") == alone


def kept(project: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (project / "build/tasks").iterdir()}


def test_more_seeds_train_the_further_ones_alone(project: Path) -> None:
    replicates(LOGISTIC, replicate_seeds(42, 2))
    before = kept(project)
    replicates(LOGISTIC, replicate_seeds(42, 3), run="other_name")
    assert len(before) == 2
    assert len(kept(project)) == 3
    assert before.items() <= kept(project).items()


def test_goes_on_where_it_was_stopped(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a kill: the second training breaks off, and no output is there."""

    def interrupted(folder: Path, order: tuple[Training, str]) -> bytes:
        if order[0].seed == 8:
            raise KeyboardInterrupt
        return train_and_evaluate(folder, order)

    with monkeypatch.context() as patch:
        patch.setattr("octrepro.replication.training.train_and_evaluate", interrupted)
        with pytest.raises(KeyboardInterrupt):
            replicates(LOGISTIC, [7, 8, 9])
    assert not paths.replicates("noise", "some_run").exists()
    before = kept(project)
    assert len(before) == 1
    replicates(LOGISTIC, [7, 8, 9])
    assert before.items() <= kept(project).items()
    assert len(table()) == 3


def test_a_damaged_result_is_trained_again(project: Path) -> None:
    replicates(LOGISTIC, [7])
    whole = files("some_run")
    (path,) = kept(project)
    path.write_bytes(path.read_bytes()[:-3])
    replicates(LOGISTIC, [7])
    assert files("some_run") == whole


def test_other_data_parameters_or_seeds_are_other_work(project: Path) -> None:
    base = Training("a", LOGISTIC, 7, "portable")
    same = dataclasses.replace(base, label="b")
    others = [
        base.key("other data"),
        dataclasses.replace(base, seed=8).key("data"),
        dataclasses.replace(base, numerics="native").key("data"),
        dataclasses.replace(base, experiment=LOGISTIC.model_copy(update={"epochs": 3})).key("data"),
    ]
    assert same.key("data") == base.key("data")
    assert len({base.key("data"), *others}) == 5


def test_other_code_on_a_worker_is_reported(project: Path) -> None:
    with pytest.raises(UserError, match="the worker's code or libraries differ") as caught:
        train_and_evaluate(paths.prepared("noise"), (Training("a", LOGISTIC, 7, "portable"), "numpy 1.0"))
    assert "expected: numpy 1.0" in str(caught.value)


def test_fingerprint_covers_training_code(project: Path) -> None:
    script = """
import sys
from pathlib import Path
from octrepro.config import Perceptron, Feedforward
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
