"""Work for the tests, importable by name in any process."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from octrepro.core import UserError


def describe(folder: Path, arguments: dict[str, Any]) -> bytes:
    """What the task was given, and the sum of the data's bytes."""
    time.sleep(arguments.get("seconds", 0))
    total = sum(sum(path.read_bytes()) for path in folder.iterdir())
    return json.dumps([arguments["number"], total]).encode()


def environment(folder: Path, arguments: dict[str, Any]) -> bytes:
    """Where the task ran, and whether NumPy was set up before it loaded."""
    import numpy  # noqa: F401

    from octrepro.core import numerics

    wanted = numerics.environment("portable")
    right = all(os.environ.get(name) == value for name, value in wanted.items())
    return json.dumps({"right": right, "process": os.getpid(), "folder": str(folder)}).encode()


def fail_when_asked(folder: Path, arguments: dict[str, Any]) -> bytes:
    """Fail, by a user's mistake or otherwise, while the data say so."""
    if arguments["number"] == 1 and Path(arguments["flag"]).exists():
        raise UserError("the flag is up", hint="take it down")
    if arguments["number"] == 2 and Path(arguments["flag"]).exists():
        raise ZeroDivisionError("by nothing")
    with Path(arguments["log"]).open("a") as log:
        log.write(f"{arguments['number']}\n")
    return str(arguments["number"]).encode()


def die_once(folder: Path, arguments: dict[str, Any]) -> bytes:
    """End the whole process the first time, as the system does when memory runs out."""
    flag = Path(arguments["flag"])
    if arguments["number"] == 1 and flag.exists():
        flag.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return str(arguments["number"]).encode()


def die_always(folder: Path, arguments: dict[str, Any]) -> bytes:
    """End the whole process."""
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def print_much(folder: Path, arguments: dict[str, Any]) -> bytes:
    """Print, as libraries do."""
    print("noise " * 1000)
    return b"quiet"
