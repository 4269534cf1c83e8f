"""The signature that an account key puts on a request.

https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from functools import cmp_to_key
from itertools import product

from local_azure.account_keys import signature as signature_of
from local_azure.http import Request

_Order = Callable[[list[str]], list[str]]
_Form = Callable[[str], str]
_SIGNED_HEADERS = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)


def is_signed_by(request: Request, account: str, signature: str, keys: Iterable[str]) -> bool:
    """Whether one of the account's keys made the signature of this request."""
    given = signature.encode()
    orders: tuple[_Order, ...] = (sorted, _in_word_order)
    forms: tuple[_Form, ...] = (str.strip, _with_single_spaces)
    for order, form in product(orders, forms):
        text = _string_to_sign(request, account, order, form)
        for key in keys:
            if hmac.compare_digest(signature_of(key, text).encode(), given):
                return True
    return False


def _string_to_sign(request: Request, account: str, order: _Order, form: _Form) -> str:
    values = dict(request.headers)
    if values.get("content-length") == "0":
        values["content-length"] = ""
    if "x-ms-date" in values:
        values["date"] = ""
    names = order([name for name in request.headers if name.startswith("x-ms-")])
    own_headers = [f"{name}:{form(request.headers[name])}" for name in names]
    query = sorted((key.lower(), value) for key, value in request.query.items())
    resource = f"/{account}{request.path}" + "".join(f"\n{key}:{value}" for key, value in query)
    lines = [request.method, *(values.get(name, "") for name in _SIGNED_HEADERS), *own_headers, resource]
    return "\n".join(lines)


def _with_single_spaces(value: str) -> str:
    """As the documentation wants it; the official clients sign values as they are."""
    return " ".join(value.split())


def _in_word_order(names: list[str]) -> list[str]:
    """As some official clients sort: hyphens count only between names that are alike without them."""
    return sorted(names, key=cmp_to_key(_compare_words))


def _compare_words(one: str, other: str) -> int:
    bare_one, bare_other = one.replace("-", ""), other.replace("-", "")
    if bare_one != bare_other:
        return -1 if _weights(bare_one) < _weights(bare_other) else 1
    return (one < other) - (one > other)


def _weights(text: str) -> list[tuple[bool, str]]:
    """Underscores and other signs come before digits, digits before letters."""
    return [(letter.isalnum(), letter) for letter in text]
