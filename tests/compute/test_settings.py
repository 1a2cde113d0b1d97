"""Where the work runs: the environment, compute.yaml, and what is not allowed in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from octrepro.compute.settings import load_settings
from octrepro.core import UserError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "compute.yaml"


def test_by_default_all_cores_of_this_machine(file: Path) -> None:
    settings = load_settings({}, file)
    assert not settings.uses_dask
    assert settings.jobs is None


def test_the_environment_goes_before_the_file(file: Path) -> None:
    file.write_text("backend: dask\nscheduler: tcp://a:1\njobs: 3\n")
    assert load_settings({}, file).uses_dask
    settings = load_settings({"OCTREPRO_BACKEND": "loky", "OCTREPRO_JOBS": "5"}, file)
    assert not settings.uses_dask
    assert settings.jobs == 5


def test_an_address_alone_means_dask(file: Path) -> None:
    assert load_settings({"OCTREPRO_SCHEDULER": "tcp://a:1"}, file).uses_dask


def test_an_empty_file_and_empty_variables_say_nothing(file: Path) -> None:
    file.write_text("# nothing\n")
    assert load_settings({"OCTREPRO_BACKEND": "", "OCTREPRO_JOBS": ""}, file).jobs is None


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"OCTREPRO_BACKEND": "dusk"}, "backend: 'dusk' is not allowed, expected 'loky' or 'dask'"),
        ({"OCTREPRO_JOBS": "many"}, "jobs: 'many' is not allowed"),
        ({"OCTREPRO_JOBS": "0"}, "jobs: 0 is not allowed"),
        ({"OCTREPRO_BACKEND": "dask"}, "no scheduler is named"),
    ],
)
def test_a_wrong_variable_is_told(file: Path, environment: dict[str, str], told: str) -> None:
    with pytest.raises(UserError) as caught:
        load_settings(environment, file)
    assert told in str(caught.value)
    assert "OCTREPRO_" in str(caught.value)


@pytest.mark.parametrize("content", ["bakcend: dask", "jobs: -1", "connect_timeout: .inf", "- a list"])
def test_a_wrong_file_is_told(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(UserError, match=r"compute\.yaml"):
        load_settings({}, file)
