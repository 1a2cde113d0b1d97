"""Download one file over HTTP, trusting neither the server nor the line."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

MEBIBYTE = 1 << 20
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5

Ticker = Callable[[Iterable[bytes], int], Iterable[bytes]]


class TransferError(Exception):
    """A download failed; the text says why in a few words.

    Parameters
    ----------
    reason : str
        Why.
    passing : bool
        Whether another try may succeed.
    """

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.passing = passing


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server.

    Attributes
    ----------
    connect, read : float
        Seconds to wait for a connection, and for the next bytes.
    attempts : int
        How often to try.
    pause : float
        Seconds before the second try; doubled before each further one.
    slowest : float
        Bytes per second below which a transfer is given up.
    grace : float
        Seconds before the speed counts.
    """

    connect: float = 10.0
    read: float = 30.0
    attempts: int = 3
    pause: float = 1.0
    slowest: float = 2048.0
    grace: float = 30.0


class Download:
    """A downloader for `pooch.retrieve`: one GET, with limits on size, time and redirects.

    Parameters
    ----------
    size_limit : int
        Bytes at which a transfer is cut off.
    patience : Patience
        How long to wait.
    ticker : callable
        Wraps the iteration over mebibytes (first argument; the second is their number, 0 when unknown).

    Attributes
    ----------
    digests : dict[str, str]
        md5 and sha256 of what was received, once a transfer is whole.
    """

    def __init__(self, size_limit: int, patience: Patience, ticker: Ticker) -> None:
        self._size_limit = size_limit
        self._patience = patience
        self._ticker = ticker
        self.digests: dict[str, str] = {}

    def __call__(self, url: str, output_file: str | IO[bytes], pooch: Any, check_only: bool = False) -> None:
        """Write what is at `url` to `output_file`; `pooch` and `check_only` belong to pooch's interface.

        Raises
        ------
        TransferError
            When the server cannot be reached, refuses, stalls, stops early or sends too much.
        """
        import requests
        import urllib3

        try:
            with requests.Session() as session:
                response = self._get(session, url)
                with response:
                    self._save(response, output_file)
        except requests.exceptions.SSLError:
            raise TransferError("its certificate could not be verified", passing=False) from None
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
            raise TransferError("gave no answer in time", passing=True) from None
        except requests.exceptions.ConnectionError as error:
            # A machine without a network finds no name; waiting a second does not mend that.
            cause = getattr(error.args[0] if error.args else None, "reason", None)
            offline = isinstance(cause, urllib3.exceptions.NameResolutionError)
            raise TransferError("could not be reached", passing=not offline) from None
        except (
            requests.exceptions.RequestException,
            urllib3.exceptions.LocationParseError,
            ValueError,
        ) as error:
            raise TransferError(
                f"is not an address that can be read ({type(error).__name__})", passing=False
            ) from None
        except urllib3.exceptions.HTTPError:
            raise TransferError("broke off in the middle of the file", passing=True) from None

    def _get(self, session: Any, url: str) -> Any:
        """Ask for `url`, following redirects that stay on https or on the scheme of the first address."""
        schemes = {"https", urlsplit(url).scheme}
        for _ in range(_MOST_REDIRECTS + 1):
            response = session.get(
                url,
                stream=True,
                allow_redirects=False,
                timeout=(self._patience.connect, self._patience.read),
                # A body compressed on the way could unfold to any size and would not match its length.
                headers={"Accept-Encoding": "identity"},
            )
            if response.status_code not in _REDIRECTS:
                break
            response.close()
            url = urljoin(url, response.headers.get("Location", ""))
            if urlsplit(url).scheme not in schemes:
                raise TransferError(f"redirects to {shown(url)}, which is not https", passing=False)
        else:
            raise TransferError("redirects without end", passing=False)
        if response.status_code != 200:
            response.close()
            busy = response.status_code in (408, 429) or response.status_code >= 500
            raise TransferError(f"answered with HTTP status {response.status_code}", passing=busy)
        return response

    def _save(self, response: Any, output_file: str | IO[bytes]) -> None:
        """Write the body, counting and hashing it."""
        announced = response.headers.get("Content-Length", "")
        size = int(announced) if announced.isdecimal() and len(announced) < 16 else 0
        if size > self._size_limit:
            raise TransferError(f"announces {size:,} bytes, more than the file can have", passing=False)
        hashes = {name: hashlib.new(name, usedforsecurity=False) for name in ("md5", "sha256")}
        blocks = self._ticker(self._blocks(response.raw), -(-size // MEBIBYTE))
        if isinstance(output_file, str):
            with open(output_file, "wb") as stream:
                _write(blocks, stream, hashes)
        else:
            _write(blocks, output_file, hashes)
        self.digests = {name: digest.hexdigest() for name, digest in hashes.items()}

    def _blocks(self, raw: Any) -> Iterator[bytes]:
        """Read the body in pieces of a mebibyte, watching size and speed."""
        start = time.monotonic()
        received, block = 0, bytearray()
        while piece := raw.read1(1 << 16):
            received += len(piece)
            if received > self._size_limit:
                raise TransferError("sends more bytes than the file can have", passing=False)
            seconds = time.monotonic() - start
            if seconds > self._patience.grace and received < seconds * self._patience.slowest:
                raise TransferError("is too slow to finish", passing=True)
            block += piece
            while len(block) >= MEBIBYTE:
                yield bytes(block[:MEBIBYTE])
                del block[:MEBIBYTE]
        if block:
            yield bytes(block)


def shown(url: str) -> str:
    """A URL for messages: without user name, password, query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the address"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _write(blocks: Iterable[bytes], stream: IO[bytes], hashes: dict[str, Any]) -> None:
    for block in blocks:
        stream.write(block)
        for digest in hashes.values():
            digest.update(block)
