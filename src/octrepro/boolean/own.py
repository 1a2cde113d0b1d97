"""The verdict on a construction of the reader's own."""

from __future__ import annotations

from pathlib import Path

from octrepro.config.loading import load_construction, load_params
from octrepro.core import UserError, numerics
from octrepro.core.files import write_text

LARGEST_DIMENSION = 20


def answer_file(file: str, max_dimension: int, proof_file: str | None) -> bool:
    """Print the verdict on the construction in `file`; whether it computes f robustly for every D.

    Parameters
    ----------
    file
        YAML with the keys of one construction of params.yaml, whose constants (k1, k2) it may use beside its
        own.
    max_dimension
        Every D up to this one is enumerated.
    proof_file
        Where to write a Coq proof of the verdict, if at all.

    Raises
    ------
    UserError
        When the file cannot be used.
    """
    if not file:
        raise UserError("no construction was named", expected="make verify CONSTRUCTION=file.yaml")
    if not 1 <= max_dimension <= LARGEST_DIMENSION:
        raise UserError(
            f"--max-dimension {max_dimension} is out of range", expected=f"1 to {LARGEST_DIMENSION}"
        )
    construction = load_construction(file)
    shared = load_params().boolean.constants if Path("params.yaml").exists() else {}
    numerics.configure("portable")
    from octrepro.boolean.answer import answer
    from octrepro.boolean.certificate import certificate
    from octrepro.boolean.networks import family
    from octrepro.boolean.verification import verify

    verdict = verify(family(Path(file).stem, construction, shared, prefix=f"{file}: "), max_dimension)
    if proof_file:
        write_text(proof_file, certificate([verdict]))
    print(answer(verdict), end="")
    return verdict.robust and verdict.proof == "proved"
