"""Decide the constructions of params.yaml and single perceptrons, write proofs, draw question 3's figures."""

import hashlib
from fractions import Fraction

from octrepro.core import paths
from octrepro.core.files import atomic_directory, write_json, write_text
from octrepro.core.progress import progress
from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Write runs/boolean/verification.json, runs/boolean/Construction.v and the figures."""
    from octrepro.boolean import separability
    from octrepro.boolean.certificate import certificate
    from octrepro.boolean.figures import draw_all
    from octrepro.boolean.networks import family
    from octrepro.boolean.verification import LARGEST_MARGIN, verify

    wanted = stage.params.boolean
    families = [
        family(name, each, wanted.constants, f"boolean.constructions.{name}.")
        for name, each in wanted.constructions.items()
    ]
    verdicts = (verify(each, wanted.max_dimension) for each in families)
    found = list(progress(verdicts, len(families), stage.address, "construction"))
    proofs = certificate(found)
    margin = max((verdict.margin for verdict in found), default=Fraction(0))
    content = {
        "max_dimension": wanted.max_dimension,
        "constants": wanted.constants,
        "certificate": hashlib.sha256(proofs.encode()).hexdigest(),
        "evaluated": sum(verdict.evaluated for verdict in found),
        "constructions": [verdict.as_dict() for verdict in found],
        "largest_margin": {
            "margin": str(margin),
            "attained_by": [verdict.family.name for verdict in found if verdict.margin == margin > 0],
            "attains_bound": margin == LARGEST_MARGIN,
        },
        "separability": separability.table(),
    }
    write_text(paths.certificate, proofs)
    write_json(paths.verification, content)
    with atomic_directory(paths.boolean_figures) as folder:
        draw_all(folder, found)


if __name__ == "__main__":
    main("boolean", run)
