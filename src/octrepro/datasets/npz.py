"""Read .npz files in MedMNIST's format without trusting them.

NumPy reads the arrays, never pickled objects, and only after the sizes that the archive and each array's
header declare have been compared with each other and with the largest allowed.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from octrepro.core import UserError

SPLITS = ("train", "val", "test")
KEYS = tuple(f"{split}_{kind}" for split in SPLITS for kind in ("images", "labels"))
SIDE = 28
MAX_SAMPLES = 1_000_000
"""The most images of one split: six times the largest MedMNIST set, and as far as a zip bomb may unfold."""
MAX_CLASSES = 1000

_LONGEST_HEADER = 500


@dataclass(frozen=True)
class _Member:
    """An array inside the archive: where it is and what its header declares."""

    entry: zipfile.ZipInfo
    dtype: np.dtype[Any]
    shape: tuple[int, ...]


class MedmnistFile:
    """An .npz in MedMNIST's format whose keys, types, shapes and lengths are checked.

    Contents (labels in range, intact data) are checked as they are read; `check` reads everything.

    Parameters
    ----------
    path : Path
        The file.
    name : str, optional
        What messages call it; its path by default.

    Attributes
    ----------
    image_shape : tuple[int, ...]
        (28, 28), or (28, 28, 3) for RGB.
    samples : dict[str, int]
        Images in each split.

    Raises
    ------
    UserError
        When the file is missing, damaged or not in this format; the message names file and key.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.name = name or str(path)
        self._path = path
        if not path.is_file():
            self._refuse("is missing or not a file", "an .npz file in MedMNIST's format")
        with self._reporting(), zipfile.ZipFile(path) as archive:
            self._members = {key: self._member(archive, key) for key in KEYS}
        self.image_shape = self._members["train_images"].shape[1:]
        self.samples = {split: self._check_split(split) for split in SPLITS}

    def images(self, split: str) -> NDArray[np.uint8]:
        """Read the images of a split, shape (n, features): pixels row-major, channels last.

        Raises
        ------
        UserError
            When the data are damaged.
        """
        images = self._read(f"{split}_images")
        return images.reshape(len(images), -1)

    def labels(self, split: str, classes: int | None = None) -> NDArray[np.int64]:
        """Read the labels of a split, int64, shape (n,).

        Parameters
        ----------
        split : str
            ``train``, ``val`` or ``test``.
        classes : int, optional
            Number of classes; labels must be below it.

        Raises
        ------
        UserError
            When the data are damaged or a label is out of range.
        """
        stored = self._read(f"{split}_labels").reshape(-1)
        limit = MAX_CLASSES if classes is None else classes
        low, high = int(stored.min()), int(stored.max())
        if low < 0 or high >= limit:
            self._refuse(
                f"{split}_labels holds the label {low if low < 0 else high}",
                f"labels from 0 to {limit - 1}" + ("" if classes is None else f" ({classes} classes)"),
            )
        return stored.astype(np.int64)

    def check(self, classes: int | None = None) -> int:
        """Read everything once.

        Parameters
        ----------
        classes : int, optional
            Number of classes; by default one more than the largest label of the training set.

        Returns
        -------
        int
            Number of classes.

        Raises
        ------
        UserError
            When data are damaged, a label is out of range, or a class has no image in the training set.
        """
        counts = np.bincount(self.labels("train", classes), minlength=classes or 0)
        empty = np.flatnonzero(counts == 0)
        if len(empty):
            self._refuse(
                f"train_labels has no image of class {empty[0]}",
                f"at least one training image of each of the classes 0 to {len(counts) - 1}",
            )
        if len(counts) < 2:
            self._refuse("train_labels holds one class only", "two classes or more")
        for split in SPLITS:
            self.labels(split, len(counts))
            self.images(split)
        return len(counts)

    def _member(self, archive: zipfile.ZipFile, key: str) -> _Member:
        """Find an array and read its header, without its data."""
        entries = [entry for entry in archive.infolist() if entry.filename == f"{key}.npy"]
        if len(entries) != 1:
            problem = "missing" if not entries else "there more than once"
            self._refuse(f"the array {key} is {problem}", f"the six arrays {', '.join(KEYS)}")
        entry = entries[0]
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
            self._refuse(
                f"{key} is packed in a way that is not read here",
                "an archive as numpy.savez or numpy.savez_compressed writes it",
            )
        with self._reporting(key), archive.open(entry) as stream:
            shape, dtype = _read_header(stream)
            header_size = stream.tell()
        if dtype.hasobject:
            self._refuse(
                f"{key} holds pickled Python objects, which could run code and are never loaded", "numbers"
            )
        found, declared = entry.file_size - header_size, math.prod(shape) * dtype.itemsize
        if found != declared:
            self._refuse(f"{key} claims shape {shape} but holds {found:,} bytes", f"{declared:,} bytes")
        return _Member(entry, dtype, shape)

    def _check_split(self, split: str) -> int:
        """Check what the headers of a split's arrays declare; the number of its images."""
        images, labels = self._members[f"{split}_images"], self._members[f"{split}_labels"]
        for key, member, kinds, kind in (
            (f"{split}_images", images, "u", "uint8, whole numbers from 0 to 255 (no fractions, no NaN)"),
            (f"{split}_labels", labels, "iu", "an integer type (class numbers from 0; no NaN)"),
        ):
            if member.dtype.kind not in kinds or (kinds == "u" and member.dtype.itemsize != 1):
                self._refuse(f"{key} has dtype {member.dtype}", kind)
        if images.shape[1:] not in ((SIDE, SIDE), (SIDE, SIDE, 3)):
            self._refuse(f"{split}_images has shape {images.shape}", "(n, 28, 28), or (n, 28, 28, 3) for RGB")
        if images.shape[1:] != self.image_shape:
            self._refuse(
                f"{split}_images has images of shape {images.shape[1:]}",
                f"{self.image_shape}, as train_images has",
            )
        count = images.shape[0]
        if not 0 < count <= MAX_SAMPLES:
            self._refuse(f"{split}_images claims {count:,} images", f"1 to {MAX_SAMPLES:,}")
        if labels.shape[1:] not in ((), (1,)) or not labels.shape:
            self._refuse(
                f"{split}_labels has shape {labels.shape}", "(n,) or (n, 1): one label for each image"
            )
        if labels.shape[0] != count:
            self._refuse(f"{split}_labels has {labels.shape[0]:,} labels for {count:,} images", "as many")
        return count

    def _read(self, key: str) -> NDArray[Any]:
        """Read one array and its checksum."""
        entry = self._members[key].entry
        with self._reporting(key), zipfile.ZipFile(self._path) as archive, archive.open(entry) as stream:
            array: NDArray[Any] = npy.read_array(stream, allow_pickle=False, max_header_size=_LONGEST_HEADER)
            # Reading past the end makes zipfile compare the checksum.
            if stream.read(1):
                raise ValueError("the data go on past their end")
        return array

    def _refuse(self, problem: str, expected: str) -> NoReturn:
        raise UserError(f"{self.name}: {problem}", expected=expected)

    @contextmanager
    def _reporting(self, key: str | None = None) -> Iterator[None]:
        """Turn what damaged bytes raise into one message."""
        where = f"{self.name}: {key}" if key else self.name
        try:
            yield
        except UserError:
            raise
        except OSError as error:
            raise UserError(f"{self.name} cannot be read: {error.strerror or error}") from None
        except Exception as error:  # zipfile, zlib and NumPy raise a dozen types on damaged or hostile bytes
            detail = str(error).strip().split("\n")[0][:200] or type(error).__name__
            raise UserError(
                f"{where} cannot be read: {detail}",
                expected="a whole .npz file in MedMNIST's format",
                hint="the file is truncated or damaged: get it anew",
            ) from None


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the header of an .npy: shape and dtype."""
    version = npy.read_magic(stream)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"its format has version {version}")
    shape, _, dtype = readers[version](stream, max_header_size=_LONGEST_HEADER)
    if any(length < 0 for length in shape):
        raise ValueError(f"its header declares the shape {shape}")
    return shape, dtype
