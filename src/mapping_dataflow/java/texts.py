"""Text in charsets, escaped for formats, and in Unicode's decomposed form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

# ---------------------------------------------------------------- charsets


class UnknownCharsetError(ValueError):
    """There is no charset of that name."""


@cache
def codec(charset: str) -> str:
    """Python's name for a charset of Java. Raises UnknownCharsetError."""
    name = {"windows-31j": "cp932"}.get(charset.strip().lower(), charset.strip())
    for candidate in (name, name[2:] if name.lower().startswith("x-") else name):
        try:
            "".encode(candidate)
        except LookupError:
            continue
        return candidate.lower().replace("_", "-")
    raise UnknownCharsetError(f"there is no charset {charset!r}")


def encode(text: str, charset: str) -> bytes:
    """The bytes of a text; a character that the charset lacks becomes a question mark."""
    name = codec(charset)
    if name in ("utf-16", "utf16"):  # Java writes the byte order mark and the high byte first
        return b"\xfe\xff" + text.encode("utf-16-be", "replace") if text else b""
    name = "utf-32-be" if name in ("utf-32", "utf32") else name
    try:
        return text.encode(name)
    except UnicodeEncodeError:
        return b"".join(_byte_of(one, name) for one in text)


def _byte_of(character: str, name: str) -> bytes:
    try:
        return character.encode(name)
    except UnicodeEncodeError:
        return b"?"


def decode(data: bytes, charset: str) -> str:
    """The text of bytes; what is no character becomes U+FFFD. Without a byte order mark the high byte is first."""
    name = codec(charset)
    if name in ("utf-16", "utf16") and data[:2] not in (b"\xfe\xff", b"\xff\xfe"):
        name = "utf-16-be"
    if name in ("utf-32", "utf32") and data[:4] not in (b"\x00\x00\xfe\xff", b"\xff\xfe\x00\x00"):
        name = "utf-32-be"
    return data.decode(name, "replace")


# ---------------------------------------------------------------- escapes (the rules of Apache Commons Text)

_CONTROL = {"\b": "\\b", "\n": "\\n", "\t": "\\t", "\f": "\\f", "\r": "\\r"}
_BACKSLASHED: Mapping[str, Mapping[str, str]] = {
    "java": {'"': '\\"', "\\": "\\\\", **_CONTROL},
    "json": {'"': '\\"', "\\": "\\\\", "/": "\\/", **_CONTROL},
    "ecmascript": {"'": "\\'", '"': '\\"', "\\": "\\\\", "/": "\\/", **_CONTROL},
}
_BASIC = {'"': "&quot;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}
FORMATS = ("json", "xml", "ecmascript", "html", "java")
"""What escape() and unescape() take."""


class UnknownFormatError(ValueError):
    """There is no format of that name to escape for."""


def _check_format(kind: str) -> None:
    if kind not in FORMATS:
        raise UnknownFormatError(f"there is no format {kind!r} to escape for, only {', '.join(FORMATS)}")


def escape(text: str, kind: str) -> str:
    """A text as it stands inside a format of FORMATS. Raises UnknownFormatError."""
    _check_format(kind)
    if kind == "xml":
        return "".join(map(_in_xml, text))
    if kind == "html":
        entities = _html_entities()
        return "".join(_BASIC.get(one) or entities.get(ord(one), one) for one in text)
    table = _BACKSLASHED[kind]
    highest = "~" if kind == "json" else "\x7f"
    return "".join(table.get(one) or (one if " " <= one <= highest else _unicode(one)) for one in text)


def _unicode(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2))


def _in_xml(character: str) -> str:
    code = ord(character)
    if (code < 32 and character not in "\t\n\r") or code in (0xFFFE, 0xFFFF):
        return ""  # XML cannot hold it
    if 0x7F <= code <= 0x84 or 0x86 <= code <= 0x9F:
        return f"&#{code};"
    return "&apos;" if character == "'" else _BASIC.get(character, character)


@cache
def _html_entities() -> Mapping[int, str]:
    from html.entities import codepoint2name

    return {code: f"&{name};" for code, name in codepoint2name.items()}


_BACKSLASH = re.compile(r"\\(?:u+\+?([0-9a-fA-F]{4})|([0-3]?[0-7]{1,2})|(.))|\\", re.DOTALL)
_LETTERS = {"b": "\b", "n": "\n", "t": "\t", "f": "\f", "r": "\r"}
_ENTITY = re.compile(r"&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|(\w+));")
_XML_NAMES = {"quot": '"', "amp": "&", "lt": "<", "gt": ">", "apos": "'"}


def unescape(text: str, kind: str) -> str:
    """The text that an escaped one stands for; what is no escape stays. Raises UnknownFormatError."""
    _check_format(kind)
    if kind in ("xml", "html"):
        return _ENTITY.sub(lambda found: _entity(found, html=kind == "html"), text)
    found = _BACKSLASH.sub(_character, text)
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    if found[2]:
        return chr(int(found[2], 8))
    return "" if found[3] is None else _LETTERS.get(found[3], found[3])


def _entity(found: re.Match[str], *, html: bool) -> str:
    if found[3]:
        if html:
            from html.entities import name2codepoint

            code = name2codepoint.get(found[3])
            return found[0] if code is None else chr(code)
        return _XML_NAMES.get(found[3], found[0])
    code = int(found[1]) if found[1] else int(found[2], 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else found[0]


def substring_index(text: str, delimiter: str, count: int) -> str:
    """The text before the count-th delimiter, or behind it from the right when negative; places may overlap."""
    if not count or not delimiter:
        return ""
    place = -1 if count > 0 else len(text) - len(delimiter) + 1
    for _ in range(abs(count)):
        place = text.find(delimiter, place + 1) if count > 0 else _found_before(text, delimiter, place)
        if place < 0:
            return text
    return text[:place] if count > 0 else text[place + len(delimiter) :]


def _found_before(text: str, delimiter: str, place: int) -> int:
    return text.rfind(delimiter, 0, place - 1 + len(delimiter)) if place > 0 else -1


def normalize(text: str) -> str:
    """Accents apart from their letters (Unicode's canonical decomposition)."""
    return unicodedata.normalize("NFD", text)


def capitalised(text: str) -> str:
    """The first character of every word as a title has it, the others small; blanks part words, nothing else does."""
    return " ".join(map(_capitalised, text.split(" ")))


def _capitalised(word: str) -> str:
    """The small letters are those of the whole word: where a sigma stands decides about its form."""
    return word[:1].title() + word.lower()[len(word[:1].lower()) :]
