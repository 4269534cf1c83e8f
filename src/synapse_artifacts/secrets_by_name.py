"""Secrets that somebody gave to a name which asks for one: `password`, `client_secret`, `x-api-key`.

They stand in parameters, variables and what is given for them, in bodies of requests, in settings of clusters and jobs,
in arguments of commands. What stands for a secret (a mask, an expression, the name of a secret in a vault) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from synapse_artifacts.documents import escaped
from synapse_artifacts.secret_names import GENERAL, SECRET_HEADERS, SECRET_KEYS
from synapse_artifacts.secrets_in_code import is_value

_SEPARATORS = re.compile(r"[-_ .]")
_AMBIGUOUS = GENERAL | {"secret"}
"""Names that as often name the secret of a vault, or no secret at all."""
_ENDINGS = ("accesstoken", "apikey", "clientsecret", "passwd", "password", "secretkey")
_EXPRESSION = re.compile(r"^@[^{]|^@$|@\{")
_SCHEME = re.compile(r"\s*(?:(?:bearer|basic)\s*$|[A-Za-z]+\s+(?=\S))", re.IGNORECASE)
"""How a header signs in, before the credentials: https://www.rfc-editor.org/rfc/rfc9110#name-credentials"""
_MASKED = re.compile(r"[*•]*|<[^>]*>|#+")
_COLUMNS = frozenset({"columnmappings", "schemamapping"})
"""Objects whose keys and values are names of columns."""
_NAMED_BY = ("variableName", "name", "key")
"""Properties that name what `value` beside them is: of an activity that sets a variable, of an argument, of a tag."""
_SHORTEST = 6


def is_plain(value: Any) -> bool:
    """True for a text that is a value itself: no expression and no mask."""
    return isinstance(value, str) and not _EXPRESSION.search(value) and not _MASKED.fullmatch(value)


@lru_cache(maxsize=4096)
def asks_for_a_secret(name: str) -> bool:
    """Whether a name asks for a secret, however its words are joined and whatever stands before them."""
    plain = _SEPARATORS.sub("", name).lower()
    return (plain in SECRET_KEYS and plain not in _AMBIGUOUS) or plain.endswith(_ENDINGS)


def secrets_by_name(pointer: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pointers from an object, and causes, of the secrets that it gives to names; `pointer` says where it stands."""
    place = pointer.rpartition("/")[2].lower()
    if place in _COLUMNS:
        return
    for key, given in value.items():
        if place.endswith("headers") and key.lower() in SECRET_HEADERS:
            if is_plain(given) and is_plain(_SCHEME.sub("", given, count=1)):
                yield escaped(key), f"it holds the header '{key}' as plain text"
        elif asks_for_a_secret(key):
            inner, text = _given(given)
            if _is_secret(text):
                yield escaped(key) + inner, told_as_plain(key)
        elif key == "value" and _is_secret(given):
            named = next((value[name] for name in _NAMED_BY if isinstance(value.get(name), str)), "")
            if asks_for_a_secret(named):
                yield key, told_as_plain(named)


def secrets_in_arguments(arguments: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """Positions and causes of the secrets in a list of arguments, each behind the option that asks for one."""
    for position, (option, given) in enumerate(pairwise(arguments), 1):
        if isinstance(option, str) and option.startswith("-") and _is_secret(given):
            name = option.lstrip("-")
            if asks_for_a_secret(name) or name.lower() == "token":
                yield position, told_as_plain(name)


def _is_secret(text: Any) -> bool:
    return is_plain(text) and len(text) >= _SHORTEST and is_value(text)


def told_as_plain(name: str) -> str:
    """The cause of a secret that a name is given."""
    return f"it holds the secret '{name}' as plain text"


def _given(value: Any) -> tuple[str, Any]:
    """Where the text is that a name is given, and the text: itself, or that of a parameter."""
    if not isinstance(value, Mapping) or str(value.get("type", "")).lower() not in ("", "string"):
        return "", value
    return next(((f"/{key}", value[key]) for key in ("defaultValue", "value") if key in value), ("", None))
