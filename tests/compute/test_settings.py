"""Where the work runs: what the environment may say, and what not."""

import pytest

from octrepro.compute.settings import Compute, load_settings
from octrepro.core import UserError


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        ({}, Compute()),
        ({"OCTREPRO_BACKEND": "", "OCTREPRO_JOBS": "", "OCTREPRO_SCHEDULER": ""}, Compute()),
        ({"OCTREPRO_JOBS": "4"}, Compute(jobs=4)),
        ({"OCTREPRO_SCHEDULER": "tcp://a:1"}, Compute(scheduler="tcp://a:1")),
        ({"OCTREPRO_BACKEND": "dask", "OCTREPRO_SCHEDULER": "tcp://a:1"}, Compute(scheduler="tcp://a:1")),
        ({"OCTREPRO_BACKEND": "local", "OCTREPRO_SCHEDULER": "tcp://a:1"}, Compute()),
    ],
)
def test_reads_the_environment(environment: dict[str, str], settings: Compute) -> None:
    assert load_settings(environment) == settings


@pytest.mark.parametrize(
    ("environment", "reported"),
    [
        ({"OCTREPRO_BACKEND": "dusk"}, "OCTREPRO_BACKEND is 'dusk'\n  expected: 'local' or 'dask'"),
        ({"OCTREPRO_JOBS": "many"}, "OCTREPRO_JOBS is 'many'"),
        ({"OCTREPRO_JOBS": "0"}, "OCTREPRO_JOBS is '0'"),
        ({"OCTREPRO_JOBS": "-1"}, "OCTREPRO_JOBS is '-1'"),
        ({"OCTREPRO_JOBS": "1" * 5000}, "a whole number of processes"),
        ({"OCTREPRO_BACKEND": "dask"}, "no scheduler is named"),
    ],
)
def test_rejects_wrong_values(environment: dict[str, str], reported: str) -> None:
    with pytest.raises(UserError) as caught:
        load_settings(environment)
    assert reported in str(caught.value)
