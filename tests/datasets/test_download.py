"""Downloads end with the published bytes at the target, or one message and nothing."""

import hashlib
import io
import os
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3

from octrepro.core import UserError
from octrepro.datasets import fetch
from octrepro.datasets.fetch import MIRROR_VARIABLE, fetch_published
from octrepro.datasets.registry import Published, published

PAYLOAD = bytes(range(256)) * 6000
LENGTH = {"Content-Length": str(len(PAYLOAD))}
# What the server of these tests answers under a path that begins so: status, headers and body.
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "honest": (200, LENGTH, PAYLOAD),
    "unmeasured": (200, {}, PAYLOAD),
    "absurd": (200, {"Content-Length": "-5"}, PAYLOAD),
    "moved": (302, {"Location": "/honest/file", "Content-Length": "0"}, b""),
    "truncated": (200, LENGTH, PAYLOAD[:1000]),
    "stalled": (200, LENGTH, PAYLOAD[:1000]),
    "unmeasured_truncated": (200, {}, PAYLOAD[:-1]),
    "understated": (200, {"Content-Length": str(len(PAYLOAD) - 10)}, PAYLOAD),
    "overstated": (200, {"Content-Length": str(10**14)}, b""),
    "worded": (200, {"Content-Length": "long"}, PAYLOAD),
    "other": (200, LENGTH, b"x" * len(PAYLOAD)),
    "compressed": (200, {"Content-Encoding": "gzip"}, PAYLOAD),
    "huge": (200, {}, PAYLOAD * 3),
    "missing": (404, {}, b"no"),
    "circle": (302, {"Location": "/circle/again", "Content-Length": "0"}, b""),
    "to_file": (302, {"Location": "file:///etc/passwd", "Content-Length": "0"}, b""),
    "unreadable": (302, {"Location": "http://[", "Content-Length": "0"}, b""),
    "nowhere": (302, {}, b""),
}


class Server(ThreadingHTTPServer):
    """A server on this machine that misbehaves in the ways real ones do."""

    asked: list[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        way = self.path.split("/")[1]
        if way == "silent":
            return
        if way == "flaky":
            way = "truncated" if len(self.server.asked) < 3 else "honest"
        status, headers, body = ANSWERS[way]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if way == "stalled":
            time.sleep(0.5)


@pytest.fixture(scope="module")
def _shared() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def server(_shared: Server) -> Server:
    _shared.asked = []
    return _shared


@pytest.fixture(autouse=True)
def _quick_and_without_a_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch, "TIMEOUT", (2, 0.3))
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "raw" / "octmnist.npz"


def _published(url: str) -> Published:
    samples = {"train": 2000, "val": 10, "test": 10}
    sha256 = hashlib.sha256(PAYLOAD).hexdigest()
    return replace(published("octmnist"), url=url, sha256=sha256, samples=samples)


def _fetch(url: str, target: Path) -> None:
    fetch_published("octmnist", _published(url), target)


def _refused(url: str, target: Path, expected: str) -> str:
    with pytest.raises(UserError, match=expected) as caught:
        _fetch(url, target)
    assert not target.parent.exists() or os.listdir(target.parent) == []
    return str(caught.value)


@pytest.mark.parametrize("way", ["honest", "unmeasured", "absurd", "moved", "flaky"])
def test_the_file_arrives(server: Server, target: Path, way: str) -> None:
    _fetch(f"{server.address}/{way}/file", target)
    assert target.read_bytes() == PAYLOAD
    assert os.listdir(target.parent) == ["octmnist.npz"]


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        *[(way, "broke off") for way in ("truncated", "overstated", "stalled", "silent", "compressed")],
        *[(way, "sent another file") for way in ("unmeasured_truncated", "understated", "other", "worded")],
        ("huge", "sends more bytes than the file can have"),
        ("missing", "HTTP status 404"),
        ("circle", "HTTP status 302"),
        ("to_file", "InvalidSchema"),
        ("unreadable", "cannot get"),
        ("nowhere", "sent another file"),
    ],
)
def test_misbehaving_servers_leave_nothing(server: Server, target: Path, way: str, expected: str) -> None:
    message = _refused(f"{server.address}/{way}/file", target, expected)
    for part in (_published("").hash.replace(":", " "), "Go online", MIRROR_VARIABLE, str(target)):
        assert part in message


def test_a_file_that_is_there_is_used_if_it_is_the_right_one(server: Server, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"another")
    with pytest.raises(UserError, match="is there, but is another file"):
        _fetch(f"{server.address}/missing/file", target)
    assert target.read_bytes() == b"another"
    _fetch(f"{server.address}/honest/file", target)
    before = target.stat()
    _fetch(f"{server.address}/missing/file", target)
    assert target.read_bytes() == PAYLOAD
    assert (target.stat().st_ino, target.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_mirror_is_asked_first_and_passed_over_with_another_file(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, f"{server.address}/other/")
    _fetch(f"{server.address}/honest/file", target)
    assert set(server.asked) == {"/other/octmnist.npz", "/honest/file"}
    assert "/other/octmnist.npz sent another file" in capfd.readouterr().err
    target.unlink()
    server.asked.clear()
    monkeypatch.setenv(MIRROR_VARIABLE, f"{server.address}/honest")
    _fetch(f"{server.address}/other/file", target)
    assert server.asked == ["/honest/octmnist.npz"]


def test_a_mirror_may_be_a_folder(target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path))
    nowhere = "https://octrepro.invalid/file?download=1"
    both = r"octmnist\.npz {}; https://octrepro\.invalid/file could not be reached"
    _refused(nowhere, target, both.format("does not exist"))
    (tmp_path / "octmnist.npz").write_bytes(b"other")
    _refused(nowhere, target, both.format("is another file"))
    (tmp_path / "octmnist.npz").write_bytes(PAYLOAD)
    _fetch(nowhere, target)
    assert target.read_bytes() == PAYLOAD


@pytest.mark.parametrize("mirror", ["ftp://a/b", "file:///etc", "http://[", "http://", "https://a b/", "://"])
def test_hostile_mirrors_give_a_message(target: Path, monkeypatch: pytest.MonkeyPatch, mirror: str) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, mirror)
    _refused("https://octrepro.invalid/file", target, "cannot get")


@pytest.mark.parametrize("way", ["missing", "other", "truncated", "honest"])
def test_passwords_are_never_printed(
    server: Server,
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


def test_https_is_never_left_by_a_redirect(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(_adapter: object, request: requests.PreparedRequest, **_options: Any) -> requests.Response:
        asked.append(request.url)
        response = requests.Response()
        response.status_code, response.url, response.request = 301, str(request.url), request
        response.headers["Location"] = "http://host/file"
        response.raw = urllib3.HTTPResponse(io.BytesIO(), preload_content=False)
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", answer)
    _refused("https://host/file", target, "InvalidSchema")
    assert set(asked) == {"https://host/file"}
