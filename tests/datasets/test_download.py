"""Downloads end with the published bytes at the target, or one message and nothing."""

import hashlib
import io
import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import urllib3

from octrepro.core import UserError
from octrepro.datasets.fetch import MIRROR_VARIABLE, fetch_published
from octrepro.datasets.registry import Published, published

PAYLOAD = bytes(range(256)) * 6000
LENGTH = {"Content-Length": str(len(PAYLOAD))}
# What the publisher answers for a path that begins so: status, headers and body.
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "honest": (200, LENGTH, PAYLOAD),
    "unmeasured": (200, {}, PAYLOAD),
    "moved": (302, {"Location": "/honest/file"}, b""),
    "truncated": (200, LENGTH, PAYLOAD[:1000]),
    "unmeasured_truncated": (200, {}, PAYLOAD[:-1]),
    "overstated": (200, {"Content-Length": str(10**14)}, b""),
    "worded": (200, {"Content-Length": "long"}, PAYLOAD),
    "other": (200, LENGTH, b"x" * len(PAYLOAD)),
    "compressed": (200, {"Content-Encoding": "gzip"}, PAYLOAD),
    "huge": (200, {}, PAYLOAD * 3),
    "missing": (404, {}, b"no"),
    "circle": (302, {"Location": "/circle/again"}, b""),
    "to_file": (302, {"Location": "file:///etc/passwd"}, b""),
    "to_http": (302, {"Location": "http://host/honest/file"}, b""),
    "unreadable": (302, {"Location": "http://["}, b""),
    "nowhere": (302, {}, b""),
}


class Network:
    """Answers requests as servers do, below requests' own treatment of redirects, lengths and encodings."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, **_options: Any) -> requests.Response:
        url = str(request.url)
        self.asked.append(url)
        way = urlsplit(url).path.split("/")[1]
        if urlsplit(url).hostname != "host" or way == "silent":
            raise requests.exceptions.ConnectionError(f"cannot reach {url}")
        if way == "flaky":
            way = "truncated" if len(self.asked) < 3 else "honest"
        status, headers, body = ANSWERS[way]
        raw = urllib3.HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    found = Network()
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", lambda _, request, **__: found.send(request))
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    return found


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


@pytest.mark.parametrize("way", ["honest", "unmeasured", "moved", "flaky"])
def test_the_file_arrives(target: Path, way: str) -> None:
    _fetch(f"https://host/{way}/file", target)
    assert target.read_bytes() == PAYLOAD
    assert os.listdir(target.parent) == ["octmnist.npz"]


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        *[(way, "broke off") for way in ("silent", "truncated", "overstated", "compressed")],
        *[(way, "sent another file") for way in ("unmeasured_truncated", "other", "worded", "nowhere")],
        ("huge", "sends more bytes than the file can have"),
        ("missing", "HTTP status 404"),
        ("circle", "HTTP status 302"),
        ("to_file", "InvalidSchema"),
        ("to_http", "InvalidSchema"),
        ("unreadable", "cannot get"),
    ],
)
def test_misbehaving_servers_leave_nothing(network: Network, target: Path, way: str, expected: str) -> None:
    message = _refused(f"https://host/{way}/file", target, expected)
    for part in (_published("").hash.replace(":", " "), "Go online", MIRROR_VARIABLE, str(target)):
        assert part in message
    assert all(url.startswith("https://") for url in network.asked)


def test_a_file_that_is_there_is_used_if_it_is_the_right_one(network: Network, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"another")
    with pytest.raises(UserError, match="is there, but is another file"):
        _fetch("https://host/missing/file", target)
    assert target.read_bytes() == b"another"
    _fetch("https://host/honest/file", target)
    network.asked.clear()
    _fetch("https://host/missing/file", target)
    assert target.read_bytes() == PAYLOAD
    assert not network.asked


def test_the_mirror_is_asked_first_and_passed_over_with_another_file(
    network: Network, target: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, "http://host/other/")
    _fetch("https://host/honest/file", target)
    assert set(network.asked) == {"http://host/other/octmnist.npz", "https://host/honest/file"}
    assert "/other/octmnist.npz sent another file" in capfd.readouterr().err
    target.unlink()
    network.asked.clear()
    monkeypatch.setenv(MIRROR_VARIABLE, "http://host/honest")
    _fetch("https://host/other/file", target)
    assert network.asked == ["http://host/honest/octmnist.npz"]


def test_a_mirror_may_be_a_folder(target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path))
    nowhere = "https://nowhere/file?download=1"
    both = r"octmnist\.npz {}; https://nowhere/file could not be reached"
    _refused(nowhere, target, both.format("does not exist"))
    (tmp_path / "octmnist.npz").write_bytes(b"other")
    _refused(nowhere, target, both.format("is another file"))
    (tmp_path / "octmnist.npz").write_bytes(PAYLOAD)
    _fetch(nowhere, target)
    assert target.read_bytes() == PAYLOAD


@pytest.mark.parametrize("mirror", ["ftp://a/b", "file:///etc", "http://[", "http://", "https://a b/", "://"])
def test_hostile_mirrors_give_a_message(target: Path, monkeypatch: pytest.MonkeyPatch, mirror: str) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, mirror)
    _refused("https://nowhere/file", target, "cannot get")


@pytest.mark.parametrize("way", ["missing", "other", "truncated", "silent", "honest"])
def test_passwords_are_never_printed(
    target: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, f"http://me:secret@host/{way}")
    with nullcontext() if way == "honest" else pytest.raises(UserError) as caught:
        _fetch("https://nowhere/file?token=secret", target)
    output = capfd.readouterr()
    assert "secret" not in f"{caught and caught.value}{output.out}{output.err}"
