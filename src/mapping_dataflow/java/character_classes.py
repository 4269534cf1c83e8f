"""Classes of characters that have a name in Java's regular expressions: digits, lower case, letters of a script and
the like, as the library ``regex`` and RE2 write them (https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Class = tuple[str, str | None, int]
"""A class in the notation of ``regex`` and of RE2, which may lack one, and where it ends in the pattern."""

_HORIZONTAL = r" \t\xA0\u1680\u180E\u2000-\u200A\u202F\u205F\u3000"
_VERTICAL = r"\n\x0B\f\r\x85\u2028\u2029"
_SETS = {"d": "0-9", "w": "a-zA-Z_0-9", "s": r" \t\n\x0B\f\r", "h": _HORIZONTAL, "v": _VERTICAL}
_POSIX = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7F",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "Graph": "!-~",
    "Print": r"\x20-~",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1F\x7F",
    "XDigit": "0-9a-fA-F",
    "Space": r" \t\n\x0B\f\r",
    "L1": r"\x00-\xFF",
}
_WORD = r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}"
_BLANK = r"\p{Zs}\t"
_GRAPH = r"[^\p{White_Space}\p{Cc}\p{Cs}\p{Cn}]"
_UNICODE_SETS = {**_SETS, "d": r"\p{Nd}", "w": _WORD, "s": r"\p{White_Space}"}
_UNICODE_POSIX = {
    "lower": r"\p{Lowercase}",
    "upper": r"\p{Uppercase}",
    "alpha": r"\p{Alphabetic}",
    "digit": r"\p{Nd}",
    "alnum": r"\p{Alphabetic}\p{Nd}",
    "punct": r"\p{P}",
    "graph": _GRAPH,
    "print": f"{_GRAPH}{_BLANK[:-2]}",
    "blank": _BLANK,
    "cntrl": r"\p{Cc}",
    "xdigit": r"\p{Nd}\p{Hex_Digit}",
    "space": r"\p{White_Space}",
}
"""What the classes of POSIX mean with the flag ``U`` or behind ``Is``; their names are the same in any case then."""
_BINARY = {
    "alphabetic": r"\p{Alphabetic}",
    "assigned": r"\P{Cn}",
    "control": r"\p{Cc}",
    "hex_digit": r"\p{Nd}\p{Hex_Digit}",
    "ideographic": r"\p{Ideographic}",
    "join_control": r"\p{Join_Control}",
    "letter": r"\p{L}",
    "lowercase": r"\p{Lowercase}",
    "noncharacter_code_point": r"\p{Noncharacter_Code_Point}",
    "punctuation": r"\p{P}",
    "titlecase": r"\p{Lt}",
    "uppercase": r"\p{Uppercase}",
    "white_space": r"\p{White_Space}",
    "word": _WORD,
}
_BINARY_NAMES = {**_BINARY, **{name.replace("_", ""): members for name, members in _BINARY.items()}}
"""Properties that characters have or not, by what stands behind ``Is``."""
_JAVA_METHODS = {
    "javaLowerCase": r"\p{Lowercase}",
    "javaUpperCase": r"\p{Uppercase}",
    "javaAlphabetic": r"\p{Alphabetic}",
    "javaIdeographic": r"\p{Ideographic}",
    "javaTitleCase": r"\p{Lt}",
    "javaDigit": r"\p{Nd}",
    "javaDefined": r"\P{Cn}",
    "javaLetter": r"\p{L}",
    "javaLetterOrDigit": r"\p{L}\p{Nd}",
    "javaSpaceChar": r"\p{Z}",
    "javaISOControl": r"\x00-\x1F\x7F-\x9F",
    "javaWhitespace": r"\t\n\x0B\f\r\x1C-\x1F\p{Zl}\p{Zp}[\p{Zs}--[\xA0\u2007\u202F]]",
}
_CATEGORIES = frozenset(
    "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf".split()
)
_ONLY_REGEX_CATEGORIES = {"Cn": r"\p{Cn}", "Co": r"\p{Co}", "Cs": r"\p{Cs}", "LC": r"\p{Lu}\p{Ll}\p{Lt}"}
_MORE_CATEGORIES = {**_ONLY_REGEX_CATEGORIES, "LD": r"\p{L}\p{Nd}", "all": r"\x00-\U0010FFFF"}
_PREFIXES: Mapping[str, str] = {
    "script": "Script",
    "sc": "Script",
    "block": "Block",
    "blk": "Block",
    "general_category": "",
    "gc": "",
}
_PROPERTY = re.compile(r"[pP](?:\{(\^?)([^}]*)\}|(\w))")


class UnknownClassError(ValueError):
    """Java has no class of that name. The message says which."""


def named_class(text: str, offset: int, *, inside: bool, unicode: bool) -> Class | None:
    """The class whose letter behind the backslash stands at an offset of a pattern, None for a letter of no class.

    ``inside`` brackets it is members of a class; ``unicode`` is the flag ``U``. Raises UnknownClassError.
    """
    letter = text[offset]
    if letter in "pP":
        return _property(text, offset, inside, unicode)
    if letter.lower() not in _SETS:
        return None
    members = (_UNICODE_SETS if unicode else _SETS)[letter.lower()]
    return _written(members, letter.isupper(), inside, offset + 1)


def _written(members: str, negated: bool, inside: bool, end: int) -> Class:
    """Members as a class; RE2 has those that need no property of Unicode, but not a negated one within a class."""
    native = None if r"\p" in members or r"\P" in members else _re2(members)
    if inside and not negated:
        return members, native, end
    sign = "^" if negated else ""
    return f"[{sign}{members}]", None if inside or native is None else f"[{sign}{native}]", end


def _re2(members: str) -> str | None:
    """Members of a class as RE2 writes them; None for what lies beyond four digits."""
    if r"\U" in members:
        return None
    return re.sub(r"\\u([0-9A-F]{4})|\\x([0-9A-F]{2})", lambda found: f"\\x{{{found[1] or found[2]}}}", members)


def _property(text: str, offset: int, inside: bool, unicode: bool) -> Class:
    found = _PROPERTY.match(text, offset)
    if found is None:
        raise UnknownClassError("\\p is followed by no property")
    name = found[2] or found[3]
    negated = (text[offset] == "P") != bool(found[1])
    category = name[2:] if name.startswith("Is") else name
    if category in _CATEGORIES:
        written = f"\\{'P' if negated else 'p'}{{{category}}}"
        return written, written, found.end()
    return _written(_members(name, unicode), negated, inside, found.end())


def _members(name: str, unicode: bool) -> str:
    if unicode and name.lower() in _UNICODE_POSIX:
        return _UNICODE_POSIX[name.lower()]
    for listed in (_POSIX, _JAVA_METHODS, _MORE_CATEGORIES):
        if name in listed:
            return listed[name]
    prefix, equals, value = name.partition("=")
    if equals and prefix.lower() in _PREFIXES:
        kind = _PREFIXES[prefix.lower()]
        return f"\\p{{{kind}={value}}}" if kind else _of_category(value)
    if name.startswith("In") and len(name) > 2:
        return f"\\p{{Block={name[2:]}}}"
    if not name.startswith("Is") or len(name) == 2:
        raise UnknownClassError(f"unknown property {name!r}")
    behind = name[2:]
    if behind.lower() in _BINARY_NAMES:
        return _BINARY_NAMES[behind.lower()]
    if behind.lower() in _UNICODE_POSIX:
        return _UNICODE_POSIX[behind.lower()]
    return _MORE_CATEGORIES.get(behind) or f"\\p{{Script={behind}}}"


def _of_category(name: str) -> str:
    if name in _CATEGORIES:
        return f"\\p{{{name}}}"
    if name in _MORE_CATEGORIES:
        return _MORE_CATEGORIES[name]
    raise UnknownClassError(f"unknown property {name!r}")
