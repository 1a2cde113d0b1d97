"""Whether equal bits are promised here: on this processor, with the packages installed."""

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from octrepro.core import UserError, numerics

_PIN = re.compile(r"^(?:# by version: )?([\w.-]+==[^\\\n]+)", re.MULTILINE)


def check_processor() -> None:
    """Refuse a processor outside the promise of equal bits, and say which ones are inside."""
    if not numerics.covers_this_processor():
        raise UserError("this processor is outside the promise of equal bits", expected=numerics.COVERED)


def check_installed(lock: Path) -> dict[str, str]:
    """The versions installed of the packages that the lock file holds for this machine.

    A UserError when one is missing, or has another version than in the lock file.
    """
    versions, wrong = {}, []
    for package in map(Requirement, _PIN.findall(lock.read_text(encoding="utf-8"))):
        if package.marker and not package.marker.evaluate():
            continue
        try:
            version = metadata.version(package.name)
        except metadata.PackageNotFoundError:
            version = "nothing"
        versions[package.name] = version
        # A build of the same version may carry a label of its own, such as 2.13.0+cpu.
        if not package.specifier.contains(version):
            wrong.append(f"{package.name} {version} (locked: {package.specifier})")
    if wrong:
        raise UserError(
            f"the installed packages differ from {lock.name}: {', '.join(wrong)}",
            expected="the locked versions, since others may give other bytes",
            hint="rm -r .venv && make setup",
        )
    return versions
