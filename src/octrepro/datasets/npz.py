"""Read .npz files in MedMNIST's format without trusting them.

Nothing is allocated from what a file claims before the claim is checked, arrays are read in blocks, and
Python objects are never loaded: a hostile file is refused, and can do no more.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from octrepro.core import UserError

SPLITS = ("train", "val", "test")
SIDE = 28
MAX_SAMPLES = 1_000_000
"""The most images of one split: six times the largest MedMNIST set, and as far as a zip bomb may unfold."""
MAX_CLASSES = 1000

_BLOCK = 4 << 20
_LONGEST_HEADER = 10_000
_HEADER = re.compile(
    r"\{'descr': '(?P<descr>[<>|=]?[A-Za-z][0-9]{0,4})', 'fortran_order': (?P<fortran>True|False), "
    r"'shape': \((?P<shape>[0-9, ]{0,200})\), \} *\n?"
)
_KEYS = tuple(f"{split}_{kind}" for split in SPLITS for kind in ("images", "labels"))
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, TypeError, NotImplementedError)
"""What `zipfile`, `zlib` and NumPy's dtypes raise on damaged or hostile bytes."""


@dataclass(frozen=True)
class _Member:
    """An array inside the archive: where it is and what its header claims."""

    entry: zipfile.ZipInfo
    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]


class MedmnistFile:
    """An open .npz in MedMNIST's format whose keys, types, shapes and lengths are checked.

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
        if not path.is_file():
            raise UserError(
                f"{self.name} is missing or not a file", expected="an .npz file in MedMNIST's format"
            )
        with self._told(), zipfile.ZipFile(path) as archive:
            self._archive = archive
            self._members = {key: self._member(key) for key in _KEYS}
        self._path = path
        for key, member in self._members.items():
            if not member.shape:
                raise UserError(f"{self.name}: {key} has shape ()", expected="an array of n images or labels")
        self.image_shape = self._members["train_images"].shape[1:]
        self.samples = {split: self._members[f"{split}_images"].shape[0] for split in SPLITS}
        for split in SPLITS:
            self._check_images(f"{split}_images")
            self._check_labels(f"{split}_labels", self.samples[split])

    def image_blocks(self, split: str) -> Iterator[NDArray[np.uint8]]:
        """Read the images of a split a few thousand at a time.

        Yields
        ------
        NDArray[np.uint8]
            Shape (k, features): pixels row-major, channels last.

        Raises
        ------
        UserError
            When the data are damaged.
        """
        features = int(np.prod(self.image_shape))
        for block in self._blocks(f"{split}_images", rows=max(1, _BLOCK // features)):
            yield np.frombuffer(block, np.uint8).reshape(-1, features)

    def labels(self, split: str, classes: int | None = None) -> NDArray[np.int64]:
        """Read the labels of a split, shape (n,).

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
        key = f"{split}_labels"
        dtype = self._members[key].dtype
        raw = b"".join(self._blocks(key, rows=_BLOCK // dtype.itemsize))
        stored = np.frombuffer(raw, dtype)
        limit = MAX_CLASSES if classes is None else classes
        low, high = int(stored.min()), int(stored.max())
        if low < 0 or high >= limit:
            raise UserError(
                f"{self.name}: {key} holds the label {low if low < 0 else high}",
                expected=f"labels from 0 to {limit - 1}"
                + ("" if classes is None else f" ({classes} classes)"),
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
            raise UserError(
                f"{self.name}: train_labels has no image of class {empty[0]}",
                expected=f"at least one training image of each of the classes 0 to {len(counts) - 1}",
            )
        if len(counts) < 2:
            raise UserError(f"{self.name}: train_labels holds one class only", expected="two classes or more")
        for split in SPLITS:
            if split != "train":
                self.labels(split, len(counts))
            for _ in self.image_blocks(split):
                pass
        return len(counts)

    def _member(self, key: str) -> _Member:
        """Find an array and read its header, without its data."""
        entries = [entry for entry in self._archive.infolist() if entry.filename == f"{key}.npy"]
        if len(entries) != 1:
            raise UserError(
                f"{self.name}: the array {key} is {'missing' if not entries else 'there more than once'}",
                expected=f"the six arrays {', '.join(_KEYS)}",
            )
        entry = entries[0]
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
            raise UserError(
                f"{self.name}: {key} is packed in a way that is not read here",
                expected="an archive as numpy.savez or numpy.savez_compressed writes it",
            )
        with self._told(key), self._archive.open(entry) as stream:
            shape, fortran, dtype = _read_header(stream)
            header_size = stream.tell()
        if dtype.hasobject:
            raise UserError(
                f"{self.name}: {key} holds pickled Python objects, which could run code and are never loaded",
                expected="numbers",
            )
        if fortran and len(shape) > 1:
            raise UserError(
                f"{self.name}: {key} is stored column by column (Fortran order)",
                expected="C order: save numpy.ascontiguousarray(array)",
            )
        member = _Member(entry, dtype, shape)
        declared = header_size + _count(shape) * dtype.itemsize
        if entry.file_size != declared:
            raise UserError(
                f"{self.name}: {key} claims shape {shape} but holds {entry.file_size - header_size:,} bytes",
                expected=f"{declared - header_size:,} bytes",
                hint="the file is damaged: get it anew",
            )
        return member

    def _check_images(self, key: str) -> None:
        member = self._members[key]
        if member.dtype != np.uint8:
            raise UserError(
                f"{self.name}: {key} has dtype {member.dtype}",
                expected="uint8, whole numbers from 0 to 255 (no fractions, no NaN)",
            )
        allowed = ((SIDE, SIDE), (SIDE, SIDE, 3))
        if member.shape[1:] not in allowed:
            raise UserError(
                f"{self.name}: {key} has shape {member.shape}",
                expected="(n, 28, 28), or (n, 28, 28, 3) for RGB",
            )
        if member.shape[1:] != self.image_shape:
            raise UserError(
                f"{self.name}: {key} has images of shape {member.shape[1:]}",
                expected=f"{self.image_shape}, as train_images has",
            )
        if member.shape[0] == 0:
            raise UserError(f"{self.name}: {key} is empty", expected="at least one image")
        if member.shape[0] > MAX_SAMPLES:
            raise UserError(
                f"{self.name}: {key} claims {member.shape[0]:,} images", expected=f"at most {MAX_SAMPLES:,}"
            )

    def _check_labels(self, key: str, samples: int) -> None:
        member = self._members[key]
        if member.dtype.kind not in "iu":
            raise UserError(
                f"{self.name}: {key} has dtype {member.dtype}",
                expected="an integer type (class numbers from 0; no NaN)",
            )
        if member.shape not in ((member.shape[:1]), (*member.shape[:1], 1)) or len(member.shape) == 0:
            raise UserError(
                f"{self.name}: {key} has shape {member.shape}",
                expected="(n,) or (n, 1): one label for each image",
            )
        if member.shape[0] != samples:
            raise UserError(
                f"{self.name}: {key} has {member.shape[0]:,} labels for {samples:,} images",
                expected="as many labels as images",
            )

    def _blocks(self, key: str, rows: int) -> Iterator[bytes]:
        """Read the data of an array, `rows` of its first axis at a time."""
        member = self._members[key]
        row = member.dtype.itemsize * _count(member.shape[1:])
        left = row * member.shape[0]
        with self._told(key), zipfile.ZipFile(self._path) as archive, archive.open(member.entry) as stream:
            _read_header(stream)
            while left > 0:
                block = stream.read(min(left, rows * row))
                if len(block) != min(left, rows * row):
                    raise EOFError("the data end early")
                left -= len(block)
                yield block
            # Reading past the end makes zipfile compare the checksum.
            if stream.read(1):
                raise ValueError("the data go on past their end")

    @contextmanager
    def _told(self, key: str | None = None) -> Iterator[None]:
        """Turn what damaged bytes raise into one message."""
        try:
            yield
        except _DAMAGE as error:
            detail = str(error).strip().split("\n")[0][:200] or type(error).__name__
            where = f"{self.name}: {key}" if key else self.name
            raise UserError(
                f"{where} cannot be read: {detail}",
                expected="a whole .npz file in MedMNIST's format",
                hint="the file is truncated or damaged: get it anew",
            ) from None
        except OSError as error:
            raise UserError(f"{self.name} cannot be read: {error.strerror or error}") from None


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Read the header of an .npy: shape, whether in Fortran order, dtype.

    NumPy's own reader evaluates the header as a Python expression. This one takes only the form in which
    NumPy writes it, so that there is nothing to evaluate.
    """
    start = stream.read(8)
    if start[:6] != b"\x93NUMPY" or start[6:] not in (b"\x01\x00", b"\x02\x00"):
        raise ValueError("it does not begin as an .npy does")
    length = int.from_bytes(stream.read(2 if start[6] == 1 else 4), "little")
    if length > _LONGEST_HEADER:
        raise ValueError(f"its header is {length:,} bytes long")
    match = _HEADER.fullmatch(stream.read(length).decode("latin-1"))
    if match is None:
        raise ValueError("its header is not one of an array of numbers")
    shape = tuple(int(part) for part in match["shape"].split(",") if part.strip())
    return shape, match["fortran"] == "True", np.dtype(match["descr"])


def _count(shape: Sequence[int]) -> int:
    """Product of the lengths as a Python integer, which cannot overflow."""
    product = 1
    for length in shape:
        product *= length
    return product
