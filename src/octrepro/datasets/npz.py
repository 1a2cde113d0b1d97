"""Read .npz files in MedMNIST's format without trusting them.

NumPy reads the arrays, never pickled objects, and only after each array's header has been found to declare an
allowed type and shape: NumPy unpacks no more than that.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from octrepro.core import UserError

SPLITS = ("train", "val", "test")
KEYS = tuple(f"{split}_{kind}" for split in SPLITS for kind in ("images", "labels"))
MAX_SAMPLES = 1_000_000
"""The most images of one split: six times the largest MedMNIST set, and as far as a zip bomb may unfold."""
MAX_CLASSES = 1000


class MedmnistFile:
    """An .npz in MedMNIST's format whose keys, types, shapes and lengths are checked from its headers.

    Contents (labels in range, intact data) are checked as they are read. Whatever is wrong raises a
    `UserError` that names the file, as `name` if given. `image_shape` is (28, 28), or (28, 28, 3) for RGB.
    """

    def __init__(self, path: Path, name: str = "") -> None:
        self._path, self._name = path, name or str(path)
        with self._reporting(), zipfile.ZipFile(path) as archive:
            headers = {key: self._header(archive, key) for key in KEYS}
        self.image_shape = headers["train_images"][0][1:]
        for split in SPLITS:
            shape, dtype = headers[f"{split}_images"]
            label_shape, label_dtype = headers[f"{split}_labels"]
            count = shape[0] if shape else 0
            self._require(
                dtype == np.uint8
                and 0 < count <= MAX_SAMPLES
                and shape[1:] in ((28, 28), (28, 28, 3))
                and shape[1:] == self.image_shape,
                f"{split}_images is {dtype} of shape {shape}",
                f"uint8 of shape (n, 28, 28), or (n, 28, 28, 3) for all RGB, n up to {MAX_SAMPLES:,}",
            )
            self._require(
                label_dtype.kind in "iu" and label_shape in ((count,), (count, 1)),
                f"{split}_labels is {label_dtype} of shape {label_shape} for {count:,} images",
                "integers of shape (n,) or (n, 1): one class, from 0, for each image",
            )

    def images(self, split: str) -> NDArray[np.uint8]:
        """Read the images of a split, shape (n, features): pixels row-major, channels last."""
        images = self._read(f"{split}_images")
        return images.reshape(len(images), -1)

    def labels(self, classes: int | None = None) -> dict[str, NDArray[np.int64]]:
        """Read the labels of each split, int64, shape (n,), all below `classes`.

        By default that is one more than the largest of the training set, which has an image of each class.
        """
        stored = {split: self._read(f"{split}_labels").reshape(-1) for split in SPLITS}
        if classes is None:
            classes = min(max(int(stored["train"].max()), 1) + 1, MAX_CLASSES)
        for split, labels in stored.items():
            low, high = int(labels.min()), int(labels.max())
            self._require(
                low >= 0 and high < classes,
                f"{split}_labels holds the label {low if low < 0 else high}",
                f"labels from 0 to {classes - 1}",
            )
        counts = np.bincount(stored["train"].astype(np.int64), minlength=classes)
        self._require(
            bool(counts.all()),
            f"train_labels has no image of class {np.argmin(counts)}",
            f"at least one training image of each of the classes 0 to {classes - 1}",
        )
        return {split: labels.astype(np.int64) for split, labels in stored.items()}

    def _header(self, archive: zipfile.ZipFile, key: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Read the shape and type that an array's header declares, without its data."""
        entry = archive.getinfo(f"{key}.npy")
        self._require(
            # Of the other ways zipfile unpacks as much as it is given at once.
            entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
            f"{key} is packed in a way that is not read",
            "what numpy.savez writes",
        )
        with archive.open(entry) as stream:
            old = npy.read_magic(stream) == (1, 0)
            shape, _, dtype = (npy.read_array_header_1_0 if old else npy.read_array_header_2_0)(stream)
        return shape, dtype

    def _read(self, key: str) -> NDArray[Any]:
        # With its ending: a member of the bare name would be another.
        with self._reporting(), np.load(self._path, allow_pickle=False) as arrays:
            array: NDArray[Any] = arrays[f"{key}.npy"]
        return array

    def _require(self, right: bool, problem: str, expected: str) -> None:
        if not right:
            raise UserError(f"{self._name}: {problem}", expected=expected)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except UserError:
            raise
        except Exception as error:  # zipfile, zlib and NumPy raise a dozen types on damaged or hostile bytes
            problem = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
            raise UserError(
                f"{self._name} cannot be read: {problem.splitlines()[0]:.200}",
                expected=f"a whole .npz file in MedMNIST's format, with the arrays {', '.join(KEYS)}",
                hint="if it is truncated or damaged, get it anew",
            ) from None
