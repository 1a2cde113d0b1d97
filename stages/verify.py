"""Check a construction of the reader's own: `python stages/verify.py file.yaml [--certificate file.v]`.

The file has the keys of one construction of params.yaml, whose constants (k1, k2) it may use beside its own.
The exit code is 0 only if it computes f robustly for every D, 1 if it does not or that could not be decided,
2 if the file cannot be used.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from octrepro.config.loading import load_construction, load_params
from octrepro.core import UserError, numerics
from octrepro.core.files import write_text

LARGEST_DIMENSION = 20


def main(arguments: list[str] | None = None) -> int:
    """Print the verdict and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", help="title, activation, hidden, output and, if need be, constants, in YAML")
    parser.add_argument("--max-dimension", type=int, default=12, help="enumerate every D up to this one (12)")
    parser.add_argument("--certificate", metavar="FILE.v", help="write a Coq proof of the verdict here")
    wanted = parser.parse_args(arguments)
    try:
        return _verify(wanted.file, wanted.max_dimension, wanted.certificate)
    except UserError as error:
        print(f"\nverify: {error}\n", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _verify(file: str, max_dimension: int, proof_file: str | None) -> int:
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
    return 0 if verdict.robust and verdict.proof == "proved" else 1


if __name__ == "__main__":
    sys.exit(main())
