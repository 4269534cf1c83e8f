"""Continuation tokens: where a listing or a recursive change goes on, opaque to clients."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence


def encode(path: Sequence[str]) -> str:
    """The token that says: go on behind this path, given in parts."""
    return base64.urlsafe_b64encode(json.dumps(list(path)).encode()).decode()


def decode(token: str) -> tuple[str, ...] | None:
    """The path of a token, () for an empty one, None for a text that is no token."""
    if not token:
        return ()
    try:
        value = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        return None
    return tuple(value)
