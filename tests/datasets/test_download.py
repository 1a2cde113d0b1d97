"""Downloads end with the published bytes at the target, or one message and nothing."""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import urllib3

from octrepro.core import UserError
from octrepro.datasets import download
from octrepro.datasets.download import shown
from octrepro.datasets.fetch import MIRROR_VARIABLE, fetch_published
from octrepro.datasets.registry import Published, published
from tests.datasets.server import MisbehavingServer, serving

PAYLOAD = bytes(range(256)) * 6000


@pytest.fixture(autouse=True)
def _no_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "TIMEOUT", (2, 0.3))
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)


@pytest.fixture(scope="module")
def _shared() -> Iterator[MisbehavingServer]:
    with serving(PAYLOAD) as state:
        yield state


@pytest.fixture
def server(_shared: MisbehavingServer) -> MisbehavingServer:
    _shared.requests.clear()
    return _shared


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "raw" / "octmnist.npz"


def _published(url: str) -> Published:
    samples = {"train": 2000, "val": 10, "test": 10}
    return replace(
        published("octmnist"), url=url, sha256=hashlib.sha256(PAYLOAD).hexdigest(), samples=samples
    )


def _fetch(url: str, target: Path) -> None:
    fetch_published("octmnist", _published(url), target)


def _left(target: Path) -> list[str]:
    return sorted(os.listdir(target.parent)) if target.parent.exists() else []


@pytest.mark.parametrize("way", ["honest", "unmeasured", "moved", "busy", "flaky", "absurd", "compressed"])
def test_the_file_arrives(server: MisbehavingServer, target: Path, way: str) -> None:
    _fetch(f"{server.address}/{way}/file", target)
    assert target.read_bytes() == PAYLOAD
    assert _left(target) == ["octmnist.npz"]


_FAILURES = {
    "truncated": "broke off",
    "unmeasured_truncated": "sent another file",
    "understated": "sent another file",
    "overstated": "announces 100,000,000,000,000 bytes",
    "other": "sent another file",
    "endless": "sends more bytes than the file can have",
    "stalled": "in time|broke off",
    "missing": "HTTP status 404",
    "circle": "redirects without end",
    "to_file": "leads to an address that is not https",
    "to_ftp": "leads to an address that is not https",
    "unreadable": "is not an address",
    "nowhere": "HTTP status 302|redirects without end",
    "garbage": "could not be reached|broke off",
    "silent": "could not be reached",
}


@pytest.mark.parametrize("way", _FAILURES)
def test_misbehaving_servers_leave_nothing(server: MisbehavingServer, target: Path, way: str) -> None:
    with pytest.raises(UserError, match=_FAILURES[way]) as caught:
        _fetch(f"{server.address}/{way}/file", target)
    assert _left(target) == []
    message = str(caught.value)
    assert _published("").hash.replace(":", " ") in message
    for way_on in ("Go online", MIRROR_VARIABLE, str(target)):
        assert way_on in message


@pytest.mark.parametrize(
    ("way", "tries"), [("truncated", 3), ("stalled", 3), ("busy", 3), ("missing", 1), ("overstated", 1)]
)
def test_only_failures_that_may_pass_are_tried_again(
    server: MisbehavingServer, target: Path, way: str, tries: int
) -> None:
    with nullcontext() if way == "busy" else pytest.raises(UserError):
        _fetch(f"{server.address}/{way}/file", target)
    assert len(server.requests) == tries


def test_an_unknown_host_is_tried_once(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("pooch.core.time.sleep", pauses.append)
    with pytest.raises(UserError, match=r"https://octrepro\.invalid/file could not be reached"):
        _fetch("https://octrepro.invalid/file?download=1", target)
    assert pauses == []
    assert _left(target) == []


def test_uses_a_file_with_the_right_hash(target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(PAYLOAD)
    before = target.stat()
    _fetch("https://octrepro.invalid/file", target)
    assert (target.stat().st_ino, target.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_file_in_its_place_is_reported_and_replaced(server: MisbehavingServer, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"another")
    with pytest.raises(UserError, match="is there, but is another file"):
        _fetch(f"{server.address}/missing/file", target)
    assert target.read_bytes() == b"another"
    _fetch(f"{server.address}/honest/file", target)
    assert target.read_bytes() == PAYLOAD


def test_leftovers_of_a_killed_download_are_cleared(server: MisbehavingServer, target: Path) -> None:
    target.parent.mkdir()
    folder = target.parent / ".octmnist.npz.abc.def.partial"
    folder.mkdir()
    (folder / "octmnist.npz").write_bytes(b"half")
    _fetch(f"{server.address}/honest/file", target)
    assert _left(target) == ["octmnist.npz"]


def test_the_mirror_is_asked_first(
    server: MisbehavingServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, f"{server.address}/honest/")
    _fetch(f"{server.address}/other/file", target)
    assert server.requests == ["/honest/octmnist.npz"]
    assert target.read_bytes() == PAYLOAD


def test_a_mirror_with_another_file_is_passed_over(
    server: MisbehavingServer,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, f"{server.address}/other")
    _fetch(f"{server.address}/honest/file", target)
    assert target.read_bytes() == PAYLOAD
    assert "/other/octmnist.npz sent another file" in capfd.readouterr().err


def test_a_mirror_may_be_a_folder(target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "octmnist.npz").write_bytes(PAYLOAD)
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path))
    _fetch("https://octrepro.invalid/file", target)
    assert target.read_bytes() == PAYLOAD


@pytest.mark.parametrize(
    ("content", "reported"),
    [(None, "does not exist"), (b"other", "is another file"), (bytes(4 << 20), "larger than")],
)
def test_a_folder_without_the_file_is_reported(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, reported: str
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path))
    if content is not None:
        (tmp_path / "octmnist.npz").write_bytes(content)
    with pytest.raises(UserError, match=reported) as caught:
        _fetch("https://octrepro.invalid/file", target)
    assert "octrepro.invalid" in caught.value.what
    assert _left(target) == []


@pytest.mark.parametrize(
    "mirror", ["ftp://a/b", "file:///etc", "http://[", "http://", "https://a b/", "://", "x://"]
)
def test_hostile_mirrors_give_a_message(target: Path, monkeypatch: pytest.MonkeyPatch, mirror: str) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, mirror)
    with pytest.raises(UserError):
        _fetch("https://octrepro.invalid/file", target)
    assert _left(target) == []


@pytest.mark.parametrize("way", ["missing", "other", "truncated", "honest"])
def test_passwords_are_never_printed(
    server: MisbehavingServer,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    way: str,
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, f"{server.address}/{way}".replace("://", "://me:secret@"))
    with nullcontext() if way == "honest" else pytest.raises(UserError) as caught:
        _fetch("https://octrepro.invalid/file?token=secret", target)
    output = capfd.readouterr()
    assert "secret" not in f"{caught and caught.value}{output.out}{output.err}"


def test_addresses_are_shown_without_what_is_secret() -> None:
    assert shown("https://me:secret@host:8080/a/b?token=x#y") == "https://host:8080/a/b"


def test_https_is_never_left_by_a_redirect(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(_adapter: object, request: requests.PreparedRequest, **_options: object) -> requests.Response:
        asked.append(request.url)
        response = requests.Response()
        response.status_code, response.url, response.request = 301, str(request.url), request
        response.headers["Location"] = "http://host/file"
        response.raw = urllib3.HTTPResponse(io.BytesIO(), preload_content=False)
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", answer)
    with pytest.raises(UserError, match="leads to an address that is not https"):
        _fetch("https://host/file", target)
    assert set(asked) == {"https://host/file"}
    assert _left(target) == []
