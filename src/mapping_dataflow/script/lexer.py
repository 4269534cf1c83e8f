"""Cuts a data flow script into tokens with one compiled regular expression.

Comments and white space are no tokens; `comments_between` finds the comments again for whoever keeps them.
Interpolated strings nest, so their end is found by a small scanner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mapping_dataflow.errors import ProblemCollector, ProblemFound, Span
from mapping_dataflow.script.tokens import Token, TokenKind

_BRACED = r"\{ (?: \\[\\{}] | \.\{[^{}\\]*\} | [^}\\] | \\(?![\\{}]) )* \}"
_TOKEN = re.compile(
    rf"""
    (?P<SPACE>   (?: \s+ | /\*.*?\*/ | //[^\n]* )+ )
  | (?P<NAME>    [^\W\d]\w* )
  | (?P<NUMBER>  0[xX][0-9a-fA-F]+ | (?: \d+ (?:\.\d+)? | \.\d+ ) (?:[eE][+-]?\d+)? [lLfFsSdDbB]? (?!\w) )
  | (?P<STRING>  ' (?: [^'\\] | \\. )* ' )
  | (?P<RAW>     ` [^`]* ` )
  | (?P<BRACED>  {_BRACED} )
  | (?P<DOLLAR>  \$ (?: \$ | \# | \d+ | [^\W\d]\w* | {_BRACED} ) )
  | (?P<HASH>    \# [^\W\d]\w* )
  | (?P<SYMBOL>  ~> | === | <==> | <=> | == | != | <= | >= | && | \|\| | -> | := | [()\[\],:=!<>+\-*/%&|^@.?~}}] )
  | (?P<QUOTE>   " )
    """,
    re.VERBOSE | re.DOTALL,
)
_PARAMETERS = re.compile(r"(?:\s+|/\*.*?\*/|//[^\n]*)*(parameters)\s*(\{)", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_KINDS = {_TOKEN.groupindex[kind.name]: kind for kind in TokenKind if kind.name in _TOKEN.groupindex}
"""Kinds of tokens by the number of their group."""
_SPACE = _TOKEN.groupindex["SPACE"]


def tokenize(
    text: str,
    start: int = 0,
    end: int | None = None,
    *,
    script: bool = False,
    problems: ProblemCollector | None = None,
) -> list[Token]:
    """All tokens of ``text[start:end]`` with offsets in ``text``, closed by an END token.

    Only a whole ``script`` may begin with a parameters block, whose brace opens no name. What starts no token goes
    to ``problems`` and becomes an UNREADABLE token; without ``problems`` it raises ProblemFound.
    """
    limit = len(text) if end is None else end
    tokens: list[Token] = []
    offset = start
    if script and (header := _PARAMETERS.match(text, 0, limit)):
        tokens.append(Token(TokenKind.NAME, "parameters", header.start(1)))
        tokens.append(Token(TokenKind.SYMBOL, "{", header.start(2)))
        offset = header.end()
    kinds, append = _KINDS, tokens.append
    while offset < limit:
        for found in _TOKEN.finditer(text, offset, limit):
            if found.start() > offset:
                break
            kind = kinds.get(found.lastindex or 0)
            if kind is not None:
                append(Token(kind, found[0], offset))
            elif found.lastindex != _SPACE:
                break
            offset = found.end()
        if offset < limit:
            token = _template_or_unreadable(text, offset, limit, problems)
            tokens.append(token)
            offset = token.end
    tokens.append(Token(TokenKind.END, "", limit))
    return tokens


def _template_or_unreadable(text: str, offset: int, limit: int, problems: ProblemCollector | None) -> Token:
    try:
        if text[offset] != '"':
            raise _unreadable(text, offset, limit)
        return Token(TokenKind.TEMPLATE, text[offset : template_end(text, offset, limit)], offset)
    except ProblemFound as found:
        if problems is None:
            raise
        problems.add(found.problem)
        end = max(offset + 1, found.problem.span.end)
        return Token(TokenKind.UNREADABLE, text[offset:end], offset)


def comments_between(text: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """Where the comments between the tokens stand, in order; the tokens are those of the whole text."""
    offset = 0
    for token in tokens:
        for found in _COMMENT.finditer(text, offset, token.start):
            yield Span(found.start(), found.end())
        offset = token.end


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
    hint = "quotes of the language are straight: '…' or \"…\"" if character in "‘’“”«»´" else ""
    cause = f"the character {character!r} starts nothing of the script language"
    return ProblemFound(cause, Span(offset, offset + 1), hint=hint)


def _line_end(text: str, offset: int, limit: int) -> int:
    end = text.find("\n", offset, limit)
    return limit if end < 0 else end
