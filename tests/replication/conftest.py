"""A prepared data set of a few noisy images, in a project folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from octrepro.core import paths
from octrepro.core.files import write_json
from octrepro.core.prepared import Prepared
from tests.oracles.data import random_data


def write_prepared(data: Prepared, folder: Path) -> None:
    folder.mkdir(parents=True)
    for split in ("train", "val", "test"):
        np.save(folder / f"{split}_images.npy", getattr(data, f"{split}_images"))
        np.save(folder / f"{split}_labels.npy", getattr(data, f"{split}_labels"))
    np.save(folder / "test_indices.npy", data.test_indices)
    write_json(folder / "summary.json", data.summary)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_prepared(random_data(60, 12, 3), paths.prepared("noise"))
    return tmp_path
