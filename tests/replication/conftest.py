"""A prepared data set of a few noisy images, in a project folder of the test's own."""

from pathlib import Path

import pytest

from octrepro.core import paths
from tests.oracles.data import random_data, write_prepared


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_prepared(random_data(60, 12, 3), paths.prepared("noise"))
    return tmp_path
