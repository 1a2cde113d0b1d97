"""A LaTeX engine for the PDF: found, or installed where that is ours to do."""

import os
import shutil
import subprocess
import sys

from octrepro.reporting.pdf import DEBIAN_PACKAGES, available_engine


def engine_or_install() -> str | None:
    """A LaTeX engine; as root on a Debian system without one, it is installed first."""
    found = available_engine()
    if found or not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return found
    print("Installing LaTeX for the PDF (once) ...", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES],
    ):
        if subprocess.run(command, env=environment, capture_output=True, check=False).returncode != 0:
            return None
    return available_engine()
