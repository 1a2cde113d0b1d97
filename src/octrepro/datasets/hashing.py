"""Hashes of files, read in blocks."""

import hashlib
from pathlib import Path

from octrepro.core import UserError


def file_hash(path: Path, algorithm: str) -> str:
    """Hash a file.

    Parameters
    ----------
    path : Path
        The file.
    algorithm : str
        ``md5`` or ``sha256``.

    Returns
    -------
    str
        The digest in lower-case hexadecimal digits.

    Raises
    ------
    UserError
        When the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, algorithm).hexdigest()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
