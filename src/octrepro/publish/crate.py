"""The archive's description for machines: a Workflow Run RO-Crate.

It says what was run, on what and with which results, and nothing of when, where or by whom: that would
differ between two builds. The one date is the commit's.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from rocrate.model import ComputerLanguage, ContextEntity
from rocrate.rocrate import ROCrate

NAME = "ro-crate-metadata.json"
# Version 0.5 of the profiles builds on version 1.1 of RO-Crate itself.
VERSION = "1.1"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
WORKFLOW = "dvc.yaml"
YAML = "application/yaml"
FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".tex": "text/x-tex",
    ".yaml": YAML,
}
INPUTS = ("params.yaml", "requirements.lock")


def describe(
    files: Iterable[str],
    outputs: Iterable[str],
    dataset: str,
    citation: Mapping[str, Any],
    commit: str,
    date: str,
) -> bytes:
    """The content of ro-crate-metadata.json.

    `files` are all files of the archive, `outputs` those that the pipeline made; `citation` is the content of
    CITATION.cff (title, abstract and authors), `commit` and `date` are the commit's hash and its day.
    """
    crate = ROCrate(version=VERSION)

    def thing(identifier: str, kind: str, **properties: Any) -> ContextEntity:
        return crate.add(ContextEntity(crate, identifier, {"@type": kind, **properties}))

    root = crate.root_dataset
    language = crate.add(ComputerLanguage(crate, "#dvc", {"name": "DVC", "url": {"@id": "https://dvc.org"}}))
    workflow = crate.add_workflow(
        dest_path=WORKFLOW,
        main=True,
        lang=language,
        properties={"name": "The pipeline", "version": commit, "encodingFormat": YAML},
    )
    known = {WORKFLOW: workflow}
    for path in files:
        if path != WORKFLOW:
            kind = FORMATS.get(PurePosixPath(path).suffix, "text/plain")
            known[path] = crate.add_file(dest_path=path, properties={"encodingFormat": kind})
    parameter = crate.add_formal_parameter("DATASET", "Text", identifier="#dataset-parameter")
    value = thing("#dataset", "PropertyValue", name="DATASET", value=dataset, exampleOfWork=parameter)
    parameter["workExample"] = value
    workflow["input"] = parameter
    action = crate.add_action(
        workflow,
        identifier="#build",
        object=[value, *(known[path] for path in INPUTS)],
        result=[known[path] for path in outputs],
        properties={
            "name": f"make report DATASET={dataset}",
            "description": "The build of the report; when, where and by whom changes no byte",
        },
    )
    root["name"] = f"{citation['title']}: {dataset}"
    root["description"] = citation["abstract"]
    root["datePublished"] = date
    authors = [
        thing(f"#author-{number}", "Organization" if "name" in author else "Person", name=_name(author))
        for number, author in enumerate(citation["authors"], 1)
    ]
    root["author"] = authors if len(authors) > 1 else authors[0]
    if "LICENSE" in known:
        root["license"] = known["LICENSE"]
    else:
        unknown = "No license yet: the owner has to choose one"
        root["license"] = thing("#no-license", "CreativeWork", name=unknown)
    root["conformsTo"] = [
        thing(url, "CreativeWork", name=name, version=url.rpartition("/")[2])
        for url, name in PROFILES.items()
    ]
    root["mentions"] = action
    if "README.md" in known:
        known["README.md"]["about"] = root
    return (json.dumps(crate.metadata.generate(), indent=2, sort_keys=True) + "\n").encode()


def _name(author: Mapping[str, str]) -> str:
    """The name of a person or an organization in CITATION.cff."""
    parts = ("name", "given-names", "name-particle", "family-names", "name-suffix")
    return " ".join(author[part] for part in parts if part in author)
