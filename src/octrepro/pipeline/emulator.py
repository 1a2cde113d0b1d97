"""Processors that QEMU's user-mode emulation can stand in for, and how to start Python on each.

Python for 64-bit ARM is made of packages of Debian, checked by apt and unpacked in a folder of the project:
nothing is installed on the machine. Its wheels are those of requirements.lock, checked by hash; PyTorch is
held by version. uv chooses them, since pip would ask which ones this machine's processor needs.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from octrepro.core import UserError
from octrepro.core.files import atomic_directory

# By QEMU's names. Of x86-64, a processor with AVX2 and no AVX-512. QEMU's default for ARM is no choice: it
# signs pointers, which makes emulation several times slower.
ARM = "neoverse-n1"
MODELS = (ARM, "Haswell")

# The release is named, so that the emulated system is the same on every machine.
DEBIAN = (
    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main"
)
DEBIAN_PACKAGES = ("python3", "libgomp1", "libstdc++6")
UV = "uv==0.9.18"
# The newest PyTorch whose wheel for ARM needs no CUDA libraries; and no DVC, which only starts stages.
OVERRIDES = "torch==2.10.0\ndvc; python_version < '3'\n"


@dataclass(frozen=True)
class Processor:
    """A processor: the command that starts Python there, where its packages are, variables that it needs."""

    name: str
    python: tuple[str, ...]
    site: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


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
    recipe = b"".join(path.read_bytes() for path in (project / "requirements.lock", Path(__file__)))
    folder = project / "build" / "aarch64" / hashlib.sha256(recipe).hexdigest()[:16]
    if not folder.exists():
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise UserError(
                "ARM's Python is made of Debian's packages", expected="a system with apt and dpkg"
            )
        print("Downloading a Python for ARM to build/aarch64 (once, some 250 MB) ...", flush=True)
        shutil.rmtree(folder.parent, ignore_errors=True)
        with atomic_directory(folder) as partial:
            _unpack_debian(partial)
            _install_wheels(partial, project)
    return folder


def _unpack_debian(folder: Path) -> None:
    """Download the interpreter and what it depends on, with a state of apt's own; unpack to ``root``."""
    apt, root = folder / "apt", folder / "root"
    archives = apt / "var/cache/apt/archives"
    for part in (apt / "etc/apt", apt / "var/lib/apt", apt / "var/lib/dpkg", archives, root / "usr/lib"):
        part.mkdir(parents=True)
    (apt / "var/lib/dpkg/status").touch()
    (apt / "etc/apt/sources.list").write_text(f"{DEBIAN}\n", encoding="utf-8")
    # Debian's packages leave this link to its installer.
    (root / "lib").symlink_to("usr/lib")
    settings = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Debug::NoLocking": "true",
        "Dir": apt,
    }
    apt_get = ["apt-get", *(f"-o{name}={value}" for name, value in settings.items()), "--quiet=2"]
    _run(*apt_get, "update")
    _run(*apt_get, "--yes", "--no-install-recommends", "--download-only", "install", *DEBIAN_PACKAGES)
    for package in sorted(archives.glob("*.deb")):
        _run("dpkg-deb", "--extract", str(package), str(root))
    shutil.rmtree(apt)


def _install_wheels(folder: Path, project: Path) -> None:
    """Install what stages import to ``folder/site``."""
    version = (folder / "root/usr/bin/python3").readlink().name.removeprefix("python")
    overrides = folder / "overrides.txt"
    overrides.write_text(OVERRIDES, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    _run(*pip, f"--target={folder / 'uv'}", UV)
    uv = [str(folder / "uv/bin/uv"), "pip", "install", "--quiet", "--no-cache", f"--python={sys.executable}"]
    uv += ["--only-binary=:all:", f"--python-version={version}", "--python-platform=aarch64-manylinux_2_40"]
    uv += [f"--requirements={project / 'pyproject.toml'}", f"--constraints={project / 'requirements.lock'}"]
    _run(*uv, f"--overrides={overrides}", f"--target={folder / 'site'}")


def _run(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise UserError(
            f"{Path(command[0]).name} failed: {result.stderr[-1000:]}",
            hint="it needs Debian's and Python's package indexes: try again when they can be reached",
        )
