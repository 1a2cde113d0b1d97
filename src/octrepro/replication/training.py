"""Trainings that run anywhere, each with its evaluation; what has ended is kept."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import octrepro
from octrepro.compute.run import run
from octrepro.config.experiments import Experiment
from octrepro.core import UserError, paths
from octrepro.core.files import digest_of, write_bytes
from octrepro.core.numerics import Mode
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord

# Deleting it costs time and nothing else.
KEPT = Path("build/tasks")
# Their versions may change the bits of a result; so may the code that a training passes through.
LIBRARIES = ("numpy", "numba", "torch")
CODE = ("arithmetic", "config", "core", "evaluation", "models", "replication", "training")


@dataclass(frozen=True)
class Training:
    """A training; `label` is how a person calls it, and decides nothing."""

    label: str
    experiment: Experiment
    seed: int
    numerics: Mode

    def key(self, data: str) -> str:
        """The digest of all that decides the result, given the digest of the data."""
        content = [self.experiment.model_dump(), self.seed, self.numerics, data, code_fingerprint()]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def train_all(dataset: str, trainings: Sequence[Training], what: str) -> list[RunRecord]:
    """Do the trainings that have not been done yet.

    They have distinct labels, and all the numerics that this process was configured for; `what` is the stage,
    for progress. Returns their records in order, without names of data set and run: the same bytes wherever
    they ran. Raises `UserError` when trainings failed: each is named, and the others have been done.
    """
    if not trainings:  # as for every run of a data set without further seeds: its data need not be read
        return []
    folder = paths.prepared(dataset).absolute()
    data = digest_of(folder.iterdir(), folder)
    places = {training.label: KEPT / training.key(data) for training in trainings}
    missing = {each.label: (each, code_fingerprint()) for each in trainings if not _kept(places[each.label])}
    if missing:
        for label, result in run(train_and_evaluate, missing, folder, trainings[0].numerics, what):
            write_bytes(places[label], result)
    return [RunRecord.load(place) for place in places.values()]


def train_and_evaluate(folder: Path, order: tuple[Training, str]) -> bytes:
    """Train on the prepared data in `folder`; the record of the run as the bytes of its file.

    Raises `UserError` when the code or the libraries here are not those that the order was given with.
    """
    from octrepro.evaluation.evaluate import evaluate
    from octrepro.training.train import train

    training, expected = order
    if code_fingerprint() != expected:
        raise UserError(
            f"the worker's code or libraries differ: {code_fingerprint()}",
            expected=expected,
            hint="install the same commit of octrepro and the same requirements.lock on the workers",
        )
    data = Prepared.open(folder)
    trained = train(data, training.experiment, training.seed, training.numerics)
    # Without names, which would tell apart what is the same work.
    return evaluate(data, training.experiment, trained, training.numerics).to_bytes()


@cache
def code_fingerprint() -> str:
    """Versions of the libraries and a digest of the code: where they are equal, so are the results."""
    # A build's own label, as in 2.13.0+cpu, is left out: the same version, built for another machine.
    versions = [f"{name} {metadata.version(name).partition('+')[0]}" for name in LIBRARIES]
    root = Path(octrepro.__path__[0])
    code = digest_of((path for folder in CODE for path in (root / folder).rglob("*.py")), root)
    return ", ".join([*versions, f"octrepro {code[:16]}"])


def _kept(place: Path) -> bool:
    """Whether a result was kept there, undamaged."""
    try:
        RunRecord.load(place)
    except UserError:
        return False
    return True
