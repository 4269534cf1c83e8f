"""Paths to one value of a document, as overlays name them: JSONPath (RFC 9535), as far as it leads to one value.

`properties.activities[2].policy.timeout` is also what previews print; `$.` may stand before it. An item of a list can
be named, so that the path means the same when another item comes before it:
`properties.activities[?@.name=="copy"].policy.timeout`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from synapse_artifacts.documents import escaped, path_step

EXPECTED = 'a path such as properties.parameters.window.defaultValue or properties.activities[?@.name=="copy"].policy'
_MOST_KEYS = 8
_STEP = re.compile(
    r"""\.?(?P<name>[^.\[\]"'\s]+)
      | \.?\[(?P<index>\d+)\]
      | \.?\[(?P<quoted>"(?:[^"\\]|\\["\\])*"|'(?:[^'\\]|\\['\\])*')\]
      | \.?\[\?\(?\s*@\.name\s*==\s*(?P<item>"(?:[^"\\]|\\["\\])*"|'(?:[^'\\]|\\['\\])*')\s*\)?\]""",
    re.VERBOSE,
)


class JsonPathError(ValueError):
    """A text that is no path, or leads to nothing in a document; `near` are the paths that were probably meant."""

    def __init__(self, cause: str, near: tuple[str, ...] = ()) -> None:
        self.near = near
        super().__init__(cause)


@dataclass(frozen=True)
class ItemNamed:
    """The item of a list whose `name` is this."""

    name: str


Step = str | int | ItemNamed


@dataclass(frozen=True)
class JsonPath:
    """A path; `text` is how it was written."""

    text: str
    steps: tuple[Step, ...]

    @staticmethod
    def parse(text: str) -> JsonPath:
        """The path that a text is. Raises JsonPathError, which says where it stops being one."""
        rest = text.strip().removeprefix("$")
        position = len(text.strip()) - len(rest)
        steps: list[Step] = []
        while rest:
            found = _STEP.match(rest)
            if found is None:
                raise JsonPathError(f"it is no path from character {position + 1} on: {rest}")
            steps.append(_step(found))
            position += found.end()
            rest = rest[found.end() :]
        if not steps:
            raise JsonPathError("it names nothing")
        return JsonPath(text, tuple(steps))

    def pointer(self, document: Mapping[str, Any]) -> str:
        """The JSON pointer of the value in a document. Raises JsonPathError with near paths if there is none."""
        pointer, so_far = "", ""
        current: Any = document
        for step in self.steps:
            key = _key(current, step)
            if key is None:
                raise _leads_to_nothing(current, step, so_far)
            current = current[key]
            pointer += f"/{escaped(str(key))}"
            so_far += path_step(key)
        return pointer

    def __str__(self) -> str:
        return self.text


def _step(found: re.Match[str]) -> Step:
    if found["name"] is not None:
        return found["name"]
    if found["index"] is not None:
        return int(found["index"])
    if found["quoted"] is not None:
        return _unquoted(found["quoted"])
    return ItemNamed(_unquoted(found["item"]))


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _key(value: Any, step: Step) -> str | int | None:
    """The key or index in a value that a step leads to."""
    if isinstance(step, str):
        return step if isinstance(value, Mapping) and step in value else None
    if not isinstance(value, list):
        return None
    if isinstance(step, int):
        return step if step < len(value) else None
    return next((index for index, item in enumerate(value) if _name(item) == step.name), None)


def _name(item: Any) -> str | None:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else None


def _leads_to_nothing(value: Any, step: Step, so_far: str) -> JsonPathError:
    where = so_far.removeprefix(".") or "the document"
    if isinstance(value, Mapping):
        keys = list(value)
        close = get_close_matches(str(step), keys, n=3, cutoff=0.5) if isinstance(step, str) else []
        near = tuple((so_far + path_step(key)).removeprefix(".") for key in close or keys[:_MOST_KEYS])
        return JsonPathError(f"{where} has no {_told(step)}", near)
    if isinstance(value, list):
        names = [name for name in map(_name, value) if name is not None]
        wanted = step.name if isinstance(step, ItemNamed) else str(step)
        close = get_close_matches(wanted, names, n=3, cutoff=0.5) or names[:_MOST_KEYS]
        near = tuple(f'{so_far}[?@.name=="{name}"]'.removeprefix(".") for name in close)
        return JsonPathError(f"{where} is a list of {len(value)} without {_told(step)}", near)
    return JsonPathError(f"{where} is {value!r}, in which nothing is", (where,))


def _told(step: Step) -> str:
    if isinstance(step, ItemNamed):
        return f"item named {step.name!r}"
    return f"item {step}" if isinstance(step, int) else repr(step)
