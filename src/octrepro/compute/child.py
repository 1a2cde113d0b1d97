"""A process of its own for a task, with the numerics set before NumPy loads.

A Dask worker is started by somebody else: NumPy may be loaded there under other settings, and its threads
share PyTorch's random generator. So a worker hands each task to a child that was started the right way, and
needs no start options itself. The child answers over pipes: requests are lines of JSON, each answer is a line
of JSON and, when all went well, as many bytes as the line says.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from octrepro.core import UserError, numerics
from octrepro.core.numerics import Mode

IDLE_SECONDS = 60.0


class ChildError(Exception):
    """The task failed in the child: the message is that of its own error."""


class Children:
    """The children of one process, kept for the next task while there is one soon."""

    def __init__(self) -> None:
        self._idle: dict[Mode, list[subprocess.Popen[bytes]]] = {}
        self._lock = threading.Lock()

    def call(self, mode: Mode, function: str, folder: Path, arguments: dict[str, Any]) -> bytes:
        """Run a task in a child.

        Raises
        ------
        UserError
            A user's mistake, told by the task.
        ChildError
            Any other failure of the task, or the end of its process.
        """
        request = {"function": function, "folder": str(folder), "arguments": arguments}
        child = self._take(mode)
        try:
            result = _ask(child, request)
        except BaseException:
            child.kill()
            child.wait()
            raise
        with self._lock:
            self._idle.setdefault(mode, []).append(child)
        if isinstance(result, bytes):
            return result
        if result["user_error"]:
            raise UserError(result["message"])
        raise ChildError(result["message"])

    def _take(self, mode: Mode) -> subprocess.Popen[bytes]:
        with self._lock:
            idle = self._idle.get(mode, [])
            while idle:
                child = idle.pop()
                if child.poll() is None:
                    return child
        return _start(mode)


def _start(mode: Mode) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "octrepro.compute.child", mode]
    # What this process can import, its child can.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _ask(child: subprocess.Popen[bytes], request: dict[str, Any]) -> bytes | dict[str, Any]:
    assert child.stdin is not None  # noqa: S101 (it was started with pipes)
    assert child.stdout is not None  # noqa: S101
    try:
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()
        line = child.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {}
        result = child.stdout.read(answer["size"]) if answer.get("ok") else b""
    except BrokenPipeError:
        answer, result = {}, b""
    if not answer or (answer["ok"] and len(result) < answer["size"]):
        raise ChildError(f"its process ended (exit code {child.wait()}); was there memory enough?")
    return result if answer["ok"] else answer


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are none, or the parent is gone."""
    waiting: queue.Queue[bytes] = queue.Queue()

    def listen() -> None:
        for line in requests:
            waiting.put(line)
        # The parent has ended: whatever is computed now, nobody will read.
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            line = waiting.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            os._exit(0)
        answer, result = _answer(json.loads(line))
        answers.write(json.dumps(answer).encode() + b"\n" + result)
        answers.flush()


def _answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    from octrepro.compute.task import call

    try:
        result = call(request["function"], Path(request["folder"]), request["arguments"])
    except UserError as error:
        return {"ok": False, "user_error": True, "message": str(error)}, b""
    except Exception as error:  # whatever it is, it belongs to this task, and the next one may go well
        return {"ok": False, "user_error": False, "message": f"{type(error).__name__}: {error}"}, b""
    return {"ok": True, "size": len(result)}, result


def _main(mode: Mode) -> None:
    numerics.configure(mode)
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main(sys.argv[1])  # type: ignore[arg-type]
