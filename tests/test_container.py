"""The Dockerfile's own steps make the report, in a bare Debian root where there is no Docker."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from octrepro.pipeline.miniature import shrink
from octrepro.reporting.pdf import DEBIAN_PACKAGES
from tests.pipeline.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# How this machine reaches packages: an index or a proxy of its own, wheels in a folder.
WHEELS = os.environ.get("PIP_FIND_LINKS", "")
PASSED = ("PIP_FIND_LINKS", "PIP_INDEX_URL", "http_proxy", "https_proxy", "no_proxy")

# Each instruction of the Dockerfile and its argument.
STEPS = re.findall(r"^([A-Z]+) (.+)", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)


class Machine:
    """A bare Debian system in a folder, in which instructions are carried out as Docker would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user = "root"
        self.work = "/"
        self.variables = {name: os.environ[name] for name in PASSED if name in os.environ}

    def boot(self, release: str) -> None:
        subprocess.run(["debootstrap", "--variant=minbase", release, str(self.folder)], check=True)
        shutil.copy("/etc/resolv.conf", self.folder / "etc")
        # A network may have an authority of its own, which this machine knows.
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", self.folder / "authorities.crt")
        self.variables["PIP_CERT"] = "/authorities.crt"
        if Path(WHEELS).is_absolute():
            shutil.copytree(WHEELS, self.folder / WHEELS.lstrip("/"))

    def run(self, command: str) -> None:
        """Run a shell command inside, as the present user."""
        mounts = 'mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$@"'
        variables = {"PATH": PATH, "HOME": f"/home/{self.user}", **self.variables}
        environment = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
        shell = ["sh", "-c", f"cd {self.work} && {command}"]
        inside = [f"--userspec={self.user}", str(self.folder), *environment, *shell]
        subprocess.run(["unshare", "--mount", "sh", "-c", mounts, str(self.folder), *inside], check=True)

    def copy(self, arguments: str) -> None:
        """Copy what is committed, the only form of COPY that we use."""
        assert arguments == f"--chown={self.user} . .", arguments
        project = self.folder / self.work.lstrip("/")
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(project)], check=True)
        path = project / "params.yaml"
        path.write_text(yaml.safe_dump(shrink(yaml.safe_load(path.read_text())), sort_keys=False))
        owner = (self.folder / "home" / self.user).stat()
        for each in (project, *project.rglob("*")):
            os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)


@pytest.mark.endurance
@pytest.mark.skipif(
    shutil.which("debootstrap") is None or os.geteuid() != 0 or "OCTREPRO_CONTAINER" not in os.environ,
    reason="takes 10 minutes: as root with debootstrap, OCTREPRO_CONTAINER=1 pytest tests/test_container.py",
)
def test_the_steps_make_the_report(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "root")
    for keyword, argument in STEPS:
        match keyword:
            case "FROM":
                release = re.fullmatch(r"debian:([a-z]+)-.+", argument)
                assert release
                machine.boot(release[1])
            case "RUN":
                machine.run(argument)
            case "ENV":
                name, _, value = argument.partition("=")
                machine.variables[name] = value.replace("$PATH", PATH)
            case "USER":
                machine.user = argument
            case "WORKDIR":
                machine.work = argument
            case "COPY":
                machine.copy(argument)
            case "CMD":
                machine.run(" ".join(json.loads(argument)))
            case _:
                raise AssertionError(f"{keyword} is not carried out here")
    report = machine.folder / machine.work.lstrip("/") / "report/build/phantom"
    for name in ("report.html", "report.pdf"):
        assert (report / name).stat().st_uid != 0


def test_base_is_pinned_and_the_report_is_made_without_root() -> None:
    assert re.fullmatch(r"debian:bookworm-\d{8}-slim@sha256:[0-9a-f]{64}", dict(STEPS)["FROM"])
    assert [keyword for keyword, _ in STEPS[-6:]] == ["USER", "WORKDIR", "COPY", "RUN", "ENV", "CMD"]
    assert dict(STEPS)["USER"] != "root"
    assert set(DEBIAN_PACKAGES) <= set(dict(reversed(STEPS))["RUN"].split())


def test_devcontainer_uses_it() -> None:
    content = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert (ROOT / ".devcontainer" / content["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert content["remoteUser"] == dict(STEPS)["USER"]
