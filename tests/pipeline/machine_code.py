"""Machine code that copies of the project share: numba would compile each copy anew, as it lies elsewhere."""

from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator


class Shared(UserProvidedCacheLocator):
    """A place named by the package alone: the folder above it has the digest of all compiled sources."""

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        return Path(py_file).parent.name

    def get_source_stamp(self) -> None:
        return None
