"""Whether equal bits are promised here: on this processor, with the packages installed."""

import re
from importlib import metadata
from pathlib import Path

from packaging.markers import Marker

from octrepro.core import UserError, numerics

_PIN = re.compile(r"^(?:# by version: )?([A-Za-z0-9_.-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+))?", re.MULTILINE)


def check_processor() -> None:
    """Refuse a processor outside the promise of equal bits, and say which ones are inside."""
    if not numerics.covers_this_processor():
        raise UserError("this processor is outside the promise of equal bits", expected=numerics.COVERED)


def pins(lock: Path) -> dict[str, str]:
    """Package versions that the lock file holds, of those that this machine needs."""
    return {
        name: version
        for name, version, marker in _PIN.findall(lock.read_text(encoding="utf-8"))
        if not marker or Marker(marker.strip()).evaluate()
    }


def installed(lock: Path) -> dict[str, str]:
    """The versions installed of the packages that the lock file holds for this machine."""
    found = {}
    for name in pins(lock):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "nothing"
    return found


def check_installed(lock: Path) -> None:
    """Refuse an environment in which a package is missing or has another version than in the lock file."""
    # A build of the same version carries a label of its own, such as 2.13.0+cpu.
    locked = pins(lock)
    wrong = [
        f"{name} {version} (locked: {locked[name]})"
        for name, version in installed(lock).items()
        if version.partition("+")[0] != locked[name]
    ]
    if wrong:
        raise UserError(
            f"the installed packages differ from {lock.name}: {', '.join(wrong)}",
            expected="the locked versions, since others may give other bytes",
            hint="rm -r .venv && make setup",
        )
