"""The report's prose: Markdown with places for values, filled once for both renderings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from octrepro.reporting import wording
from octrepro.reporting.escape import Safe, markdown


def fill(folder: Path, values: Mapping[str, Any]) -> str:
    """All parts in `folder`, in the order of their names, filled with `values`.

    Whatever a placeholder inserts is escaped, so that no value can be markup or mathematics, unless it is
    `Safe`: Markdown that this project wrote itself. A name that `values` lacks is an error.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # noqa: S701 - `finalize` escapes for Markdown instead
        finalize=_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"count": wording.count, "rate": wording.rate, "number": wording.number}
    filled = (environment.get_template(path.name).render(values) for path in sorted(folder.glob("*.md")))
    return wording.typeset("\n".join(filled))


def figures_named(folder: Path) -> set[str]:
    """Ids of the figures that the prose shows at a place of its choosing."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md")))
    return {name for line in re.findall(r"^```figures? ([a-z0-9_ ]+)$", text, re.M) for name in line.split()}


def _escaped(value: Any) -> str:
    if isinstance(value, Safe):
        return value
    return markdown(f"{value:g}" if isinstance(value, float) else str(value))
