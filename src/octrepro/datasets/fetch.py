"""Put a data set's .npz at data/raw: downloaded and verified, copied from a file, or drawn."""

import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pooch
import requests

from octrepro.config.sources import Dataset, File, Medmnist, Phantom
from octrepro.core import UserError
from octrepro.core.files import atomic_path, write_npz
from octrepro.core.progress import progress
from octrepro.datasets.phantom import generate
from octrepro.datasets.registry import Published, published

MIRROR_VARIABLE = "OCTREPRO_MIRROR"
MEBIBYTE = 1 << 20
MAX_BYTES = 256 * MEBIBYTE
"""What no published file exceeds, even if its arrays were not packed: PathMNIST, the largest, has 241 MiB."""
ATTEMPTS = 3
TIMEOUT = (10.0, 30.0)
"""Seconds to wait for a connection, and for the next bytes."""


class _TransferError(Exception):
    """A file could not be had from one place; the text says why in a few words."""


def fetch(dataset: str, settings: Dataset, target: Path) -> None:
    """Put a data set's .npz at `target`, whole or not at all, or raise `UserError`.

    A download, and a file whose hash is given, is verified; what is in it is for `prepare` to check.
    """
    if isinstance(settings, Phantom):
        arrays = generate(settings.seed, settings.train, settings.val, settings.test)
        with atomic_path(target) as temporary:
            write_npz(temporary, arrays)
    elif isinstance(settings, Medmnist):
        fetch_published(dataset, published(settings.name or dataset), target)
    else:
        copy_file(dataset, settings, target)


def copy_file(dataset: str, settings: File, target: Path) -> None:
    """Copy a user's .npz; a hash is that of the copy, so that what was checked is what is kept."""
    source = Path(settings.path)
    if not (source.is_file() and os.access(source, os.R_OK)):
        raise UserError(
            f"datasets.{dataset}.path: {source} is not a file that can be read",
            expected="an .npz file that you may read, its path seen from the project's folder",
        )
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
        found = pooch.file_hash(temporary)
        if found != (settings.sha256 or found):
            raise UserError(
                f"{source} has sha256 {found}",
                expected=f"{settings.sha256}, as datasets.{dataset}.sha256 says",
                hint="get the file anew, or correct the hash if the file is the right one",
            )


def fetch_published(dataset: str, wanted: Published, target: Path) -> None:
    """Get a published file by its hash: the one that is there, the mirror's, or the publisher's.

    Raises `UserError` when it cannot be had: names what was tried, which file is wanted and the ways on.
    """
    filename, failures = f"{wanted.name}.npz", []
    if target.is_file():
        if pooch.hashes.hash_matches(target, wanted.hash):
            print(f"{target} is there and has the right hash", file=sys.stderr)
            return
        failures.append(f"{target} is there, but is another file")
    mirror = os.environ.get(MIRROR_VARIABLE, "").strip().rstrip("/")
    for place in [f"{mirror}/{filename}", wanted.url] if mirror else [wanted.url]:
        try:
            with atomic_path(target) as temporary:
                _copy_or_download(place, wanted, temporary, f"fetch@{dataset}")
        except _TransferError as error:
            failures.append(f"{_shown(place)} {error}")
            continue
        if failures:
            print("\n".join(failures) + f"\ntaken from {_shown(place)} instead", file=sys.stderr)
        return
    raise UserError(
        f"cannot get {filename}: " + "; ".join(failures),
        expected=f"the file {filename} with {wanted.hash.replace(':', ' ')}",
        hint="one of three. Go online and run the same command again. "
        f"Or set {MIRROR_VARIABLE} to a folder or an address (http, https) that has {filename}. "
        f"Or put the file at {target}",
    )


def _copy_or_download(place: str, wanted: Published, target: Path, what: str) -> None:
    """Bring the file from a folder or an address to `target`; only the right bytes pass."""
    if "://" not in place:
        source = Path(place).expanduser()
        if not source.is_file():
            raise _TransferError("does not exist")
        shutil.copyfile(source, target)
        if not pooch.hashes.hash_matches(target, wanted.hash):
            raise _TransferError("is another file")
        return

    def download(url: str, output: str, _pooch: Any) -> None:
        # A body compressed on the way could unfold to any size.
        headers = {"Accept-Encoding": "identity"}
        with requests.Session() as session, open(output, "wb") as stream:
            if url.lower().startswith("https:"):
                del session.adapters["http://"]  # no redirect leaves https
            with session.get(url, stream=True, timeout=TIMEOUT, headers=headers) as response:
                response.raise_for_status()
                size = int(response.headers.get("Content-Length", 0))
                blocks = response.iter_content(MEBIBYTE)
                for block in progress(blocks, -(-size // MEBIBYTE), what, "MiB"):
                    stream.write(block)
                    if stream.tell() > MAX_BYTES:
                        raise _TransferError("sends more bytes than the file can have")

    # At the level INFO pooch prints addresses, which may hold a password.
    pooch.get_logger().setLevel(logging.WARNING)
    registry, urls = {target.name: wanted.hash}, {target.name: place}
    source = pooch.create(target.parent, "", registry=registry, urls=urls, retry_if_failed=ATTEMPTS - 1)
    try:
        source.fetch(target.name, downloader=download)
    except requests.exceptions.RequestException as error:
        if error.response is not None:
            raise _TransferError(f"answered with HTTP status {error.response.status_code}") from None
        # The error's own text may hold a password.
        raise _TransferError(f"could not be reached, or broke off ({type(error).__name__})") from None
    except ValueError:
        raise _TransferError("sent another file") from None


def _shown(url: str) -> str:
    """A URL for messages: without user name, password, query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the address"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
