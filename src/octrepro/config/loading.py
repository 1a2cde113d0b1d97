"""Reading params.yaml; every mistake gets one message that names the key and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from octrepro.config.constructions import Construction
from octrepro.config.fields import Strict
from octrepro.config.schema import Params
from octrepro.core.errors import UserError

M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 200_000
MAX_BRACKETS = 3000  # the reader's time grows with the square of their nesting
MAX_EXPANDED = 2_000_000
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


def load_construction(path: Path | str) -> Construction:
    """Read a construction of the reader's own.

    Raises
    ------
    UserError
        When the file is missing, is not YAML, or does not fit the schema.
    """
    return validated(Construction, read_yaml(Path(path)), str(path))


def validated(model: type[M], content: Any, where: str) -> M:
    """Check content that has been read already against a schema.

    Raises
    ------
    UserError
        When it does not fit; every mistake is listed.
    """
    if not isinstance(content, dict):
        raise UserError(f"{where} holds {_shown(content)}", expected="a mapping of keys to values")
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
    """Read a YAML file written by hand, by the rules of YAML 1.2 as DVC reads it.

    Raises
    ------
    UserError
        When it is missing, too large, not YAML, names a key twice, or holds a value that
        cannot be constructed.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(
                f"{path} is larger than {MAX_BYTES:,} bytes", expected="parameters written by hand"
            )
        return _construct(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        restore = f"'git checkout {path}' brings it back" if Path("dvc.yaml").is_file() else None
        hint = restore or "run from the project's root" if path.name == "params.yaml" else None
        raise UserError(f"{path} is missing", expected="a YAML file", hint=hint) from None
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not text", expected="YAML in UTF-8") from None
    except YAMLError as error:
        raise UserError(f"{path} is not YAML: {_one_line(error)}", expected="YAML") from None
    except RecursionError:
        raise UserError(f"{path} is nested too deeply", expected="a parameter file") from None


def _construct(text: str, path: Path) -> Any:
    if text.count("[") + text.count("{") > MAX_BRACKETS:
        raise RecursionError
    yaml = YAML(typ="safe", pure=True)
    root = yaml.compose(text)
    sizes: dict[int, int] = {}

    def size(node: Node) -> int:
        """Characters of a node with its aliases written out; constructs every scalar on the way."""
        if id(node) not in sizes:
            sizes[id(node)] = MAX_EXPANDED  # an alias within what it names would have no end
            if isinstance(node, ScalarNode):
                construct(scalar, node)
                sizes[id(node)] = len(node.value) + 1
            elif isinstance(node, MappingNode):
                sizes[id(node)] = 1 + sum(size(key) + size(value) for key, value in node.value)
            else:
                sizes[id(node)] = 1 + sum(map(size, node.value))
        return sizes[id(node)]

    def scalar(node: Node) -> None:
        value = yaml.constructor.construct_object(node)
        if isinstance(value, int):
            str(value)  # Python writes out no more than 4,300 digits, and pydantic expects that it can
        elif isinstance(value, str):
            value.encode()  # an escape may stand for half a character, which pydantic does not expect

    def construct(build: Callable[[Node], Any], node: Node) -> Any:
        try:
            return build(node)
        except (YAMLError, RecursionError):
            raise
        except Exception:  # ruamel.yaml lets any error of int(), float() or date() through
            kind, value = str(node.tag).rpartition(":")[2], _shown(node.value)
            raise UserError(
                f"{path}, line {node.start_mark.line + 1}: {value} cannot be read as {kind}",
                expected="a value as YAML writes it; text that looks like a number or a date goes in quotes",
            ) from None

    if root is None:
        return None
    if size(root) > MAX_EXPANDED:
        raise UserError(f"the aliases of {path} expand without bound", expected="a file written by hand")
    return construct(yaml.constructor.construct_document, root)


def _describe(detail: ErrorDetails) -> str:
    """One line: the key, what is wrong with it, what was expected."""
    location, message = _dotted(detail["loc"]), detail["msg"]
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return f"{location}: unknown key{_suggestion(str(detail['loc'][-1]), _known_keys())}"
        case "missing":
            return f"{location}: missing"
        case "value_error":
            return str(context["error"])
        case "union_tag_not_found":
            return f"{location}: missing key {context['discriminator']}"
        case "union_tag_invalid":
            tags = context["expected_tags"]
            close = _suggestion(context["tag"], tags.replace("'", "").split(", "))
            key = context["discriminator"].strip("'")
            return f"{location}.{key}: {_shown(context['tag'])} is not known, expected one of {tags}{close}"
        case "string_pattern_mismatch" if detail["loc"][-1] == "[key]":
            return f"{location}: the name has other characters than letters, digits and _"
        case "string_type":
            message = "text, in quotes where YAML would take it for something else"
    expected = message.removeprefix("Input should be ")
    return f"{location}: {_shown(detail['input'])} is not allowed, expected {expected}"


def _dotted(location: tuple[int | str, ...]) -> str:
    # pydantic puts the tag of a tagged union ("feedforward") into the path; the file has no such level.
    tagged = len(location) > 2 and location[0] in {"datasets", "experiments", "variants"}
    parts = (*location[:2], *location[3:]) if tagged else location
    return ".".join(str(part)[:80] for part in parts if part != "[key]") or "the file"


def _suggestion(wrong: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(wrong, set(known) - {wrong}, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _known_keys() -> set[str]:
    """Every key of the schema."""
    models: list[type[BaseModel]] = [Strict]
    for model in models:
        models.extend(model.__subclasses__())
    return {name for model in models for name in model.model_fields}


def _shown(value: Any) -> str:
    """A short form of any value: a long one, or one that refers to itself, must not fill the screen."""
    if isinstance(value, dict | list | tuple | set):
        return f"a {type(value).__name__}" if value else repr(value)
    if isinstance(value, int) and value.bit_length() > 100:
        return f"an integer of about {value.bit_length() * 3 // 10} digits"
    text = "nothing" if value is None else str(value) if hasattr(value, "isoformat") else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _one_line(error: YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    mark = getattr(error, "problem_mark", None)
    text = problem.split(" with value ")[0].replace("found duplicate key", "a key is given twice:")
    return f"{text[:120]} (line {mark.line + 1}, column {mark.column + 1})" if mark else text[:120]
