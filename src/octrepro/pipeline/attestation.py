"""What a check found, as a statement that another machine's can be compared with.

The form is in-toto's (https://github.com/in-toto/attestation): a Statement about the outputs, with a test
result as its predicate. Nothing in it names the machine, its folders or the time.
"""

import hashlib
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from octrepro.core import UserError
from octrepro.core.errors import printable
from octrepro.pipeline.committed import Outputs, drifts

Statement = Mapping[str, Any]


def state(
    found: Outputs, commit: str, lock: bytes, packages: Mapping[str, str], *, passed: bool
) -> Statement:
    """The statement of a check on this machine, which made `found`, in this order.

    `lock` is the content of the `commit`'s dvc.lock, `packages` are those installed.
    """
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            # Of a folder, DVC gives the hash of the list of its files.
            {"name": path, "digest": {"md5": md5.removesuffix(".dir")}, "annotations": {"stage": stage}}
            for (stage, path), md5 in found.items()
        ],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": "PASSED" if passed else "FAILED",
            "configuration": [
                {"name": "commit", "digest": {"gitCommit": commit}},
                {"name": "dvc.lock", "digest": {"sha256": hashlib.sha256(lock).hexdigest()}},
            ],
            "machine": {
                "processor": _processor(),
                "system": f"{platform.system()} {' '.join(platform.libc_ver())}".strip(),
                "python": platform.python_version(),
            },
            "packages": dict(packages),
        },
    }


def read_statement(path: Path) -> Statement:
    """Read another machine's statement; a UserError when it cannot be read, or names no output."""
    try:
        statement: Statement = json.loads(path.read_text(encoding="utf-8"))
        if _outputs(statement):
            return statement
        problem = "it names no output"
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        problem = str(error)
    raise UserError(
        f"{path} cannot be compared with: {problem}",
        expected="a build/check.json that 'make check' wrote on another machine",
    )


def differences(here: Statement, there: Statement, name: str) -> str:
    """The first stage whose outputs here are not those of another machine, whose statement is called `name`.

    Its outputs follow, a line each; empty when no stage differs.
    """
    differing = drifts(_outputs(there), _outputs(here))
    if not differing:
        return ""
    stages = list(dict.fromkeys(drift.stage for drift in differing))
    lines = [
        f"  {drift.output}: there {drift.expected}, here {drift.found}"
        for drift in differing
        if drift.stage == stages[0]
    ]
    head = f"The first stage that differs from {name}: {stages[0]} ({len(stages)} in all)."
    return printable("\n".join([head, *lines]))


def _outputs(statement: Statement) -> Outputs:
    return {
        (str(output["annotations"]["stage"]), str(output["name"])): str(output["digest"]["md5"])
        for output in statement["subject"]
    }


def _processor() -> str:
    """The processor's name where Linux gives one, and its architecture."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="ascii", errors="replace") if cpuinfo.exists() else ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return " ".join([*names[:1], platform.machine()])
