"""Download one published file: pooch keeps the hash and tries again, this adds the limits."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

import pooch
import requests
import urllib3

from octrepro.core.progress import progress

MEBIBYTE = 1 << 20
ATTEMPTS = 3
TIMEOUT = (10.0, 30.0)
"""Seconds to wait for a connection, and for the next bytes."""


class TransferError(Exception):
    """A download failed for good; the text says why in a few words."""


def download(url: str, known_hash: str, size_limit: int, target: Path, what: str) -> None:
    """Download a file; only the right bytes reach `target`.

    Parameters
    ----------
    url
        An https address, or an http one; an https address is never left for an http one.
    known_hash
        ``md5:...`` or ``sha256:...``.
    size_limit
        Bytes at which a transfer is cut off.
    target
        Where the file goes. pooch's own partial file lies beside it in a folder named like it.
    what
        The stage, for the progress bar.

    Raises
    ------
    TransferError
        When the server cannot be reached, refuses, stalls, stops early, or sends another file or too much.
    """
    # At the level INFO pooch prints addresses, which may hold a password.
    pooch.get_logger().setLevel(logging.WARNING)

    def get(url: str, output: str | IO[bytes], _pooch: Any, check_only: bool = False) -> None:
        with requests.Session() as session:
            session.max_redirects = 5
            if urlsplit(url).scheme == "https":
                del session.adapters["http://"]
            # A body compressed on the way could unfold to any size and would not match its length.
            headers = {"Accept-Encoding": "identity"}
            try:
                response = session.get(url, stream=True, timeout=TIMEOUT, headers=headers)
            except requests.exceptions.ConnectionError as error:
                # A machine without a network finds no name: another attempt would find none either.
                cause = getattr(error.args[0] if error.args else None, "reason", None)
                if isinstance(cause, urllib3.exceptions.NameResolutionError):
                    raise TransferError(_reason(error)) from None
                raise
            with response:
                _save(response, Path(str(output)), size_limit, what)

    stem = target.name.removesuffix(".partial")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{stem}.", suffix=".partial") as folder:
        try:
            source = pooch.create(
                folder, "", registry={"file": known_hash}, urls={"file": url}, retry_if_failed=ATTEMPTS - 1
            )
            Path(source.fetch("file", downloader=get)).replace(target)
        except requests.exceptions.RequestException as error:
            raise TransferError(_reason(error)) from None
        except ValueError as error:
            # Of pooch for another hash; of urllib for an address that cannot be split.
            other = "hash" in str(error).lower()
            reason = "sent another file" if other else "is not an address that can be read"
            raise TransferError(reason) from None


def _save(response: requests.Response, path: Path, size_limit: int, what: str) -> None:
    """Write the body, a mebibyte at a time."""
    if response.status_code in (408, 429) or response.status_code >= 500:
        response.raise_for_status()
    if response.status_code != 200:
        raise TransferError(f"answered with HTTP status {response.status_code}")
    announced = response.headers.get("Content-Length", "")
    size = int(announced) if announced.isdecimal() and len(announced) < 16 else 0
    if size > size_limit:
        raise TransferError(f"announces {size:,} bytes, more than the file can have")
    blocks = iter(lambda: response.raw.read(MEBIBYTE, decode_content=False), b"")
    received = 0
    try:
        with path.open("wb") as stream:
            for block in progress(blocks, -(-size // MEBIBYTE), what, "MiB"):
                received += len(block)
                if received > size_limit:
                    raise TransferError("sends more bytes than the file can have")
                stream.write(block)
    except urllib3.exceptions.TimeoutError:
        raise requests.exceptions.Timeout from None
    except urllib3.exceptions.HTTPError:
        raise requests.exceptions.ChunkedEncodingError from None


def _reason(error: requests.exceptions.RequestException) -> str:
    exceptions = requests.exceptions
    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        return f"answered with HTTP status {error.response.status_code}"
    for kind, reason in (
        (exceptions.SSLError, "has a certificate that could not be verified"),
        (exceptions.Timeout, "gave no answer in time"),
        (exceptions.ConnectionError, "could not be reached"),
        (exceptions.ChunkedEncodingError, "broke off in the middle of the file"),
        (exceptions.TooManyRedirects, "redirects without end"),
        (exceptions.InvalidSchema, "leads to an address that is not https"),
    ):
        if isinstance(error, kind):
            return reason
    return f"is not an address that can be read ({type(error).__name__})"


def shown(url: str) -> str:
    """A URL for messages: without user name, password, query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the address"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
