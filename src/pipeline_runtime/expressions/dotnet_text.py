"""Text as .NET sees it: UTF-16 code units, and letters that change their case one by one.

https://learn.microsoft.com/dotnet/standard/base-types/character-encoding-introduction
"""

from __future__ import annotations


def units(text: str) -> str:
    """The text with a surrogate pair for each character beyond U+FFFF, so that positions count as .NET counts them."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    encoded = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(int.from_bytes(encoded[at : at + 2])) for at in range(0, len(encoded), 2))


def characters(text: str) -> str:
    """The text whose code units these are; half a pair becomes U+FFFD, which can be written."""
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def lowered(text: str) -> str:
    """In lower case; a letter that would become several stays."""
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def uppered(text: str) -> str:
    """In upper case; a letter that would become several stays, as `ß` does."""
    return text.upper() if text.isascii() else "".join(map(_upper, text))


def _lower(letter: str) -> str:
    changed = letter.lower()
    return changed if len(changed) == 1 else letter


def _upper(letter: str) -> str:
    changed = letter.upper()
    return changed if len(changed) == 1 else letter
