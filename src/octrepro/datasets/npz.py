"""Read .npz files in MedMNIST's format without trusting them.

NumPy reads the arrays, never pickled objects, and only after the sizes that the archive and each array's
header declare have been compared with each other and with the largest allowed.
"""

import math
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

_Header = tuple[tuple[int, ...], np.dtype[Any]]


class MedmnistFile:
    """An .npz in MedMNIST's format whose keys, types, shapes and lengths are checked from its headers.

    Contents (labels in range, intact data) are checked as they are read; `check` reads everything. Whatever
    is wrong raises a `UserError` that calls the file `name`, by default its path.

    Attributes
    ----------
    image_shape : tuple[int, ...]
        (28, 28), or (28, 28, 3) for RGB.
    samples : dict[str, int]
        Images in each split.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.name = name or str(path)
        self._path = path
        with self._reporting(), zipfile.ZipFile(path) as archive:
            headers = {key: self._header(archive, key) for key in KEYS}
        self.image_shape = headers["train_images"][0][1:]
        for split in SPLITS:
            self._check_split(split, headers[f"{split}_images"], headers[f"{split}_labels"])
        self.samples = {split: headers[f"{split}_images"][0][0] for split in SPLITS}

    def images(self, split: str) -> NDArray[np.uint8]:
        """Read the images of a split, shape (n, features): pixels row-major, channels last."""
        images = self._read(f"{split}_images")
        return images.reshape(len(images), -1)

    def labels(self, split: str, classes: int = MAX_CLASSES) -> NDArray[np.int64]:
        """Read the labels of a split, int64, shape (n,); they must be below `classes`."""
        stored = self._read(f"{split}_labels").reshape(-1)
        low, high = int(stored.min()), int(stored.max())
        self._refuse_if(
            low < 0 or high >= classes,
            f"{split}_labels holds the label {low if low < 0 else high}",
            f"labels from 0 to {classes - 1}",
        )
        return stored.astype(np.int64)

    def check(self, classes: int | None = None) -> int:
        """Read everything once; return the number of classes.

        By default that is one more than the largest label of the training set, which must have an image of
        each class.
        """
        counts = np.bincount(self.labels("train", classes or MAX_CLASSES), minlength=classes or 2)
        self._refuse_if(
            not counts.all(),
            f"train_labels has no image of class {np.argmin(counts)}",
            f"at least one training image of each of the classes 0 to {len(counts) - 1}",
        )
        for split in SPLITS:
            self.labels(split, len(counts))
            self.images(split)
        return len(counts)

    def _header(self, archive: zipfile.ZipFile, key: str) -> _Header:
        """Read what an array's header declares, without its data."""
        entry = archive.getinfo(f"{key}.npy")
        # Of the other ways zipfile unpacks as much as it is given at once.
        packed = entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        self._refuse_if(packed, f"{key} is packed in a way that is not read", "what numpy.savez writes")
        with archive.open(entry) as stream:
            old = npy.read_magic(stream) == (1, 0)
            shape, _, dtype = (npy.read_array_header_1_0 if old else npy.read_array_header_2_0)(stream)
            found = entry.file_size - stream.tell()
        declared = math.prod(shape) * dtype.itemsize
        problem = f"{key} claims shape {shape} but holds {found:,} bytes"
        self._refuse_if(found != declared, problem, f"{declared:,} bytes")
        return shape, dtype

    def _check_split(self, split: str, images: _Header, labels: _Header) -> None:
        shape, label_shape = images[0], labels[0]
        count = shape[0] if shape else 0
        for wrong, problem, expected in (
            (images[1] != np.uint8, f"images has dtype {images[1]}", "uint8, whole numbers from 0 to 255"),
            (labels[1].kind not in "iu", f"labels has dtype {labels[1]}", "an integer type, classes from 0"),
            (
                shape[1:] not in ((28, 28), (28, 28, 3)),
                f"images has shape {shape}",
                "(n, 28, 28), or (n, 28, 28, 3) for RGB",
            ),
            (
                shape[1:] != self.image_shape,
                f"images has images of shape {shape[1:]}",
                f"{self.image_shape}, as train_images has",
            ),
            (not 0 < count <= MAX_SAMPLES, f"images claims {count:,} images", f"1 to {MAX_SAMPLES:,}"),
            (
                label_shape not in ((count,), (count, 1)),
                f"labels has shape {label_shape} for {count:,} images",
                "(n,) or (n, 1): one label for each image",
            ),
        ):
            self._refuse_if(wrong, f"{split}_{problem}", expected)

    def _read(self, key: str) -> NDArray[Any]:
        # With its ending: a member of the bare name would be another.
        with self._reporting(), np.load(self._path, allow_pickle=False) as arrays:
            array: NDArray[Any] = arrays[f"{key}.npy"]
        return array

    def _refuse_if(self, wrong: bool, problem: str, expected: str) -> None:
        if wrong:
            raise UserError(f"{self.name}: {problem}", expected=expected)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except UserError:
            raise
        except Exception as error:  # zipfile, zlib and NumPy raise a dozen types on damaged or hostile bytes
            problem = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
            raise UserError(
                f"{self.name} cannot be read: {problem.splitlines()[0]:.200}",
                expected=f"a whole .npz file in MedMNIST's format, with the arrays {', '.join(KEYS)}",
                hint="if it is truncated or damaged, get it anew",
            ) from None
