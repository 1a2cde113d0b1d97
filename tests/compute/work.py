"""Work for the tests, importable by name in any process."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from octrepro.core import UserError, numerics


def describe(folder: Path, item: dict[str, Any]) -> bytes:
    """Which item this is, the sum of the data's bytes, and where and how it was done."""
    time.sleep(item.get("seconds", 0))
    print("noise, as libraries print it")
    return json.dumps(
        {
            "number": item["number"],
            "total": sum(sum(path.read_bytes()) for path in folder.iterdir()),
            "configured": numerics.environment("portable").items() <= os.environ.items(),
            "process": os.getpid(),
        }
    ).encode()


def fail(folder: Path, item: dict[str, Any]) -> bytes:
    """Fail by a user's mistake, otherwise, or as when memory runs out: by the end of the whole process."""
    if item["number"] == 1:
        raise UserError("it is wrong", hint="correct it")
    if item["number"] == 2:
        raise ZeroDivisionError("by nothing")
    if item["number"] == 3 and os.getpid() != item["process"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return b"done"
