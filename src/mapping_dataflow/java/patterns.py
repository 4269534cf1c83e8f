"""Java's regular expressions in the terms of two other engines: the library ``regex`` and RE2.

One pass over the pattern writes both. ``regex`` can say everything; RE2, which databases have natively and which is far
faster, cannot (look-around, back-references, possessive repetition, intersections of classes), and there its text is
None. Where RE2 agrees for some texts only, the conditions say for which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from mapping_dataflow.java.character_classes import UnknownClassError, named_class

TERMINATORS = "\n\r\x85\u2028\u2029"
"""Java's line terminators, which ``.`` does not match."""
_END = r"(?=(?:\r\n|[\n\r\x85\u2028\u2029])?\Z)(?<!\r(?=\n))"
_LAST_TERMINATOR = r"(?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])?\z"
_LINE_START = r"(?:\A|(?<=[\n\x85\u2028\u2029]|\r(?!\n))(?!\Z))"
_LINE_END = r"(?:(?=\r\n|[\r\x85\u2028\u2029])|(?<!\r)(?=\n)|\Z)"
_ANY_BREAK = r"(?:\r\n|[\n\x0B\f\r\x85\u2028\u2029])"
_CONTROL = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f", "a": r"\x07", "e": r"\x1B"}
_QUANTIFIER = re.compile(r"\{(\d+)(,(\d*))?\}")
_RE2_REPETITIONS = 1000


class JavaRegexError(ValueError):
    """Java would refuse the pattern, or it has something that is not known here. The message says what."""


@dataclass(frozen=True)
class Translation:
    """A pattern of Java in both notations. ``native`` holds for ASCII texts only, or for texts that end in no line
    terminator, when ``ascii_only`` or ``open_end`` say so. ``solid`` promises that no match is empty.
    """

    python: str
    native: str | None
    groups: int
    named_groups: Mapping[str, int]
    ascii_only: bool
    open_end: bool
    solid: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the groups that have one."""
        return tuple(self.named_groups)

    @property
    def native_search(self) -> str | None:
        """``native`` for finding out whether and where there is a match, for texts with any end where that can be said
        (the pattern ends with its only ``$``).
        """
        if self.native is None or not self.open_end or self.native.count(r"\z") != 1 or not self.native.endswith(r"\z"):
            return None
        return self.native[:-2] + _LAST_TERMINATOR


@dataclass
class _Writer:
    """State of the one pass: what was written so far, and the flags that hold at the current place."""

    text: str
    offset: int = 0
    python: list[str] = field(default_factory=list)
    native: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    flags: frozenset[str] = frozenset()
    outer_flags: list[frozenset[str]] = field(default_factory=list)
    groups: int = 0
    names: dict[str, int] = field(default_factory=dict)
    is_native: bool = True
    ascii_only: bool = False
    open_end: bool = False

    def put(self, python: str, native: str | None = None, bare: str | None = None) -> None:
        """The same piece in both notations; ``native`` None means the same text, ``bare`` is without assertions."""
        self.python.append(python)
        self.native.append(python if native is None else native)
        self.bare.append(python if bare is None else bare)

    def only_python(self, python: str, bare: str | None = None) -> None:
        """A piece that RE2 has no equivalent for."""
        self.is_native = False
        self.put(python, "", bare)


@lru_cache(maxsize=256)
def translate(pattern: str) -> Translation:
    """A pattern of Java in both notations. Raises JavaRegexError, which names the pattern."""
    try:
        return _translated(pattern)
    except JavaRegexError as error:
        raise JavaRegexError(f"{pattern!r} is no regular expression: {error}") from error


def _translated(pattern: str) -> Translation:
    import regex

    writer = _Writer(pattern)
    while writer.offset < len(pattern):
        _piece(writer)
    if writer.outer_flags:
        raise JavaRegexError("a group is not closed")
    python = "".join(writer.python)
    try:
        regex.compile(python, regex.V1)
        empty = regex.fullmatch("".join(writer.bare), "", regex.V1) is not None
    except regex.error as error:
        raise JavaRegexError(str(error)) from error
    native = "".join(writer.native) if writer.is_native else None
    return Translation(python, native, writer.groups, writer.names, writer.ascii_only, writer.open_end, not empty)


def _piece(writer: _Writer) -> None:
    """Writes the construct at the current place."""
    character = writer.text[writer.offset]
    rest = writer.text[writer.offset :]
    if character == "\\":
        _escape(writer)
    elif character == "[":
        _class(writer)
    elif character == "(":
        _group(writer)
    elif character == ")":
        if not writer.outer_flags:
            raise JavaRegexError("a parenthesis closes nothing")
        writer.flags = writer.outer_flags.pop()
        _step(writer, 1).put(")")
    elif character in "*+?{":
        _repetition(writer, rest)
    elif character == "|":
        _step(writer, 1).put("|")
    elif character in ".^$":
        _assertion(_step(writer, 1), character)
    elif "x" in writer.flags and (character.isspace() or character == "#"):
        _step(writer, (rest.find("\n") + 1 or len(rest)) if character == "#" else 1)
    else:
        _step(writer, 1).put(*_any_case(writer, character, re.escape(character), _quoted(character)))


def _any_case(writer: _Writer, character: str, python: str, native: str) -> tuple[str, str]:
    """The character, in both cases where case does not matter. Without the flag u that means ASCII letters only."""
    if "i" in writer.flags and "u" not in writer.flags and character.isascii() and character.isalpha():
        both = f"[{character.lower()}{character.upper()}]"
        return both, both
    return python, native


def _step(writer: _Writer, count: int) -> _Writer:
    writer.offset += count
    return writer


def _quoted(character: str) -> str:
    """A character as itself in RE2, which knows ``\\`` before punctuation only."""
    return character if character.isalnum() or ord(character) > 127 else _hexadecimal(character)


def _hexadecimal(character: str) -> str:
    return f"\\x{{{ord(character):x}}}" if not character.isprintable() or character == " " else "\\" + character


def _assertion(writer: _Writer, character: str) -> None:
    lines = "m" in writer.flags
    if character == ".":
        every = "s" in writer.flags
        breaks = r"[^\n]" if "d" in writer.flags else r"[^\n\r\x85\u2028\u2029]"
        native = r"[^\n]" if "d" in writer.flags else r"[^\n\r\x{85}\x{2028}\x{2029}]"
        writer.put("(?s:.)" if every else breaks, "(?s:.)" if every else native)
    elif lines:
        writer.only_python(_LINE_START if character == "^" else _LINE_END, "")
    elif character == "^":
        writer.put(r"\A", r"\A", "")
    else:
        writer.open_end = True
        writer.put(_END, r"\z", "")


def _repetition(writer: _Writer, rest: str) -> None:
    found = _QUANTIFIER.match(rest)
    if rest[0] == "{" and found is None:
        raise JavaRegexError("a brace opens no repetition")
    text = found.group() if found else rest[0]
    following = rest[len(text) : len(text) + 1]
    if found and max(int(found[1]), int(found[3] or 0)) > _RE2_REPETITIONS:
        writer.is_native = False
    if following == "+":
        _step(writer, len(text) + 1).only_python(text + "+")
        return
    text += "?" if following == "?" else ""
    _step(writer, len(text)).put(text)


_FLAG_GROUP = re.compile(r"\(\?([idmsuxU]*)(?:-([idmsuxU]*))?([:)])")
_NAMED_GROUP = re.compile(r"\(\?<([A-Za-z][A-Za-z0-9]*)>")


def _group(writer: _Writer) -> None:
    rest = writer.text[writer.offset :]
    named = _NAMED_GROUP.match(rest)
    flagged = _FLAG_GROUP.match(rest)
    before = writer.flags
    if named is not None:
        writer.groups += 1
        writer.names[named[1]] = writer.groups
        _step(writer, named.end()).put(f"(?P<{named[1]}>")
    elif flagged is not None:
        _flags(writer, flagged)
        if flagged[3] == ")":
            return
    elif rest[:2] != "(?":
        writer.groups += 1
        _step(writer, 1).put("(")
    else:
        opening = next((one for one in ("(?=", "(?!", "(?<=", "(?<!", "(?>") if rest.startswith(one)), None)
        if opening is None:
            raise JavaRegexError(f"a group begins with {rest[:3]!r}")
        _step(writer, len(opening)).only_python(opening)
    writer.outer_flags.append(before)


def _flags(writer: _Writer, found: re.Match[str]) -> None:
    on, off = frozenset(found[1].replace("U", "Uu")), frozenset(found[2] or "")  # U implies u
    writer.flags = (writer.flags | on) - off
    letters = {"i", "u"} <= writer.flags
    writer.ascii_only = writer.ascii_only or letters
    sign = "i" if letters else "-i" if off & {"i", "u"} else ""
    _step(writer, found.end())
    if found[3] == ":":
        writer.put(f"(?{sign}:")
    elif sign:
        writer.put(f"(?{sign})")


def _escape(writer: _Writer) -> None:
    text, offset = writer.text, writer.offset + 1
    if offset >= len(text):
        raise JavaRegexError("a backslash stands at the end")
    letter = text[offset]
    if letter == "Q":
        end = text.find("\\E", offset)
        literal = text[offset + 1 :] if end < 0 else text[offset + 1 : end]
        writer.offset = len(text) if end < 0 else end + 2
        writer.put(re.escape(literal), "".join(map(_quoted, literal)))
    elif letter in "bB":
        writer.ascii_only = True
        _step(writer, 2).put("\\" + letter, None, "")
    elif letter in "AzZG":
        _anchor(_step(writer, 2), letter)
    elif letter in "RX":
        _step(writer, 2).only_python(_ANY_BREAK if letter == "R" else r"\X")
    elif letter == "k" or (letter.isdigit() and letter != "0"):
        _back_reference(writer)
    else:
        python, native, end = _character_or_set(text, offset, unicode="U" in writer.flags)
        writer.offset = end
        if native is None:
            writer.only_python(python)
        else:
            writer.put(python, native)


def _anchor(writer: _Writer, letter: str) -> None:
    if letter == "A":
        writer.put(r"\A", r"\A", "")
    elif letter == "z":
        writer.put(r"\Z", r"\z", "")
    elif letter == "Z":
        writer.open_end = True
        writer.put(_END, r"\z", "")
    else:
        writer.only_python(r"\G", "")


def _back_reference(writer: _Writer) -> None:
    rest = writer.text[writer.offset :]
    named = re.match(r"\\k<(\w+)>", rest)
    if named is not None:
        _step(writer, named.end()).only_python(f"(?P={named[1]})")
        return
    digits = re.match(r"\\(\d+)", rest)
    if digits is None:
        raise JavaRegexError("\\k is followed by no name in angle brackets")
    number = digits[1]
    while len(number) > 1 and int(number) > writer.groups:  # \11 is group 1 and a 1 where there is no group 11
        number = number[:-1]
    if int(number) > writer.groups:
        raise JavaRegexError(f"there is no group {number}")
    _step(writer, 1 + len(number)).only_python(f"\\g<{number}>")


_CODES = re.compile(r"x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|0([0-3]?[0-7]{1,2})|c(.)", re.DOTALL)


def _character_or_set(text: str, offset: int, *, unicode: bool, inside: bool = False) -> tuple[str, str | None, int]:
    """What the escape whose letter stands at an offset means: both notations, and where it ends."""
    letter = text[offset]
    try:
        named = named_class(text, offset, inside=inside, unicode=unicode)
    except UnknownClassError as error:
        raise JavaRegexError(str(error)) from error
    if named is not None:
        return named
    if letter in _CONTROL:
        return _CONTROL[letter], _CONTROL[letter], offset + 1
    found = _CODES.match(text, offset)
    if found is not None:
        hexadecimal = found[1] or found[2] or found[3]
        code = int(hexadecimal, 16) if hexadecimal else int(found[4], 8) if found[4] else ord(found[5]) ^ 64
        return re.escape(chr(code)), f"\\x{{{code:x}}}", found.end()
    if letter.isalpha() and letter.isascii():
        raise JavaRegexError(f"\\{letter} means nothing")
    return re.escape(letter) if letter not in "-&~|[" else "\\" + letter, _quoted(letter), offset + 1


def _class(writer: _Writer) -> None:
    """A class in brackets; Java's may be nested, which is union, and intersected with ``&&``."""
    python, native, end = _class_text(writer.text, writer.offset, writer.flags)
    writer.offset = end
    if native is None:
        writer.only_python(python)
    else:
        writer.put(python, native)


@dataclass
class _Members:
    """A class while it is read: its members in both notations; None in ``native`` is what RE2 cannot say."""

    python: list[str]
    native: list[str | None]
    last: str = ""
    """The character before, where it is one that may begin a range."""
    in_range: bool = False

    def put(self, python: str, native: str | None, character: str = "") -> None:
        """One more member; ``character`` is what it stands for when it is a single one."""
        self.python.append(python)
        self.native.append(native)
        self.last = "" if self.in_range else character
        self.in_range = False


def _class_text(text: str, start: int, flags: frozenset[str]) -> tuple[str, str | None, int]:
    offset = start + 1
    negated = text[offset : offset + 1] == "^"
    offset += negated
    first = offset
    members = _Members(["[^" if negated else "["], ["[^" if negated else "["])
    while offset < len(text) and (text[offset] != "]" or offset == first):
        character = text[offset]
        if character == "[":
            inner, _, offset = _class_text(text, offset, flags)
            members.put(inner, None)
        elif text.startswith("&&", offset):
            offset += 2
            members.put("&&", None)
        elif character == "\\":
            piece, other, offset = _class_escape(text, offset + 1, flags)
            members.put(piece, other, piece if len(piece) <= 2 else "")
        elif character == "-" and members.last and text[offset + 1 : offset + 2] not in ("]", "[", ""):
            offset += 1
            members.put("-", "-")
            members.in_range = True
        else:
            offset += 1
            _class_character(members, character, flags)
    if offset >= len(text):
        raise JavaRegexError("a class is not closed")
    whole = None if None in members.native else "".join(one for one in members.native if one is not None) + "]"
    return "".join(members.python) + "]", whole, offset + 1


def _class_character(members: _Members, character: str, flags: frozenset[str]) -> None:
    before, ends_range = members.python[-2].strip("\\") if members.in_range else "", members.in_range
    python = character if character.isalnum() else "\\" + character
    members.put(python, character if character.isalnum() else _quoted(character), character)
    ignoring_case = "i" in flags and "u" not in flags
    if not (ignoring_case and character.isascii() and character.isalpha()):
        return
    other = character.swapcase()
    if not ends_range:
        members.python.append(other)
        members.native.append(other)
        members.python[-2:] = [other, python]  # the character itself stays last, where a range may go on
        members.native[-2:] = [other, python]
    elif before.isalpha() and before.isascii() and before.islower() == character.islower():
        members.put(f"{before.swapcase()}-{other}", f"{before.swapcase()}-{other}")


def _class_escape(text: str, offset: int, flags: frozenset[str]) -> tuple[str, str | None, int]:
    if offset >= len(text):
        raise JavaRegexError("a backslash stands at the end")
    if text[offset] == "Q":
        end = text.find("\\E", offset)
        literal = text[offset + 1 :] if end < 0 else text[offset + 1 : end]
        after = len(text) if end < 0 else end + 2
        return (
            "".join("\\" + one if not one.isalnum() else one for one in literal),
            "".join(map(_quoted, literal)),
            after,
        )
    return _character_or_set(text, offset, unicode="U" in flags, inside=True)
