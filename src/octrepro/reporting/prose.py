"""The report's prose: Markdown with places for values, filled once for both renderings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader

from octrepro.reporting import numbers
from octrepro.reporting.escape import Safe, markdown
from octrepro.reporting.rendering import environment
from octrepro.study.names import settings


def fill(folder: Path, values: Mapping[str, Any]) -> str:
    """All parts in `folder`, in the order of their names, filled with `values`.

    Whatever a placeholder inserts is escaped, so that no value can be markup or mathematics, unless it is
    `Safe`: Markdown that this project wrote itself. A name that `values` lacks is an error. ``say`` has the
    macros of sentences.j2.
    """
    jinja = environment(loader=FileSystemLoader(folder), autoescape=False, finalize=_escaped)
    jinja.filters |= {
        "count": _safe(numbers.count),
        "rate": _safe(numbers.rate),
        "number": _safe(numbers.number),
        "interval": _safe(numbers.interval),
        "p_value": _safe(numbers.p_value),
        "settings": lambda parameters: markdown(settings(parameters)),
        "key": Safe,  # a name that the schema keeps to letters, digits and _, or Markdown of ours
    }
    if (folder / "sentences.j2").is_file():
        values = {**values, "say": _Sentences(jinja.get_template("sentences.j2").make_module(dict(values)))}
    filled = (jinja.get_template(path.name).render(values) for path in sorted(folder.glob("*.md")))
    return numbers.typeset("\n".join(filled))


def figures_named(folder: Path) -> set[str]:
    """Ids of the figures that the prose shows at a place of its choosing."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md")))
    return {name for line in re.findall(r"^```figures? ([a-z0-9_ ]+)$", text, re.M) for name in line.split()}


class _Sentences:
    """The macros of a template; what they insert is escaped already."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Callable[..., Safe]:
        macro = getattr(self._module, name)
        return lambda *arguments: Safe(macro(*arguments).strip())


def _safe(written: Callable[..., str]) -> Callable[..., Safe]:
    return lambda value: Safe(written(value))


def _escaped(value: Any) -> str:
    return (
        value
        if isinstance(value, Safe)
        else markdown(f"{value:g}" if isinstance(value, float) else str(value))
    )
