"""Expressions in ARM templates that names and scripts of data flows are written with: texts, concat, parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|([A-Za-z]+)\s*\(|([(),]))")
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_FUNCTIONS = ("concat", "parameters", "variables")


class _UnknownError(Exception):
    """The value is known only when the template is deployed."""


def is_template(value: object) -> bool:
    """True for a JSON value that is an ARM template."""
    return isinstance(value, Mapping) and isinstance(value.get("resources"), list)


@dataclass(frozen=True)
class Template:
    """The defaults of a template's parameters, and its variables; empty for JSON that is no template."""

    parameters: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, object] = field(default_factory=dict)

    @staticmethod
    def of(value: object) -> Template:
        """The template that a JSON value is, or an empty one."""
        if not isinstance(value, Mapping) or not is_template(value):
            return Template()
        declared = value.get("parameters")
        variables = value.get("variables")
        defaults = {
            str(name): one["defaultValue"]
            for name, one in (declared.items() if isinstance(declared, Mapping) else ())
            if isinstance(one, Mapping) and "defaultValue" in one
        }
        return Template(defaults, variables if isinstance(variables, Mapping) else {})

    def text(self, written: str) -> str:
        """The text that a template means; an expression with parts that are unknown before it is deployed stays."""
        if written.startswith("[["):
            return written[1:]
        if not (written.startswith("[") and written.endswith("]")):
            return written
        try:
            value, rest = self._value(written[1:-1], 0)
        except _UnknownError:
            return written
        return written if written[1:-1][rest:].strip() else value

    def name(self, written: str) -> str:
        """The name that a template means: ``[concat(parameters('factory'), '/flow')]`` is ``flow``."""
        text = self.text(written)
        if text.startswith("["):
            texts = _TEXT.findall(text)
            text = texts[-1].replace("''", "'") if texts else text
        return text.rpartition("/")[2]

    def evaluated(self, value: object) -> object:
        """A value with all its texts as the template means them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.evaluated(item) for item in value]
        if isinstance(value, Mapping):
            return {key: self.evaluated(item) for key, item in value.items()}
        return value

    def _value(self, text: str, offset: int) -> tuple[str, int]:
        found = _TOKEN.match(text, offset)
        if found is None:
            raise _UnknownError
        if found.group(1) is not None:
            return found.group(1).replace("''", "'"), found.end()
        function = (found.group(2) or "").lower()
        if function not in _FUNCTIONS:
            raise _UnknownError
        arguments: list[str] = []
        offset = found.end()
        while True:
            value, offset = self._value(text, offset)
            arguments.append(value)
            found = _TOKEN.match(text, offset)
            if found is None or found.group(3) not in (",", ")"):
                raise _UnknownError
            offset = found.end()
            if found.group(3) == ")":
                return self._called(function, arguments), offset

    def _called(self, function: str, arguments: list[str]) -> str:
        if function == "concat":
            return "".join(arguments)
        values = self.parameters if function == "parameters" else self.variables
        value = values.get(arguments[0]) if len(arguments) == 1 else None
        if not isinstance(value, str) or value.startswith("["):
            raise _UnknownError
        return value
