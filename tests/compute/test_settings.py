"""Where the work runs: what the environment may say, and what not."""

import pytest

from octrepro.compute.settings import Compute, load_settings
from octrepro.core import UserError

THERE = "tcp://a:1"


@pytest.mark.parametrize(
    ("backend", "jobs", "scheduler", "expected"),
    [
        ("", "", "", Compute()),
        ("dask", "", THERE, Compute(scheduler=THERE)),
        ("local", "", THERE, Compute()),
        # As older scripts say it.
        ("loky", "2", THERE, Compute(jobs=2)),
        ("dusk", "", "", "OCTREPRO_BACKEND is 'dusk'\n  expected: 'local' or 'dask'"),
        ("", "many", "", "OCTREPRO_JOBS is 'many'"),
        ("", "0", "", "OCTREPRO_JOBS is '0'"),
        ("", "1" * 5000, "", "a whole number of processes"),
        ("dask", "", "", "no scheduler is named"),
    ],
)
def test_the_environment_is_read_or_refused(
    backend: str, jobs: str, scheduler: str, expected: Compute | str
) -> None:
    environment = {"OCTREPRO_BACKEND": backend, "OCTREPRO_JOBS": jobs, "OCTREPRO_SCHEDULER": scheduler}
    if isinstance(expected, Compute):
        assert load_settings(environment) == expected
        assert load_settings({name: value for name, value in environment.items() if value}) == expected
    else:
        with pytest.raises(UserError) as caught:
            load_settings(environment)
        assert expected in str(caught.value)
