"""What the crate says of its license and authors."""

from __future__ import annotations

import json
from typing import Any

from octrepro.publish import crate

FILES = [crate.WORKFLOW, *crate.INPUTS]


def described(files: list[str], authors: list[dict[str, str]]) -> dict[str, dict[str, Any]]:
    citation = {"title": "A title", "abstract": "What it is.", "authors": authors}
    content = crate.describe(files, [], "phantom", citation, "0" * 40, "2026-01-31")
    return {entity["@id"]: entity for entity in json.loads(content)["@graph"]}


def test_a_license_is_named_once_there_is_one() -> None:
    authors = [{"name": "A group"}]
    without, chosen = described(FILES, authors), described([*FILES, "LICENSE"], authors)
    assert "the owner has to choose" in without[without["./"]["license"]["@id"]]["name"]
    assert chosen["./"]["license"] == {"@id": "LICENSE"}
    assert not [entity for entity in chosen.values() if "No license" in entity.get("name", "")]


def test_authors_are_those_of_the_citation() -> None:
    person = {"given-names": "Ada", "name-particle": "van", "family-names": "Dyck"}
    entities = described(FILES, [person, {"name": "A group"}])
    authors = [entities[author["@id"]] for author in entities["./"]["author"]]
    assert [(author["@type"], author["name"]) for author in authors] == [
        ("Person", "Ada van Dyck"),
        ("Organization", "A group"),
    ]
