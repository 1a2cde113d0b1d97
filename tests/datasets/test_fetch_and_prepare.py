"""From params.yaml's words to arrays: each source fetched, described and prepared."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octrepro.config import Dataset, File, Medmnist, Phantom
from octrepro.core import UserError
from octrepro.core.prepared import Prepared
from octrepro.datasets.describe import Description, describe
from octrepro.datasets.fetch import fetch
from octrepro.datasets.prepare import prepare, protocol_indices
from tests.datasets.archives import save, small_set, write_npz

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _all_the_way(dataset: str, settings: Dataset) -> Prepared:
    raw, folder = Path(f"data/raw/{dataset}.npz"), Path(f"data/prepared/{dataset}")
    fetch(dataset, settings, raw)
    prepare(dataset, raw, folder, describe(dataset, settings))
    return Prepared.load(dataset)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_phantom_follows_the_protocol() -> None:
    data = _all_the_way("phantom", Phantom(source="phantom", train=50, val=10, test=1000))
    assert data.train_images.shape == (50, 784)
    assert data.summary["synthetic"] is True
    assert "no patient" in data.summary["note"]
    assert data.summary["test_subset"] == [182, 55, 42, 250]
    assert data.summary["test_used"] == len(data.test_indices) == 529
    assert np.bincount(data.test_labels[data.test_indices]).tolist() == [182, 55, 42, 250]
    assert (np.diff(data.test_labels[data.test_indices]) >= 0).all()


def test_a_small_phantom_uses_its_whole_test_set() -> None:
    data = _all_the_way("phantom", Phantom(source="phantom", train=40, val=8, test=12))
    assert data.test_indices.tolist() == list(range(12))
    assert data.summary["test_subset"] is None


def test_the_test_rule_can_be_switched_off() -> None:
    whole = Medmnist(source="medmnist", test_per_class=None)
    assert describe("octmnist", whole).test_per_class is None
    assert describe("octmnist", Medmnist(source="medmnist")).test_per_class == [182, 55, 42, 250]
    assert describe("oct", Medmnist(source="medmnist", name="octmnist")).test_per_class == [182, 55, 42, 250]
    assert describe("bloodmnist", Medmnist(source="medmnist")).test_per_class is None


def test_summary_says_what_the_arrays_hold(tmp_path: Path) -> None:
    path = save(tmp_path / "own.npz", small_set())
    settings = File(
        source="file", path=str(path), classes=["a", "<b>", "\\c"], title="Own & mine", license="none"
    )
    summary = _all_the_way("own", settings).summary
    assert summary == {
        "dataset": "own",
        "title": "own",  # that of params.yaml is the report's alone: an edit of it retrains nothing
        "source": "file",
        "synthetic": False,
        "image_shape": [28, 28],
        "features": 784,
        "classes": ["a", "<b>", "\\c"],
        "samples": {"train": 30, "val": 9, "test": 12},
        "class_counts": {"train": [10, 10, 10], "val": [3, 3, 3], "test": [4, 4, 4]},
        "test_subset": None,
        "test_used": 12,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "license": "none",
        "citation": "",
        "url": "",
        "note": "",
    }


def test_color_is_flattened_channels_last(tmp_path: Path) -> None:
    arrays = small_set(channels=3)
    path = save(tmp_path / "own.npz", arrays)
    data = _all_the_way("own", File(source="file", path=str(path)))
    np.testing.assert_array_equal(data.val_images, arrays["val_images"].reshape(9, 2352))
    assert data.val_images[0, :3].tolist() == arrays["val_images"][0, 0, 0].tolist()
    assert data.summary["features"] == 2352
    assert "red, green, blue" in data.summary["note"]
    assert data.summary["classes"] == ["0", "1", "2"]


def test_archives_carry_no_date() -> None:
    fetch("phantom", Phantom(source="phantom", train=4, val=4, test=4), Path("data/raw/phantom.npz"))
    with zipfile.ZipFile("data/raw/phantom.npz") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_protocol_takes_the_first_images_of_each_class() -> None:
    labels = np.array([2, 0, 1, 0, 2, 1, 0, 2])
    assert protocol_indices("d", labels, 3, [2, 1, 2]).tolist() == [1, 3, 2, 0, 4]
    assert protocol_indices("d", labels, 3, None).tolist() == list(range(8))


@pytest.mark.parametrize(
    ("rule", "reported"), [([2, 1], "has 2 numbers"), ([2, 3, 1], "asks for 3 test images of class 1")]
)
def test_protocol_rules_that_cannot_be_kept_are_reported(rule: list[int], reported: str) -> None:
    labels = np.array([2, 0, 1, 0, 2, 1, 0, 2])
    with pytest.raises(UserError, match=rf"datasets\.own\.test_per_class {reported}"):
        protocol_indices("own", labels, 3, rule)


def _refused(settings: Dataset, reported: str) -> None:
    with pytest.raises(UserError, match=reported):
        fetch("own", settings, Path("data/raw/own.npz"))
    assert not Path("data/raw").exists() or os.listdir("data/raw") == []


def test_files_are_refused_before_anything_is_kept(tmp_path: Path) -> None:
    path = str(save(tmp_path / "own.npz", small_set()))
    _refused(File(source="file", path="nowhere.npz"), r"datasets\.own\.path: nowhere\.npz does not exist")
    _refused(File(source="file", path=str(tmp_path)), "is not a file")
    _refused(File(source="file", path=path, sha256="0" * 64), "has sha256 [1-9a-f]")
    _refused(File(source="file", path=path, classes=["a", "b"]), r"own\.npz: train_labels holds the label 2")
    Path(path).write_bytes(Path(path).read_bytes()[:-100])
    _refused(File(source="file", path=path), "own.npz cannot be read")
    _refused(Medmnist(source="medmnist", name="chestmnist"), "multi-label")


def test_a_right_sha256_passes(tmp_path: Path) -> None:
    path = save(tmp_path / "own.npz", small_set())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    fetch("own", File(source="file", path=str(path), sha256=digest), Path("data/raw/own.npz"))
    assert Path("data/raw/own.npz").read_bytes() == path.read_bytes()


def test_a_damaged_raw_file_leaves_the_prepared_data_alone(tmp_path: Path) -> None:
    path = save(tmp_path / "own.npz", small_set())
    _all_the_way("own", File(source="file", path=str(path)))
    before = _bytes(Path("data/prepared/own"))
    Path("data/raw/own.npz").write_bytes(b"PK")
    with pytest.raises(UserError, match="cannot be read"):
        prepare(
            "own", Path("data/raw/own.npz"), Path("data/prepared/own"), Description(title="t", source="file")
        )
    assert _bytes(Path("data/prepared/own")) == before
    assert os.listdir("data/prepared") == ["own"]


@pytest.mark.skipif(os.getuid() == 0 and shutil.which("setpriv") is None, reason="root reads everything")
def test_an_unreadable_source_is_called_that(tmp_path: Path) -> None:
    path = save(tmp_path / "own.npz", small_set())
    path.chmod(0)
    params = {
        "seed": 1,
        "datasets": {"own": {"source": "file", "path": str(path)}},
        "experiments": {"perceptron": {"model": "perceptron", "epochs": 1}},
        "boolean": {},
        "report": {"title": "t"},
    }
    (tmp_path / "params.yaml").write_text(json.dumps(params))
    without = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    result = subprocess.run(
        [*without, sys.executable, ROOT / "stages/fetch.py", "own"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert f"datasets.own.path: {path} cannot be read: Permission denied" in result.stderr
    assert "cannot write" not in result.stderr
    assert not Path("data/raw/own.npz").exists()


def test_one_array_is_in_memory_at_a_time(tmp_path: Path) -> None:
    arrays: dict[str, Any] = small_set(counts=(160_000, 3, 3))
    write_npz(tmp_path / "big.npz", arrays)
    size = arrays["train_images"].nbytes
    del arrays
    tracemalloc.start()
    try:
        prepare("big", tmp_path / "big.npz", tmp_path / "prepared", Description(title="t", source="file"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.2 * size
