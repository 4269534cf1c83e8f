"""Reads settings of a stack one by one, and keeps every problem until all were read. Not for what they mean."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NIL = "00000000-0000-0000-0000-000000000000"
Value = TypeVar("Value")


class SettingsError(Exception):
    """All that is wrong with the settings of a stack, one paragraph each."""

    def __init__(self, problems: Iterable[str]) -> None:
        """The paragraphs, in the order of the settings."""
        self.problems = tuple(problems)
        super().__init__("\n\n".join(self.problems))


@dataclass(frozen=True)
class Source:
    """Where settings come from: the stack's name and that of the project, which is their namespace."""

    project: str
    stack: str
    secrets: frozenset[str] = frozenset()
    """The settings that hold a secret, or are one."""

    def places(self, key: str) -> str:
        """Where a setting is looked for, in order."""
        top = key.partition(".")[0].partition("[")[0]
        return f"Pulumi.{self.stack}.yaml ({self.project}:{top}), then the default in Pulumi.yaml (config: {top})"


@dataclass
class SettingReader:
    """Settings by key, as texts (top level) or JSON values (inside). Every method returns a usable value always."""

    source: Source
    values: Mapping[str, Any]
    prefix: str = ""
    problems: list[str] = field(default_factory=list)
    _read: set[str] = field(default_factory=set)

    def text(self, key: str, expected: str, pattern: str = r".+") -> str:
        """A text that fits the pattern as a whole."""
        value = self._value(key)
        if self._is_missing(value):
            return self._miss(key, expected)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            return self._refuse(key, value, expected)
        return value

    def text_or(self, key: str, default: str, expected: str, pattern: str = r".+") -> str:
        """A text that fits the pattern as a whole; the default when it is not given."""
        return default if self._is_missing(self._value(key)) else self.text(key, expected, pattern)

    def mapping(self, key: str, expected: str) -> Mapping[str, Any]:
        """Values by name as they stand there; empty when it is not given."""
        value = self._value(key)
        if self._is_missing(value):
            return {}
        if not isinstance(value, Mapping):
            self._refuse(key, value, expected)
            return {}
        return value

    def guid(self, key: str, meaning: str) -> str:
        """A GUID in lower case, other than the one of zeros."""
        expected = f"{meaning}: a GUID such as 1f0c9a4e-5b1d-4c8e-9a57-2f1f0c6f7a11"
        text = self.text(key, expected, r"(?s).+").lower()
        if text and (not _GUID.fullmatch(text) or text == _NIL):
            return self._refuse(key, text, expected)
        return text

    def boolean(self, key: str) -> bool:
        """True or false."""
        value = self._value(key)
        if value in (True, "true"):
            return True
        if value not in (False, "false"):
            self._refuse_or_miss(key, value, "true or false")
        return False

    def integer(self, key: str, least: int, most: int) -> int:
        """A whole number in a range."""
        value = self._value(key)
        is_number = re.fullmatch(r"-?\d{1,9}", str(value)) and not isinstance(value, bool)
        if not is_number or not least <= int(value) <= most:
            self._refuse_or_miss(key, value, f"a whole number from {least} to {most}")
            return least
        return int(value)

    def texts(self, key: str, expected: str, parse: Callable[[str], Value]) -> tuple[Value, ...]:
        """A list of texts, each parsed by a function that raises ValueError; empty when it is not given."""
        found = []
        for index, value in enumerate(self._list(key, f"a list of {expected}")):
            try:
                found.append(parse(value if isinstance(value, str) else ""))
            except ValueError:
                self._refuse(f"{key}[{index}]", value, expected)
        return tuple(found)

    def is_given(self, key: str) -> bool:
        """Whether a list has something in it, right or wrong."""
        return self.values.get(key) not in (None, "", "[]", [])

    def group(self, key: str) -> "SettingReader":
        """The settings inside one; `finish` it to have unknown keys reported."""
        return self._inner(key, self._value(key))

    def items(self, key: str) -> "tuple[SettingReader, ...]":
        """The settings inside each item of a list."""
        values = self._list(key, "a list of settings")
        return tuple(self._inner(f"{key}[{index}]", value) for index, value in enumerate(values))

    def refuse(self, key: str, value: object, expected: str, hint: str = "") -> None:
        """Reports a value that only another setting or its use shows to be wrong."""
        self._refuse(key, value, expected, hint)

    def finish(self, known: Iterable[str] = ()) -> None:
        """Reports every key that nobody asked for."""
        expected = sorted({*self._read, *known})
        for key in self.values:
            if key not in expected:
                name = f"{self.prefix}{key}"
                self.problems.append(
                    f"reading setting {name}: there is no such setting\nfound in: {self._found_in(name)}\n"
                    f"expected one of {', '.join(self.prefix + each for each in expected)}"
                )

    def _found_in(self, name: str) -> str:
        return self.source.places(name).partition(", then ")[0]

    def _inner(self, key: str, value: Any) -> "SettingReader":
        if isinstance(value, str):
            value = self._json(value)
        if value is None:  # each setting inside is then reported as missing, if it must be there
            value = {}
        if not isinstance(value, Mapping):
            self._refuse(key, value, "settings by name")
            value = {}
        return SettingReader(self.source, value, f"{self.prefix}{key}.", self.problems)

    def _list(self, key: str, expected: str) -> list[Any]:
        value = self._value(key)
        if isinstance(value, str):
            value = self._json(value)
        if value is None:
            return []
        if not isinstance(value, list):
            self._refuse(key, value, expected)
            return []
        return value

    @staticmethod
    def _json(text: str) -> Any:
        try:
            return json.loads(text) if text else None
        except json.JSONDecodeError:
            return text

    def _value(self, key: str) -> Any:
        self._read.add(key)
        return self.values.get(key)

    @staticmethod
    def _is_missing(value: Any) -> bool:
        return value is None or value == ""

    def _refuse_or_miss(self, key: str, value: Any, expected: str) -> None:
        if self._is_missing(value):
            self._miss(key, expected)
        else:
            self._refuse(key, value, expected)

    def _miss(self, key: str, expected: str) -> str:
        name = f"{self.prefix}{key}"
        path = "--path " if "." in name else ""
        self.problems.append(
            f"reading setting {name}: it has no value\nlooked in: {self.source.places(name)}\nexpected {expected}\n"
            f"hint: pulumi config set --stack {self.source.stack} {path}{name} <value>"
        )
        return ""

    def _refuse(self, key: str, value: object, expected: str, hint: str = "") -> str:
        name = f"{self.prefix}{key}"
        shown = json.dumps(value, default=str) if not isinstance(value, str) else repr(value)
        self.problems.append(
            f"reading setting {name}: its value is {shown}\nlooked in: {self.source.places(name)}\nexpected {expected}"
            + (f"\nhint: {hint}" if hint else "")
        )
        return ""
