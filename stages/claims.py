"""Test every claim of the source report on the runs of one data set."""

from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Read the records and the Boolean verification; write claims.json."""
    from octrepro.claims import judge_all, ledger
    from octrepro.claims.claim import Build
    from octrepro.core import paths
    from octrepro.core.files import read_json, write_json
    from octrepro.core.records import load_records

    dataset, params = stage.dataset, stage.params
    records = load_records(dataset, params.runs, replicated=params.replicated)
    build = Build(records, read_json(paths.verification))
    write_json(paths.claims(dataset), judge_all(ledger(), build))


if __name__ == "__main__":
    main("claims", run)
