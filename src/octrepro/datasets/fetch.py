"""Put a data set's .npz at data/raw: downloaded and verified, copied from a file, or drawn."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from octrepro.config.sources import Dataset, File, Medmnist, Phantom
from octrepro.core import UserError
from octrepro.core.files import atomic_path
from octrepro.core.progress import progress
from octrepro.datasets.registry import Published, published

MIRROR_VARIABLE = "OCTREPRO_MIRROR"


def fetch(dataset: str, settings: Dataset, target: Path) -> None:
    """Put a data set's .npz at `target`, whole and verified or not at all.

    Parameters
    ----------
    dataset : str
        Its key in params.yaml.
    settings : Dataset
        What params.yaml says of it.
    target : Path
        Where the file goes.

    Raises
    ------
    UserError
        When the file cannot be had, is not the expected one, or is not in MedMNIST's format.
    """
    if isinstance(settings, Phantom):
        draw_phantom(dataset, settings, target)
    elif isinstance(settings, Medmnist):
        fetch_published(dataset, published(settings.name or dataset), target)
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
        When it is missing or may not be read, has another sha256 than params.yaml says, or is not in
        MedMNIST's format.
    """
    import pooch

    from octrepro.datasets.npz import MedmnistFile

    source = Path(settings.path)
    parameter = f"datasets.{dataset}.path"
    if not source.is_file():
        raise UserError(
            f"{parameter}: {settings.path} {'is not a file' if source.exists() else 'does not exist'}",
            expected="an .npz file in MedMNIST's format, its path seen from the project's folder",
        )
    try:
        original = source.open("rb")
    except OSError as error:
        raise UserError(
            f"{parameter}: {settings.path} cannot be read: {error.strerror}",
            expected="a file that you may read",
            hint="change its permissions (chmod u+r), or copy it to where you may read it",
        ) from None
    with original, atomic_path(target) as temporary:
        with temporary.open("wb") as copy:
            shutil.copyfileobj(original, copy)
        # The copy is checked, not the original, so that what was checked is what is kept.
        found = pooch.file_hash(temporary, alg="sha256")
        if settings.sha256 and found != settings.sha256:
            raise UserError(
                f"{settings.path} has sha256 {found}",
                expected=f"{settings.sha256}, as datasets.{dataset}.sha256 says",
                hint="get the file anew, or correct the hash if the file is the right one",
            )
        MedmnistFile(temporary, settings.path).check(len(settings.classes) if settings.classes else None)


def fetch_published(dataset: str, wanted: Published, target: Path) -> None:
    """Get a published file: the one that is there, the mirror's, or the publisher's, by its hash.

    Raises
    ------
    UserError
        When it cannot be had. Names what was tried, which file is wanted and the ways on.
    """
    import pooch

    from octrepro.datasets.download import TransferError, shown

    failures: list[str] = []
    if target.is_file():
        if pooch.hashes.hash_matches(target, wanted.hash):
            print(f"{target} is there and has the right hash", file=sys.stderr)
            return
        failures.append(f"{target} is there, but is another file")
    mirror = os.environ.get(MIRROR_VARIABLE, "").strip().rstrip("/")
    for place in [f"{mirror}/{wanted.filename}", wanted.url] if mirror else [wanted.url]:
        try:
            with atomic_path(target) as temporary:
                _get(place, dataset, wanted, temporary)
        except TransferError as error:
            failures.append(f"{shown(place)} {error}")
            continue
        if failures:
            print("\n".join(failures) + f"\ntaken from {shown(place)} instead", file=sys.stderr)
        return
    raise UserError(
        f"cannot get {wanted.filename}: " + "; ".join(failures),
        expected=f"the file {wanted.filename} with {wanted.hash.replace(':', ' ')}",
        hint="one of three. Go online and run the same command again. "
        f"Or set {MIRROR_VARIABLE} to a folder or an address that has {wanted.filename}. "
        f"Or put the file at {target}",
    )


def _get(place: str, dataset: str, wanted: Published, temporary: Path) -> None:
    """Bring the file from one place to `temporary`; only the right bytes pass."""
    import pooch

    from octrepro.datasets.download import TransferError, download

    scheme, separator, _ = place.partition("://")
    if not separator:
        source = Path(place).expanduser()
        if not source.is_file():
            raise TransferError("does not exist")
        if source.stat().st_size > wanted.size_limit:
            raise TransferError("is larger than the file can be")
        shutil.copyfile(source, temporary)
        if not pooch.hashes.hash_matches(temporary, wanted.hash):
            raise TransferError("is another file")
    elif scheme.lower() in ("http", "https"):
        download(place, wanted.hash, wanted.size_limit, temporary, f"fetch@{dataset}")
    else:
        raise TransferError(f"is of a kind that is not read ({MIRROR_VARIABLE}: a folder, http or https)")
