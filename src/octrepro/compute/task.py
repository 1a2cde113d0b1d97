"""One piece of work, described by plain values, so that it means the same in any process."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octrepro.core.numerics import Mode

# What a task runs: given the folder of the data and the arguments, it returns the result.
Function = Callable[[Path, dict[str, Any]], bytes]


@dataclass(frozen=True)
class Task:
    """One piece of work.

    Attributes
    ----------
    label
        How a person calls it, such as its seed and setting; it does not enter the key.
    function
        ``module:name`` of a `Function`.
    arguments
        Values that JSON can hold.
    numerics
        How its numbers are computed.
    """

    label: str
    function: str
    arguments: dict[str, Any]
    numerics: Mode

    def key(self, data: str, code: str) -> str:
        """The digest of all that decides the result.

        Parameters
        ----------
        data, code
            Fingerprints of the data folder and of the code.
        """
        content = [self.function, self.arguments, self.numerics, data, code]
        text = json.dumps(content, sort_keys=True, allow_nan=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def call(function: str, folder: Path, arguments: dict[str, Any]) -> bytes:
    """Run a task's function in this process."""
    module, _, name = function.partition(":")
    found: Function = getattr(importlib.import_module(module), name)
    return found(folder, arguments)
