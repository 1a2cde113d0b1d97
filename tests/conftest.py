"""What all tests share: numerics, how examples are drawn, where DVC keeps its own, and projects to build."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from octrepro.core import numerics

# Before anything imports NumPy, as in the stages.
numerics.configure("portable")
# The same examples in every run, with no limit on time: a busy machine is no mistake.
settings.load_profile("ci")

pytest_plugins = ("tests.pipeline.project", "tests.pipeline.toy")


@pytest.fixture(scope="session", autouse=True)
def _dvc_keeps_nothing_outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """DVC would leave a folder in /var/tmp for each project that a test makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "dvc"))
        yield
