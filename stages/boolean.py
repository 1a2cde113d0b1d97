"""Verify every construction of params.yaml, decide single perceptrons, draw the figures of question 3."""

from __future__ import annotations

from collections.abc import Iterator

from octrepro.core import paths
from octrepro.core.files import atomic_directory, write_json
from octrepro.core.progress import progress
from octrepro.core.stage import Stage, main


def run(stage: Stage) -> None:
    """Write runs/boolean/verification.json and the figures."""
    from octrepro.boolean.figures import draw_all
    from octrepro.boolean.networks import family
    from octrepro.boolean.report import report
    from octrepro.boolean.verification import Verdict, verify

    wanted = stage.params.boolean
    families = [family(name, each, wanted.constants) for name, each in wanted.constructions.items()]

    def verdicts() -> Iterator[Verdict]:
        yield from (verify(each, wanted.max_dimension) for each in families)

    found = list(progress(verdicts(), len(families), stage.address, "construction"))
    write_json(paths.verification(), report(found, wanted.max_dimension, wanted.constants))
    with atomic_directory(paths.boolean_figures()) as folder:
        draw_all(folder, families, found)


if __name__ == "__main__":
    main("boolean", run)
