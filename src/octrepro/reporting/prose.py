"""The report's prose: Markdown with places for values, filled once for both renderings."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from octrepro.plotting.text import plain
from octrepro.reporting import numbers
from octrepro.reporting.rendering import environment
from octrepro.study.names import settings


def fill(folder: Path, values: Mapping[str, Any]) -> str:
    """All parts in `folder`, in the order of their names, filled with `values`.

    Whatever a placeholder inserts is escaped, so that no value can be markup or mathematics, unless it is
    `Markup`: Markdown that this project wrote itself. A name that `values` lacks is an error. ``say`` has the
    macros of sentences.j2.
    """
    jinja = environment(folder, finalize=_inserted)
    jinja.filters |= {
        "count": _safe(numbers.count),
        "rate": _safe(numbers.rate),
        "interval": _safe(numbers.interval),
        "p_value": _safe(numbers.p_value),
        "settings": settings,
        "key": Markup,  # a name that the schema keeps to letters, digits and _
    }
    if (folder / "sentences.j2").is_file():
        values = {**values, "say": jinja.get_template("sentences.j2").make_module(dict(values))}
    filled = (jinja.get_template(path.name).render(values) for path in sorted(folder.glob("*.md")))
    return numbers.typeset("\n".join(filled))


def escaped(text: str) -> Markup:
    """`text` as Markdown that renders as `text` on one line, dollars of mathematics included."""
    return Markup(re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", plain(text)))  # noqa: S704 - just escaped


def figures_named(folder: Path) -> set[str]:
    """Ids of the figures that the prose shows at a place of its choosing."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md")))
    return {name for line in re.findall(r"^```figures? ([a-z0-9_ ]+)$", text, re.M) for name in line.split()}


def _safe(written: Callable[..., str]) -> Callable[..., Markup]:
    return lambda value: Markup(written(value))  # noqa: S704 - digits and signs


def _inserted(value: Any) -> Markup:
    if isinstance(value, Markup):
        return value
    return escaped(f"{value:g}" if isinstance(value, float) else str(value))
