"""Processors that QEMU's user-mode emulation can stand in for, and how to start Python on each.

Python for 64-bit ARM is made of packages of Debian, checked by apt and unpacked in a folder of the project:
nothing is installed on the machine. Its wheels are those of requirements.lock, checked by hash; PyTorch is
held by version.
"""

import hashlib
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from octrepro.core import UserError

# By QEMU's names. Of x86-64, a processor with AVX2 and no AVX-512. QEMU's default for ARM is no choice: it
# signs pointers, which makes emulation several times slower.
ARM = "neoverse-n1"
MODELS = (ARM, "Haswell")

# The release is named, so that the emulated system is the same on every machine.
DEBIAN = (
    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main"
)
DEBIAN_PACKAGES = ("python3", "libgomp1", "libstdc++6")
# The newest release whose wheel for ARM needs no CUDA libraries.
TORCH = "2.10.0"
# Wheels name the oldest C library that they run with; Debian 13 has 2.41.
PLATFORMS = ("manylinux2014_aarch64", *(f"manylinux_2_{release}_aarch64" for release in range(17, 42)))


@dataclass(frozen=True)
class Processor:
    """A processor: the command that starts Python there, where its packages are, variables that it needs."""

    name: str
    python: tuple[str, ...]
    site: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


HERE = Processor("this machine", (sys.executable,))


def find(model: str, project: Path) -> Processor:
    """The emulated processor `model`; a UserError when it cannot be emulated on this machine."""
    if model == ARM:
        qemu = _program("qemu-aarch64")
        folder = arm_python(project)
        home = folder / "root" / "usr"
        python = (qemu, "-cpu", model, "-L", str(home.parent), str(home / "bin/python3"))
        return Processor(f"{model} (aarch64)", python, folder / "site", {"PYTHONHOME": str(home)})
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        raise UserError("it runs this machine's own Python, which is not for x86-64")
    return Processor(f"{model} (x86-64)", (_program("qemu-x86_64"), "-cpu", model, sys.executable))


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(f"{name}-static")
    if found is None:
        raise UserError(f"{name} is not on this machine", hint="sudo apt-get install qemu-user")
    return found


def arm_python(project: Path) -> Path:
    """The folder of ARM's Python, made where it is missing: ``root`` (Debian) and ``site`` (wheels)."""
    lock = (project / "requirements.lock").read_text(encoding="utf-8")
    recipe = hashlib.sha256(lock.encode() + Path(__file__).read_bytes()).hexdigest()[:16]
    folder = project / "build" / "aarch64" / recipe
    if not folder.exists():
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise UserError(
                "ARM's Python is made of Debian's packages", expected="a system with apt and dpkg"
            )
        print("Downloading a Python for ARM to build/aarch64 (once, some 250 MB) ...", flush=True)
        shutil.rmtree(folder.parent, ignore_errors=True)
        partial = folder.with_suffix(".partial")
        _unpack_debian(partial)
        _install_wheels(partial, lock)
        partial.rename(folder)
    return folder


def _unpack_debian(folder: Path) -> None:
    """Download the interpreter and what it depends on, with a state of apt's own; unpack to ``root``."""
    apt, root = folder / "apt", folder / "root"
    for part in (apt / "lists/partial", apt / "archives/partial", root / "usr/lib"):
        part.mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources").write_text(f"{DEBIAN}\n", encoding="utf-8")
    # Debian's packages leave this link to its installer.
    (root / "lib").symlink_to("usr/lib")
    settings = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Debug::NoLocking": "true",
        "Dir::Cache": apt,
        "Dir::Cache::Archives": apt / "archives",
        "Dir::Etc::SourceList": apt / "sources",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State": apt,
        "Dir::State::Lists": apt / "lists",
        "Dir::State::status": apt / "status",
    }
    apt_get = ["apt-get", *(f"-o{name}={value}" for name, value in settings.items()), "--quiet=2"]
    _run(*apt_get, "update")
    _run(*apt_get, "--yes", "--no-install-recommends", "--download-only", "install", *DEBIAN_PACKAGES)
    for package in sorted((apt / "archives").glob("*.deb")):
        _run("dpkg-deb", "--extract", str(package), str(root))
    shutil.rmtree(apt)


def _install_wheels(folder: Path, lock: str) -> None:
    """Install what stages import to ``folder/site``."""
    version = (folder / "root/usr/bin/python3").readlink().name.removeprefix("python")
    wanted = dependencies("octrepro", version)
    blocks = re.findall(r"^[a-z].*?(?=^\S|\Z)", lock, flags=re.MULTILINE | re.DOTALL)
    locked = folder / "locked.txt"
    locked.write_text("".join(b for b in blocks if canonicalize_name(b.partition("==")[0]) in wanted))
    options = ["--quiet", "--no-deps", "--no-compile", "--only-binary=:all:", "--implementation=cp"]
    options += [f"--target={folder / 'site'}", f"--python-version={version}"]
    options += [f"--platform={platform}" for platform in PLATFORMS]
    pip = [sys.executable, "-m", "pip", "install", *options]
    _run(*pip, "--require-hashes", f"--requirement={locked}")
    _run(*pip, f"torch=={TORCH}")


def dependencies(package: str, version: str) -> set[str]:
    """The names of all that `package` needs on ARM, but for DVC, which only starts stages."""
    environment = {"python_version": version, "python_full_version": f"{version}.0", "extra": ""}
    environment["platform_machine"] = "aarch64"
    found, waiting = {"dvc"}, [package]
    while waiting:
        try:
            needed = map(Requirement, metadata.requires(waiting.pop()) or ())
        except metadata.PackageNotFoundError:  # not needed on this machine
            continue
        names = {canonicalize_name(r.name) for r in needed if not r.marker or r.marker.evaluate(environment)}
        waiting += names - found
        found |= names
    return found - {"dvc"}


def _run(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        errors = [line for line in result.stderr.splitlines() if line.startswith(("ERROR", "E:"))]
        raise UserError(
            f"{Path(command[0]).name} failed: {' '.join(errors) or result.stderr[-1000:]}",
            hint="it needs Debian's and Python's package indexes: try again when they can be reached",
        )
