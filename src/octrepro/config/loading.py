"""Reading params.yaml; every mistake gets one message that names the key and what was expected."""

import difflib
import json
import reprlib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML

from octrepro.config.schema import Construction, Params
from octrepro.core.errors import UserError

M = TypeVar("M", bound=BaseModel)

MAX_SIZE = 200_000
"""Bytes of a file, and what its values may come to when each alias is written out."""
_MESSAGES_SHOWN = 8
_LONGEST = 600


def load_params(path: Path | str = "params.yaml") -> Params:
    """Read and check a parameter file.

    Raises `UserError` when it is missing, is not YAML, or does not fit the schema: every mistake is listed.
    """
    return parse_params(_read(Path(path)), str(path))


def parse_params(content: Any, where: str = "params.yaml") -> Params:
    """Check parameters that have been read already, as `load_params` does."""
    return _validated(Params, content, where)


def load_construction(path: Path | str) -> Construction:
    """Read and check a construction of the reader's own, as `load_params` does."""
    return _validated(Construction, _read(Path(path)), str(path))


def _read(path: Path) -> Any:
    """Read a YAML file written by hand, by the rules of YAML 1.2 as DVC reads it."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except FileNotFoundError:
        root = "run from the project's root; 'git checkout params.yaml' brings a lost file back"
        hint = root if path.name == "params.yaml" else None
        raise UserError(f"{path} is missing", expected="a YAML file", hint=hint) from None
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    try:
        if len(data) > MAX_SIZE:
            raise ValueError(f"it is larger than {MAX_SIZE:,} bytes")
        content = YAML(typ="safe", pure=True).load(data.decode())
        _check_size(content)
    except Exception as error:  # ruamel.yaml lets any error of int(), float() or date() through
        raise UserError(
            f"{path} is not YAML that can be read: {_one_line(error)}",
            expected="values as YAML writes them; text that looks like a number or a date goes in quotes",
        ) from None
    return content


def _check_size(content: Any) -> None:
    """Refuse what grows without bound when aliases are written out, as this does, piece by piece.

    So are numbers of more digits than Python writes out, and escapes that stand for half a character.
    """
    size = 0
    for piece in json.JSONEncoder(ensure_ascii=False, default=_written).iterencode(content):
        size += len(piece.encode())
        if size > MAX_SIZE:
            raise ValueError("it is too large with its aliases written out")


def _written(value: Any) -> Any:
    return list(value) if isinstance(value, set) else str(value)


def _one_line(error: Exception) -> str:
    """What is wrong and, where the reader says it, at which line."""
    problem = str(getattr(error, "problem", None) or error) or type(error).__name__
    mark = getattr(error, "problem_mark", None)
    place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
    return problem.splitlines()[0][:120] + place


def _validated(model: type[M], content: Any, where: str) -> M:
    """Check content against a schema; raises `UserError` that lists every mistake."""
    if not isinstance(content, dict):
        raise UserError(f"{where} holds {_shown(content)}", expected="a mapping of keys to values")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [f"  {_describe(detail)[:_LONGEST]}" for detail in error.errors(include_url=False)]
    shown = problems[:_MESSAGES_SHOWN]
    if len(problems) > len(shown):
        shown.append(f"  ... and {len(problems) - len(shown)} more")
    count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    raise UserError("\n".join([f"{where} has {count}:", *shown]), hint=f"edit {where}; nothing has been run")


def _describe(detail: ErrorDetails) -> str:
    """One line: the key, what is wrong with it, what was expected."""
    location, expected = _dotted(detail["loc"]), detail["msg"].removeprefix("Value error, ")
    match detail["type"]:
        case "missing":
            return f"{location}: missing"
        case "extra_forbidden":
            return f"{location}: unknown key{_suggestion(str(detail['loc'][-1]))}"
        case "union_tag_not_found":
            return f"{location}: missing key {detail['ctx']['discriminator']}"
        case "union_tag_invalid":
            return f"{location}: {expected}"
        case "value_error" if not location:  # two sections that do not fit each other
            return expected
        case "string_type":
            expected = "text, in quotes where YAML would take it for something else"
    expected = expected.removeprefix("Input should be ")
    return f"{location}: {_shown(detail['input'])} is not allowed, expected {expected}"


def _dotted(location: tuple[int | str, ...]) -> str:
    # pydantic puts the tag of a tagged union ("feedforward") into the path; the file has no such level.
    tagged = len(location) > 2 and location[0] in {"datasets", "experiments", "variants"}
    parts = (*location[:2], *location[3:]) if tagged else location
    return ".".join(str(part)[:80] for part in parts if part != "[key]")


def _suggestion(wrong: str) -> str:
    """The key of the schema that comes closest, if any does."""
    schema = Params.model_json_schema()
    known = {name for model in (schema, *schema["$defs"].values()) for name in model["properties"]} - {wrong}
    close = difflib.get_close_matches(wrong, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _shown(value: Any) -> str:
    """A short form of any value: a long one must not fill the screen."""
    return "nothing" if value is None else reprlib.repr(value)
