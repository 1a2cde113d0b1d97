"""What a check found, as a statement that another machine's can be compared with.

The form is in-toto's (https://github.com/in-toto/attestation): a Statement about the outputs, with a test
result as its predicate, where each stage is a test. Nothing in it names the machine, its folders or the time.
"""

import json
import platform
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from octrepro.core import UserError
from octrepro.core.errors import printable
from octrepro.pipeline.committed import Drift, Promises, drifts, not_comparable

TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"

Statement = Mapping[str, Any]


def state(
    found: Promises,
    compared: Collection[str],
    drifting: Sequence[Drift],
    sources: Mapping[str, Mapping[str, str]],
    packages: Mapping[str, str],
) -> Statement:
    """The statement of a check on this machine.

    `found` are the outputs that were made, in the pipeline's order; stages that are not `compared` are named
    as warnings. `sources` are the digests of the commit and the lock file, `packages` the versions installed.
    """
    failed = {drift.stage for drift in drifting}
    stages = list(dict.fromkeys([*found, *(drift.stage for drift in drifting)]))
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            # Of a folder, DVC gives the hash of the list of its files.
            {"name": path, "digest": {"md5": md5.removesuffix(".dir")}, "annotations": {"stage": stage}}
            for stage, outputs in found.items()
            for path, md5 in outputs.items()
        ],
        "predicateType": TEST_RESULT,
        "predicate": {
            "result": "FAILED" if drifting else "PASSED",
            "configuration": [{"name": name, "digest": digest} for name, digest in sources.items()],
            "passedTests": [stage for stage in stages if stage in compared and stage not in failed],
            "warnedTests": [stage for stage in stages if stage not in compared and stage not in failed],
            "failedTests": [stage for stage in stages if stage in failed],
            "drifts": [asdict(drift) for drift in drifting],
            "machine": {
                "processor": _processor(),
                "system": f"{platform.system()} {' '.join(platform.libc_ver())}".strip(),
                "python": platform.python_version(),
            },
            "packages": dict(packages),
        },
    }


def read_statement(path: Path) -> Statement:
    """Read another machine's statement; a UserError when it cannot be read, or is none."""
    try:
        statement: Statement = json.loads(path.read_text(encoding="utf-8"))
        if statement["predicateType"] == TEST_RESULT and _outputs(statement) and _facts(statement):
            return statement
        problem = "it is not a statement of a check"
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        problem = str(error)
    raise UserError(
        f"{path} cannot be compared with: {problem}",
        expected="a build/check.json that 'make check' wrote on another machine",
    )


def differences(here: Statement, there: Statement, name: str) -> list[str]:
    """How the outputs of this machine differ from another's, whose statement is called `name`.

    Empty when they do not. Else the first line names the first stage that differs, in the pipeline's order.
    Its outputs follow, and then what else differs between the two machines and may explain it.
    """
    ours, theirs = _outputs(here), _outputs(there)
    left_out = not_comparable(theirs, ours)
    differing = [drift for drift in drifts(theirs, ours) if drift.stage not in left_out]
    if not differing:
        return []
    first = differing[0].stage
    stages = len({drift.stage for drift in differing})
    explaining = drifts({"": _facts(there)}, {"": _facts(here)})
    shown = [*(drift for drift in differing if drift.stage == first), *explaining]
    lines = [
        f"The first stage that differs from {name}: {first} ({stages} in all).",
        *(f"  {drift.output}: there {drift.expected}, here {drift.found}" for drift in shown),
    ]
    return [printable(line) for line in lines]


def _outputs(statement: Statement) -> Promises:
    found: Promises = {}
    for output in statement["subject"]:
        stage = str(output["annotations"]["stage"])
        found.setdefault(stage, {})[str(output["name"])] = str(output["digest"]["md5"])
    return found


def _facts(statement: Statement) -> dict[str, str]:
    predicate = statement["predicate"]
    sources = {source["name"]: source["digest"] for source in predicate["configuration"]}
    facts = {**sources, **predicate["machine"], **predicate["packages"]}
    return {str(fact): str(value) for fact, value in facts.items()}


def _processor() -> str:
    """The processor's name where Linux gives one, and its architecture."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="ascii", errors="replace") if cpuinfo.exists() else ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return " ".join([*names[:1], platform.machine()])
