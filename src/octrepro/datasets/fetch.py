"""Put a data set's .npz at data/raw: downloaded and verified, copied from a file, or drawn."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from octrepro.config import Dataset, File, Medmnist, Phantom
from octrepro.core import UserError
from octrepro.core.files import PARTIAL_SUFFIX, atomic_path
from octrepro.core.progress import progress
from octrepro.datasets.download import Download, Patience, TransferError, shown
from octrepro.datasets.hashing import file_hash
from octrepro.datasets.registry import Facts, facts

MIRROR_VARIABLE = "OCTREPRO_MIRROR"


def fetch(dataset: str, settings: Dataset, target: Path, patience: Patience | None = None) -> None:
    """Put a data set's .npz at `target`, whole and verified or not at all.

    Parameters
    ----------
    dataset : str
        Its key in params.yaml.
    settings : Dataset
        What params.yaml says of it.
    target : Path
        Where the file goes.
    patience : Patience, optional
        How long to wait for servers.

    Raises
    ------
    UserError
        When the file cannot be had, is not the expected one, or is not in MedMNIST's format.
    """
    if isinstance(settings, Phantom):
        draw_phantom(dataset, settings, target)
    elif isinstance(settings, Medmnist):
        fetch_published(dataset, facts(settings.name or dataset), target, patience or Patience())
    else:
        copy_file(dataset, settings, target)


def draw_phantom(dataset: str, settings: Phantom, target: Path) -> None:
    """Draw the phantom and write it."""
    import numpy as np

    from octrepro.datasets.phantom import generate

    def ticker(starts: Iterable[int], total: int) -> Iterable[int]:
        return progress(starts, total, f"fetch@{dataset}", "batch")

    arrays = generate(settings.seed, settings.train, settings.val, settings.test, ticker)
    with atomic_path(target) as temporary, temporary.open("wb") as stream:
        # NumPy gives every array of an archive the same date, so that the clock leaves no trace.
        np.savez(stream, allow_pickle=False, **arrays)


def copy_file(dataset: str, settings: File, target: Path) -> None:
    """Copy a user's .npz after checking it.

    Raises
    ------
    UserError
        When it is missing, has another sha256 than params.yaml says, or is not in MedMNIST's format.
    """
    from octrepro.datasets.npz import MedmnistFile

    source = Path(settings.path)
    parameter = f"datasets.{dataset}.path"
    if not source.is_file():
        raise UserError(
            f"{parameter}: {settings.path} {'is not a file' if source.exists() else 'does not exist'}",
            expected="an .npz file in MedMNIST's format, its path seen from the project's folder",
        )
    if settings.sha256:
        found = file_hash(source, "sha256")
        if found != settings.sha256:
            raise UserError(
                f"{settings.path} has sha256 {found}",
                expected=f"{settings.sha256}, as datasets.{dataset}.sha256 says",
                hint="get the file anew, or correct the hash if the file is the right one",
            )
    with atomic_path(target) as temporary:
        # The copy is checked, not the original, so that what was checked is what is kept.
        shutil.copyfile(source, temporary)
        MedmnistFile(temporary, settings.path).check(len(settings.classes) if settings.classes else None)


def fetch_published(dataset: str, published: Facts, target: Path, patience: Patience) -> None:
    """Get a published file: the one that is there, the mirror's, or the publisher's, by its hash.

    Raises
    ------
    UserError
        When it cannot be had. Says what was tried, which file is wanted and the ways on.
    """
    failures: list[str] = []
    if target.is_file():
        found = _mismatch(target, published)
        if not found:
            print(f"{target} is there and has the right hash", file=sys.stderr)
            return
        failures.append(f"{target} is there, but is another file: it has {found}")
    for place in _places(published):
        try:
            with atomic_path(target) as temporary:
                _get(place, dataset, published, temporary, patience)
        except TransferError as error:
            failures.append(f"{shown(place)} {error}")
            continue
        if failures:
            print("\n".join(failures) + f"\ntaken from {shown(place)} instead", file=sys.stderr)
        return
    raise UserError(
        f"cannot get {published.filename}: " + "; ".join(failures),
        expected=f"the file {published.filename} with {published.hash_text}",
        hint="one of three. Go online and run the same command again. "
        f"Or set {MIRROR_VARIABLE} to a folder or an address that has {published.filename}. "
        f"Or put the file at {target}",
    )


def _places(published: Facts) -> list[str]:
    """Where to look, in order: the mirror if one is set, then the publisher."""
    mirror = os.environ.get(MIRROR_VARIABLE, "").strip()
    if not mirror:
        return [published.url]
    return [f"{mirror.rstrip('/')}/{published.filename}", published.url]


def _get(place: str, dataset: str, published: Facts, temporary: Path, patience: Patience) -> None:
    """Bring the file from one place to `temporary`; only the right bytes pass."""
    scheme, separator, _ = place.partition("://")
    if not separator:
        _copy_mirrored(Path(place).expanduser(), published, temporary)
    elif scheme.lower() in ("http", "https"):
        _download_patiently(place, dataset, published, temporary, patience)
    else:
        raise TransferError(
            f"is of a kind that is not read ({MIRROR_VARIABLE}: a folder, http or https)", passing=False
        )


def _copy_mirrored(source: Path, published: Facts, temporary: Path) -> None:
    if not source.is_file():
        raise TransferError("does not exist", passing=False)
    if source.stat().st_size > published.size_limit:
        raise TransferError("is larger than the file can be", passing=False)
    shutil.copyfile(source, temporary)
    found = _mismatch(temporary, published)
    if found:
        raise TransferError(f"is another file: it has {found}", passing=False)


def _download_patiently(
    url: str, dataset: str, published: Facts, temporary: Path, patience: Patience
) -> None:
    """Download, trying again after failures that may pass."""
    for attempt in range(1, patience.attempts + 1):
        try:
            _download(url, dataset, published, temporary, patience)
            return
        except TransferError as error:
            if not error.passing or attempt == patience.attempts:
                raise
            print(
                f"{shown(url)} {error}; trying again ({attempt + 1} of {patience.attempts})", file=sys.stderr
            )
            time.sleep(patience.pause * 2 ** (attempt - 1))


def _download(url: str, dataset: str, published: Facts, temporary: Path, patience: Patience) -> None:
    import logging

    import pooch

    pooch.get_logger().setLevel(logging.ERROR)

    def ticker(blocks: Iterable[bytes], total: int) -> Iterable[bytes]:
        return progress(blocks, total, f"fetch@{dataset}", "MiB")

    download = Download(published.size_limit, patience, ticker)
    # pooch keeps a partial file of its own where it writes. In a folder named like our partial files the next
    # run clears it away, even if this one is killed.
    with tempfile.TemporaryDirectory(
        dir=temporary.parent, prefix=f"{temporary.name.removesuffix(PARTIAL_SUFFIX)}.", suffix=PARTIAL_SUFFIX
    ) as folder:
        try:
            pooch.retrieve(
                url,
                known_hash=f"md5:{published.hashes['md5']}",
                fname=published.filename,
                path=folder,
                downloader=download,
            )
        except ValueError:
            # Pooch raises it for another hash, and before any transfer for an address it cannot split.
            if not download.digests:
                raise TransferError("is not an address that can be read", passing=False) from None
            raise TransferError(
                f"sent another file: it has md5 {download.digests['md5']}", passing=False
            ) from None
        Path(folder, published.filename).replace(temporary)
    found = _mismatch(temporary, published)
    if found:
        raise TransferError(f"sent another file: it has {found}", passing=False)


def _mismatch(path: Path, published: Facts) -> str:
    """The first hash of a file that is not the published one, or an empty text."""
    for algorithm, digest in published.hashes.items():
        found = file_hash(path, algorithm)
        if found != digest:
            return f"{algorithm} {found}"
    return ""
