"""``python -m benchmarks.rounding_report DATASET``: what block sizes change on a data set."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

from octrepro.config import Mlp, load_params
from octrepro.core import UserError, numerics
from octrepro.core.files import write_json

STANDARD_DEVIATIONS = (0.01, 0.1)


def main() -> None:
    """Train the run `mlp` in blocks of several sizes, for both initial standard deviations."""
    try:
        if len(sys.argv) != 2:
            raise UserError("one data set is needed", expected="the name of a prepared data set")
        _report(sys.argv[1])
    except UserError as error:
        print(f"\nrounding: {error}\n", file=sys.stderr)
        sys.exit(1)


def _report(dataset: str) -> None:
    params = load_params()
    experiment = params.experiments.get("mlp")
    if not isinstance(experiment, Mlp):
        raise UserError("params.yaml has no run 'mlp' of model mlp")
    numerics.configure("portable")
    from benchmarks.rounding import measure_rounding, spread
    from octrepro.core.prepared import Prepared

    data = Prepared.load(dataset)
    outcomes = []
    for sd in STANDARD_DEVIATIONS:
        some = measure_rounding(data, experiment.model_copy(update={"init_sd": sd}), params.seed)
        outcomes += some
        blocks = ", ".join(str(outcome.block) for outcome in some)
        print(f"initial sd {sd}, blocks of {blocks}: largest less smallest")
        for name, epoch in (("first", 0), ("last", -1)):
            losses = [outcome.losses[epoch] for outcome in some]
            print(f"  mean loss of the {name} epoch   {spread(losses) / losses[0]:.2%} of {losses[0]:.4f}")
        for split in ("val", "test"):
            rates = [getattr(outcome, f"{split}_accuracy") for outcome in some]
            print(f"  final {split} accuracy        {100 * spread(rates):.2f} points of {100 * rates[0]:.2f}")
    write_json(Path("build/rounding") / f"{dataset}.json", [asdict(outcome) for outcome in outcomes])


if __name__ == "__main__":
    main()
