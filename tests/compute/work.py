"""Work for the tests, importable by name in any process."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from octrepro.compute.child import is_configured
from octrepro.core import UserError


def describe(folder: Path, item: dict[str, Any]) -> bytes:
    """Which item this is, the sum of the data's bytes, and where and how it was done."""
    time.sleep(item.get("seconds", 0))
    print("noise, as libraries print it")
    return json.dumps(
        {
            "number": item["number"],
            "total": sum(sum(path.read_bytes()) for path in folder.iterdir()),
            "configured": is_configured("portable"),
            "process": os.getpid(),
            "folder": str(folder),
        }
    ).encode()


def fail_when_asked(folder: Path, item: dict[str, Any]) -> bytes:
    """Fail, by a user's mistake or otherwise, while the flag exists; note what was done."""
    if item["number"] == 1 and Path(item["flag"]).exists():
        raise UserError("the flag is up", hint="take it down")
    if item["number"] == 2 and Path(item["flag"]).exists():
        raise ZeroDivisionError("by nothing")
    time.sleep(item.get("seconds", 0))
    with Path(item["log"]).open("a") as log:
        log.write(f"{item['number']}\n")
    return str(item["number"]).encode()


def die(folder: Path, item: dict[str, Any]) -> bytes:
    """End the whole process, as the system does when memory runs out: always, or while the flag exists."""
    flag = item.get("flag")
    if item["number"] == 1 and (flag is None or Path(flag).exists()):
        if flag is not None:
            Path(flag).unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return str(item["number"]).encode()
