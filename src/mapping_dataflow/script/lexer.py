"""Cuts a data flow script into tokens with one compiled regular expression.

Comments and white space are dropped. Interpolated strings nest, so their end is found by a small scanner.
"""

from __future__ import annotations

import re

from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.script.tokens import Token, TokenKind

_TOKEN = re.compile(
    r"""
    (?P<SPACE>   (?: \s+ | /\*.*?\*/ | //[^\n]* )+ )
  | (?P<NAME>    [^\W\d]\w* )
  | (?P<NUMBER>  0[xX][0-9a-fA-F]+ | (?: \d+ (?:\.\d+)? | \.\d+ ) (?:[eE][+-]?\d+)? [lLfFsSdDbB]? (?!\w) )
  | (?P<STRING>  ' (?: [^'\\] | \\. )* ' )
  | (?P<RAW>     ` [^`]* ` )
  | (?P<BRACED>  \{ (?: \\[\\}] | [^}\\] | \\(?![\\}]) )* \} )
  | (?P<DOLLAR>  \$ (?: \$ | \d+ | [^\W\d]\w* | \{ [^}]* \} ) )
  | (?P<HASH>    \# [^\W\d]\w* )
  | (?P<SYMBOL>  ~> | === | <==> | <=> | == | != | <= | >= | && | \|\| | -> | := | [()\[\],:=!<>+\-*/%&|^@.?~}] )
  | (?P<QUOTE>   " )
    """,
    re.VERBOSE | re.DOTALL,
)
_PARAMETERS = re.compile(r"(?:\s+|/\*.*?\*/|//[^\n]*)*(parameters)\s*(\{)", re.DOTALL)
_KINDS = {kind.name: kind for kind in TokenKind}


def tokenize(text: str, start: int = 0, end: int | None = None, *, script: bool = False) -> list[Token]:
    """All tokens of ``text[start:end]`` with offsets in ``text``, closed by an END token.

    Only a whole ``script`` may begin with a parameters block, whose brace opens no name.

    Raises ProblemFound at the first character that starts no token.
    """
    limit = len(text) if end is None else end
    tokens: list[Token] = []
    offset = start
    if script and (header := _PARAMETERS.match(text, 0, limit)):
        tokens.append(Token(TokenKind.NAME, "parameters", header.start(1)))
        tokens.append(Token(TokenKind.SYMBOL, "{", header.start(2)))
        offset = header.end()
    match = _TOKEN.match
    while offset < limit:
        found = match(text, offset, limit)
        if found is None:
            raise _unreadable(text, offset, limit)
        kind = found.lastgroup or ""
        if kind == "QUOTE":
            token = Token(TokenKind.TEMPLATE, text[offset : template_end(text, offset, limit)], offset)
            tokens.append(token)
            offset = token.end
            continue
        if kind != "SPACE":
            tokens.append(Token(_KINDS[kind], found.group(), offset))
        offset = found.end()
    tokens.append(Token(TokenKind.END, "", limit))
    return tokens


def template_end(text: str, start: int, limit: int) -> int:
    """Offset after the closing quote of the interpolated string that opens at ``start``.

    Braces hold expressions, which may hold strings, which may be interpolated again. ``\\{`` is a plain brace.
    """
    offset = start + 1
    while offset < limit:
        character = text[offset]
        if character == "\\":
            offset += 2
        elif character == '"':
            return offset + 1
        elif character == "{":
            offset = embedded_end(text, offset, limit) + 1
        else:
            offset += 1
    raise ProblemFound(
        "the interpolated string is not closed", Span(start, _line_end(text, start, limit)), expected='a closing "'
    )


def embedded_end(text: str, start: int, limit: int) -> int:
    """Offset of the brace that closes the embedded expression whose brace opens at ``start``."""
    offset = start + 1
    while offset < limit:
        if text[offset] == '"':
            offset = template_end(text, offset, limit)
            continue
        found = _TOKEN.match(text, offset, limit)
        if found is None:
            raise _unreadable(text, offset, limit)
        if found.group() == "}":
            return offset
        offset = found.end()
    raise ProblemFound("the embedded expression is not closed", Span(start, limit), expected="a closing }")


def _unreadable(text: str, offset: int, limit: int) -> ProblemFound:
    character = text[offset]
    rest = Span(offset, _line_end(text, offset, limit))
    if character == "'":
        return ProblemFound("the string is not closed", rest, expected="a closing '")
    if character == "`":
        return ProblemFound("the raw string is not closed", rest, expected="a closing `")
    if character == "{":
        return ProblemFound("the name in braces is not closed", rest, expected="a closing }")
    if character.isdigit():
        return ProblemFound("the number is followed by a letter that ends no number", rest)
    return ProblemFound(f"the character {character!r} starts nothing of the script language", Span(offset, offset + 1))


def _line_end(text: str, offset: int, limit: int) -> int:
    end = text.find("\n", offset, limit)
    return limit if end < 0 else end
