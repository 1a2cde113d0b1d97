"""One command line for the project."""

import subprocess
import sys

import pytest


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_help_lists_the_commands() -> None:
    result = run("-m", "octrepro", "--help")
    assert result.returncode == 0
    for command in ("build", "check", "diff", "repair"):
        assert f" {command} " in result.stdout


def test_starting_loads_no_heavy_library() -> None:
    loaded = "import sys, octrepro.__main__; print({'numpy', 'torch', 'dvc', 'pandas'} & set(sys.modules))"
    assert run("-c", loaded).stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["build", "octmist"], 1, "'octmist' is not a data set of params.yaml"),
        (["diff", "no-such-revision"], 1, "git does not know the revision 'no-such-revision'"),
        (["build", "--jobs", "many"], 2, "--jobs"),
        (["build", "--jobs", "0"], 2, "--jobs"),
    ],
)
def test_mistakes_get_a_message(arguments: list[str], code: int, message: str) -> None:
    result = run("-m", "octrepro", *arguments)
    assert result.returncode == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr
