"""Reading params.yaml; every mistake gets one message that names the key and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from octrepro.config import schema
from octrepro.config.schema import Params
from octrepro.core.errors import UserError

M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 1_000_000
_MESSAGES_SHOWN = 8


def load_params(path: Path | str = "params.yaml") -> Params:
    """Read and check a parameter file.

    Raises
    ------
    UserError
        When the file is missing, is not YAML, or does not fit the schema.
    """
    return parse_params(read_yaml(Path(path)), str(path))


def parse_params(content: Any, where: str = "params.yaml") -> Params:
    """Check parameters that have been read already.

    Raises
    ------
    UserError
        When they do not fit the schema; every mistake is listed.
    """
    return validated(Params, content, where)


def load_construction(path: Path | str) -> schema.Construction:
    """Read a construction of the reader's own.

    Raises
    ------
    UserError
        When the file is missing, is not YAML, or does not fit the schema.
    """
    return validated(schema.Construction, read_yaml(Path(path)), str(path))


def validated(model: type[M], content: Any, where: str) -> M:
    """Check content that has been read already against a schema.

    Raises
    ------
    UserError
        When it does not fit; every mistake is listed.
    """
    if not isinstance(content, dict):
        raise UserError(f"{where} holds {_kind(content)}", expected="a mapping of keys to values")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [_describe(detail) for detail in error.errors(include_url=False)]
    shown = problems[:_MESSAGES_SHOWN]
    if len(problems) > len(shown):
        shown.append(f"... and {len(problems) - len(shown)} more")
    count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    raise UserError(
        "\n".join([f"{where} has {count}:", *(f"  {problem}" for problem in shown)]),
        hint=f"edit {where}; nothing has been run",
    )


def read_yaml(path: Path) -> Any:
    """Read a YAML file written by hand.

    Raises
    ------
    UserError
        When it is missing, too large, or not YAML.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path} is larger than {MAX_BYTES} bytes", expected="parameters written by hand")
        text = path.read_text(encoding="utf-8")
        return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 (a safe loader)
    except FileNotFoundError:
        raise UserError(
            f"{path} is missing", expected="a YAML file", hint="run from the project's root"
        ) from None
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not text", expected="YAML in UTF-8") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not YAML: {_one_line(error)}", expected="YAML") from None
    except RecursionError:
        raise UserError(f"{path} is nested too deeply", expected="a parameter file") from None


class _UniqueKeyLoader(yaml.SafeLoader):
    """Safe YAML in which a key given twice is a mistake, not silently the last one."""


def _mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    # A merge key (<<) may repeat keys on purpose, so only keys written out are compared.
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is given twice", key.start_mark
                )
            seen.add(key.value)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _describe(detail: ErrorDetails) -> str:
    """One line: the key, what is wrong with it, what was expected."""
    location = _dotted(detail["loc"])
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{location}: unknown key{_suggestion(detail['loc'])}"
    if kind == "missing":
        return f"{location}: missing"
    if kind == "union_tag_not_found":
        return f"{location}: missing key {context['discriminator']}, expected one of {_tags(detail)}"
    if kind == "union_tag_invalid":
        key = context["discriminator"].strip("'")
        tags = context["expected_tags"]
        close = _closest(context["tag"], tags.replace("'", "").split(", "))
        return f"{location}.{key}: {context['tag']!r} is not known, expected one of {tags}{close}"
    if kind == "string_pattern_mismatch" and detail["loc"][-1:] == ("[key]",):
        return f"{location}: the name has other characters than letters, digits and _"
    if kind == "value_error":
        return str(context["error"])
    message = detail["msg"].removeprefix("Input should be ")
    return f"{location}: {detail['input']!r} is not allowed, expected {message}"


def _dotted(location: tuple[int | str, ...]) -> str:
    # pydantic puts the tag of a tagged union ("feedforward") into the path; the file has no such level.
    parts = [str(part) for part in location if part != "[key]"]
    kept = [part for index, part in enumerate(parts) if not _is_tag(parts, index)]
    return ".".join(kept) or "the file"


def _is_tag(parts: list[str], index: int) -> bool:
    return index == 2 and parts[0] in {"datasets", "experiments", "variants"}


def _suggestion(location: tuple[int | str, ...]) -> str:
    wrong = str(location[-1])
    return _closest(wrong, _keys_at([str(part) for part in location[:-1]]))


def _closest(wrong: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _keys_at(location: list[str]) -> list[str]:
    """The keys the schema knows at a place."""
    if not location:
        return list(Params.model_fields) + list(schema.Construction.model_fields)
    if len(location) >= 3 and location[0] in {"datasets", "experiments", "variants"}:
        for model in _members(schema.Dataset) + _members(schema.Experiment):
            if location[2] in _discriminators(model):
                return list(model.model_fields)
    every = (
        schema.Boolean,
        schema.Construction,
        schema.HiddenUnit,
        schema.OutputUnit,
        schema.Report,
        schema.Sweep,
    )
    return [name for model in every for name in model.model_fields]


def _members(union: Any) -> list[type[BaseModel]]:
    return list(get_args(get_args(union)[0]))


def _discriminators(model: type[BaseModel]) -> tuple[str, ...]:
    field = model.model_fields.get("source") or model.model_fields["model"]
    return get_args(field.annotation)


def _tags(detail: ErrorDetails) -> str:
    union = schema.Dataset if "source" in detail["ctx"]["discriminator"] else schema.Experiment
    return ", ".join(repr(tag) for model in _members(union) for tag in _discriminators(model))


def _kind(content: Any) -> str:
    return "nothing" if content is None else f"a {type(content).__name__}"


def _one_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})" if mark else problem
