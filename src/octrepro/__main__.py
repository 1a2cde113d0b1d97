"""The project's commands: ``python -m octrepro --help``."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from octrepro.core.errors import UserError

# Each command imports what it needs when it runs, so that starting stays fast.
app = typer.Typer(
    name="python -m octrepro",
    help="A deep-learning report on retinal OCT images, rebuilt and checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Jobs = Annotated[int | None, typer.Option(min=1, help="Stages to run at once; all cores by default.")]


@app.command()
def build(
    dataset: Annotated[str, typer.Argument(help="A data set of params.yaml.")] = "phantom", jobs: Jobs = None
) -> None:
    """Bring the report of a data set up to date."""
    from octrepro.pipeline.build import build

    try:
        build(dataset, jobs)
    except KeyboardInterrupt:
        print("\nInterrupted: run the same command again to go on from here.", file=sys.stderr)
        sys.exit(130)


@app.command()
def check(
    dataset: Annotated[str, typer.Option(help="Whose report to rebuild.")] = "phantom",
    jobs: Jobs = None,
    against: Annotated[Path | None, typer.Option(help="Another machine's build/check.json.")] = None,
) -> None:
    """Rebuild the committed state in a clone and compare every output with dvc.lock."""
    from octrepro.pipeline.check import check

    sys.exit(check(Path.cwd(), dataset, jobs, against))


@app.command()
def check_cpus() -> None:
    """Run every kind of stage on emulated processors too and compare all files."""
    from octrepro.pipeline import cpus

    sys.exit(cpus.check_cpus(Path.cwd()))


@app.command()
def diff(
    revision: Annotated[str, typer.Argument(help="A commit, branch or tag to compare with.")] = "main",
    fail_on: Annotated[
        Literal["verdicts", "metrics", "bytes"],
        typer.Option(help="What must not move; each level includes those before it."),
    ] = "verdicts",
) -> None:
    """Show what changed since a revision; exit code 3 if a verdict moved, or what else --fail-on names."""
    from octrepro.diff import gate
    from octrepro.diff.page import write_pages

    sys.exit(gate.MOVED if write_pages(revision, fail_on) else 0)


@app.command()
def archive(dataset: Annotated[str, typer.Argument(help="Whose report to archive.")] = "phantom") -> None:
    """Write the committed report and all that it was made from as one zip, the same bytes every time."""
    from octrepro.publish.archive import write_archive

    write_archive(dataset)


@app.command()
def prove(
    certificate: Annotated[str, typer.Argument(help="A .v file.")] = "runs/boolean/Construction.v",
) -> None:
    """Have Coq check the proofs about the Boolean constructions."""
    from octrepro.boolean.certificate import prove

    theorems = prove(Path(certificate))
    print(*theorems, f"{certificate}: {len(theorems)} theorems, no axioms", sep="\n")


@app.command()
def verify(
    file: Annotated[str, typer.Argument(help="A construction in YAML: activation, hidden, output.")],
    max_dimension: Annotated[int, typer.Option(min=1, max=20, help="Enumerate every D up to this one.")] = 12,
    certificate: Annotated[str | None, typer.Option(help="Write a Coq proof of the verdict here.")] = None,
) -> None:
    """Judge a construction; exit code 0 if it computes f robustly for every D, 2 if it cannot be used."""
    from octrepro.boolean.answer import answer_file

    try:
        sys.exit(0 if answer_file(file, max_dimension, certificate) else 1)
    except UserError as error:
        print(f"\nverify: {error}\n", file=sys.stderr)
        sys.exit(2)


def main() -> None:
    """Run the command line; a user's mistake is one message and exit code 1."""
    try:
        app()
    except UserError as error:
        sys.exit(f"\n{error}\n")


if __name__ == "__main__":
    main()
