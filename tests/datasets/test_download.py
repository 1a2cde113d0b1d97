"""Downloads end with the published bytes at the target, or one message and nothing."""

import hashlib
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import urllib3

from octrepro.core import UserError
from octrepro.datasets.fetch import MIRROR_VARIABLE, fetch_published
from octrepro.datasets.registry import published

PAYLOAD = bytes(range(256)) * 6000
LENGTH = {"Content-Length": str(len(PAYLOAD))}
# What the publisher answers for a path that begins so: status, headers and body.
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "honest": (200, LENGTH, PAYLOAD),
    "moved": (302, {"Location": "/honest/file"}, b""),
    "truncated": (200, LENGTH, PAYLOAD[:1000]),
    "other": (200, {}, PAYLOAD[:-1]),
    "huge": (200, {}, PAYLOAD * 3),
    "missing": (404, {}, b"no"),
    "to_http": (302, {"Location": "http://host/honest/file"}, b""),
}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer requests as servers do, below requests' own treatment of redirects, lengths and encodings.

    Gives the addresses that were asked for.
    """
    asked: list[str] = []

    def send(
        adapter: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, **_options: Any
    ) -> requests.Response:
        url = str(request.url)
        asked.append(url)
        way = urlsplit(url).path.split("/")[1]
        if urlsplit(url).hostname != "host" or way == "silent":
            raise requests.exceptions.ConnectionError(f"cannot reach {url}")
        if way == "flaky":
            way = "truncated" if len(asked) < 3 else "honest"
        status, headers, body = ANSWERS[way]
        raw = urllib3.HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)
        return adapter.build_response(request, raw)

    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    monkeypatch.setattr("octrepro.datasets.fetch.MAX_BYTES", 2 * len(PAYLOAD))
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    return asked


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "raw" / "octmnist.npz"


PUBLISHED = replace(published("octmnist"), hash=f"sha256:{hashlib.sha256(PAYLOAD).hexdigest()}")


def _fetch(url: str, target: Path) -> None:
    fetch_published("octmnist", replace(PUBLISHED, url=url), target)


def _refused(url: str, target: Path, expected: str) -> str:
    with pytest.raises(UserError, match=expected) as caught:
        _fetch(url, target)
    assert not target.parent.exists() or os.listdir(target.parent) == []
    return str(caught.value)


@pytest.mark.parametrize("way", ["honest", "moved", "flaky"])
def test_the_file_arrives(target: Path, way: str) -> None:
    _fetch(f"https://host/{way}/file", target)
    assert target.read_bytes() == PAYLOAD
    assert os.listdir(target.parent) == ["octmnist.npz"]


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("silent", "broke off"),
        ("truncated", "broke off"),
        ("other", "sent another file"),
        ("huge", "sends more bytes than the file can have"),
        ("missing", "HTTP status 404"),
        ("to_http", "InvalidSchema"),
    ],
)
def test_misbehaving_servers_leave_nothing(asked: list[str], target: Path, way: str, expected: str) -> None:
    message = _refused(f"https://host/{way}/file", target, expected)
    for part in (PUBLISHED.hash.replace(":", " "), "Go online", MIRROR_VARIABLE, str(target)):
        assert part in message
    assert all(url.startswith("https://") for url in asked)


def test_a_file_that_is_there_is_used_if_it_is_the_right_one(asked: list[str], target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"another")
    with pytest.raises(UserError, match="is there, but is another file"):
        _fetch("https://host/missing/file", target)
    assert target.read_bytes() == b"another"
    _fetch("https://host/honest/file", target)
    asked.clear()
    _fetch("https://host/missing/file", target)
    assert target.read_bytes() == PAYLOAD
    assert not asked


def test_a_mirror_may_be_a_folder(target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path))
    nowhere = "https://nowhere/file?download=1"
    both = r"octmnist\.npz is another file; https://nowhere/file could not be reached"
    (tmp_path / "octmnist.npz").write_bytes(b"other")
    _refused(nowhere, target, both)
    (tmp_path / "octmnist.npz").write_bytes(PAYLOAD)
    _fetch(nowhere, target)
    assert target.read_bytes() == PAYLOAD


@pytest.mark.parametrize(
    "mirror",
    ["file:///etc", "http://[", *(f"http://me:secret@host/{way}" for way in ("missing", "other", "silent"))],
)
def test_a_mirror_is_passed_over_with_a_message_that_tells_no_password(
    target: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], mirror: str
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, mirror)
    message = _refused("https://nowhere/file?token=secret", target, "cannot get")
    _fetch("https://host/honest/file?token=secret", target)
    told = f"{message}{capfd.readouterr().err}"
    assert told.endswith("taken from https://host/honest/file instead\n")
    assert target.read_bytes() == PAYLOAD
    assert "secret" not in told
