"""From params.yaml's words to arrays: each source fetched, described and prepared."""

import hashlib
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octrepro.config.sources import Dataset, File, Medmnist, Phantom
from octrepro.core import UserError
from octrepro.core.prepared import Prepared
from octrepro.datasets.fetch import fetch
from octrepro.datasets.prepare import prepare, protocol_indices
from octrepro.datasets.registry import describe
from tests.datasets.archives import save, small_set


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _all_the_way(dataset: str, settings: Dataset) -> Prepared:
    raw, folder = Path(f"data/raw/{dataset}.npz"), Path(f"data/prepared/{dataset}")
    fetch(dataset, settings, raw)
    prepare(dataset, settings, raw, folder)
    return Prepared.load(dataset)


def test_phantom_follows_the_protocol() -> None:
    data = _all_the_way("phantom", Phantom(source="phantom", train=50, val=10, test=1000))
    assert data.train_images.shape == (50, 784)
    assert data.summary["synthetic"] is True
    assert "no patient" in data.summary["note"]
    assert data.summary["test_subset"] == [182, 55, 42, 250]
    assert data.summary["test_used"] == len(data.test_indices) == 529
    chosen = data.test_labels[data.test_indices]
    assert chosen.tolist() == np.repeat(range(4), [182, 55, 42, 250]).tolist()
    with zipfile.ZipFile("data/raw/phantom.npz") as archive:  # no trace of the clock
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    small = _all_the_way("phantom", Phantom(source="phantom", train=40, val=8, test=12))
    assert small.test_indices.tolist() == list(range(12))


def test_the_protocols_rule_is_octmnists_and_can_be_switched_off() -> None:
    def rule(dataset: str, **words: Any) -> Any:
        return describe(dataset, Medmnist(source="medmnist", **words)).test_per_class

    assert rule("octmnist") == rule("oct", name="octmnist") == [182, 55, 42, 250]
    assert rule("octmnist", test_per_class=[1, 2, 3, 4]) == [1, 2, 3, 4]
    assert rule("octmnist", test_per_class=None) is rule("bloodmnist") is None


def test_summary_says_what_the_arrays_hold(tmp_path: Path) -> None:
    arrays = small_set(channels=3)
    path = save(tmp_path / "own.npz", arrays)
    words: dict[str, Any] = {"classes": ["a", "<b>", "\\c"], "title": "Own & mine", "license": "none"}
    data = _all_the_way("own", File(source="file", path=str(path), **words))
    # Row by row, channels last.
    np.testing.assert_array_equal(data.val_images, arrays["val_images"].reshape(9, 2352))
    assert "red, green, blue" in data.summary["note"]
    expected = {
        "title": "own",  # that of params.yaml is the report's alone: an edit of it retrains nothing
        "synthetic": False,
        "image_shape": [28, 28, 3],
        "classes": ["a", "<b>", "\\c"],
        "samples": {"train": 30, "val": 9, "test": 12},
        "class_counts": {"train": [10, 10, 10], "val": [3, 3, 3], "test": [4, 4, 4]},
        "test_used": 12,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "license": "none",
    }
    assert data.summary.items() >= expected.items()


def test_protocol_takes_the_first_images_of_each_class() -> None:
    labels = np.array([2, 0, 1, 0, 2, 1, 0, 2])
    assert protocol_indices("own", labels, 3, [2, 1, 2]).tolist() == [1, 3, 2, 0, 4]
    assert protocol_indices("own", labels, 3, None).tolist() == list(range(8))
    for rule in ([2, 1], [2, 3, 1]):
        with pytest.raises(UserError, match=r"own\.test_per_class is \[[^$]*3 numbers.*at most \[3, 2, 3\]"):
            protocol_indices("own", labels, 3, rule)


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        ({"path": "nowhere.npz"}, r"datasets\.own\.path: nowhere\.npz is not a file that can be read"),
        (
            {"path": "own.npz", "sha256": "0" * 64},
            r"own.npz has sha256 [0-9a-f]{64}\n  expected: 0{64}, as datasets.own.sha256 says",
        ),
    ],
)
def test_a_file_that_cannot_be_had_is_reported(words: dict[str, Any], reported: str) -> None:
    save(Path("own.npz"), small_set())
    with pytest.raises(UserError, match=reported):
        fetch("own", File(source="file", **words), Path("data/raw/own.npz"))
    assert not Path("data/raw").exists() or os.listdir("data/raw") == []
