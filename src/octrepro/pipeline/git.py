"""Git, asked for what it knows."""

import subprocess
from pathlib import Path

from octrepro.core import UserError


def git(folder: Path, *arguments: str) -> bytes:
    """What a git command prints, run in `folder`; a UserError when it fails."""
    result = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    if result.returncode != 0:
        raise UserError(
            f"git {arguments[0]} failed: {result.stderr.decode(errors='replace').strip()}",
            expected="a git repository with a commit",
        )
    return result.stdout
