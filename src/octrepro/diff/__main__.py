"""Compare the working tree with a revision: ``python -m octrepro.diff main``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from octrepro.core import UserError
from octrepro.core.files import write_text
from octrepro.diff.changes import curves, tables
from octrepro.diff.page import html, markdown
from octrepro.diff.snapshot import of_revision, of_working_tree


def main(arguments: Sequence[str] | None = None) -> int:
    """Write build/diff/diff.md and diff.html; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m octrepro.diff", description=__doc__)
    parser.add_argument("revision", help="a commit, branch or tag to compare with")
    parser.add_argument("to", nargs="?", help="another revision to take in place of the working tree")
    options = parser.parse_args(arguments)
    try:
        old = of_revision(options.revision)
        new = of_revision(options.to) if options.to else of_working_tree()
    except UserError as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    title = f"What changed from {old.name} to {new.name}"
    found, changed = tables(old, new), curves(old, new)
    folder = Path("build/diff")
    write_text(folder / "diff.md", markdown(title, found, changed))
    write_text(folder / "diff.html", html(title, found, changed, (old.name, new.name)))
    for table in found:
        print(f"{table.title}: {len(table.rows) or 'no'} change{'s' * (len(table.rows) != 1)}")
    print(f"Curves: {len(changed) or 'no'} change{'s' * (len(changed) != 1)}")
    print(f"\n{folder / 'diff.md'}\n{folder / 'diff.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
