"""What the crate says of its license and authors, and which citation it refuses."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from octrepro.core import UserError
from octrepro.publish import crate
from octrepro.publish.archive import read_citation
from tests.pipeline.conftest import ROOT

PEOPLE = [{"given-names": "Ada", "name-particle": "van", "family-names": "Dyck"}, {"name": "A group"}]


def described(*files: str) -> dict[str, dict[str, Any]]:
    citation = {"title": "A title", "abstract": "What it is.", "authors": PEOPLE}
    needed = [crate.WORKFLOW, *crate.INPUTS]
    content = crate.describe([*needed, *files], [], "phantom", citation, "0" * 40, "2026-01-31")
    return {entity["@id"]: entity for entity in json.loads(content)["@graph"]}


def test_a_license_is_named_once_there_is_one() -> None:
    without, chosen = described(), described("LICENSE")
    assert "the owner has to choose" in without[without["./"]["license"]["@id"]]["name"]
    assert chosen["./"]["license"] == {"@id": "LICENSE"}
    assert not [entity for entity in chosen.values() if "No license" in entity.get("name", "")]


def test_authors_are_those_of_the_citation() -> None:
    entities = described()
    authors = [entities[author["@id"]] for author in entities["./"]["author"]]
    assert [(author["@type"], author["name"]) for author in authors] == [
        ("Person", "Ada van Dyck"),
        ("Organization", "A group"),
    ]


@pytest.mark.parametrize("content", [b"title: [", b"title: no authors", b"", b"[]"])
def test_an_unusable_citation_is_refused(content: bytes) -> None:
    with pytest.raises(UserError, match=r"CITATION.cff cannot be used"):
        read_citation(content)


@pytest.mark.skipif(shutil.which("cffconvert") is None, reason="needs cffconvert")
def test_the_citation_is_valid() -> None:
    subprocess.run(["cffconvert", "--validate", "--infile", str(ROOT / "CITATION.cff")], check=True)
