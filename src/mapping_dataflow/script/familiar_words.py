"""Words and signs of other languages that people write into data flows, and what they are called here.

SQL, expressions of pipelines, and the names that Studio shows. For hints of messages only: nothing here is understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from mapping_dataflow.errors import position_of
from mapping_dataflow.script.tokens import Token, TokenKind

_FUNCTIONS: Mapping[str, str] = {
    "addseconds": "a timestamp + seconds(n)",
    "ceiling": "ceil()",
    "charindex": "instr()",
    "convert": "toString(), toInteger(), toDate() and the like",
    "datediff": "a date - a date, or monthsBetween()",
    "day": "dayOfMonth()",
    "empty": "isNull() or length()",
    "formatdatetime": "toString(value, 'yyyy-MM-dd')",
    "getdate": "currentTimestamp()",
    "guid": "uuid()",
    "if": "iif()",
    "ifnull": "iifNull()",
    "int": "toInteger()",
    "isnotnull": "!isNull()",
    "len": "length()",
    "newid": "uuid()",
    "now": "currentTimestamp()",
    "nvl": "coalesce()",
    "pow": "power()",
    "row_number": "rowNumber()",
    "string": "toString()",
    "substr": "substring()",
    "to_char": "toString()",
    "to_number": "toDecimal() or toDouble()",
    "today": "currentDate()",
    "utcnow": "currentUTC()",
}
_TYPES: Mapping[str, str] = {
    "array": "string[]",
    "bigint": "long",
    "bit": "boolean",
    "bool": "boolean",
    "bytes": "binary",
    "char": "string",
    "datetime": "timestamp",
    "datetime2": "timestamp",
    "int": "integer",
    "int32": "integer",
    "int64": "long",
    "map": "[string,string]",
    "money": "decimal(19,4)",
    "number": "integer, long, double or decimal(p,s)",
    "numeric": "decimal",
    "nvarchar": "string",
    "real": "float",
    "single": "float",
    "smallint": "short",
    "str": "string",
    "struct": "(field as type, …)",
    "text": "string",
    "tinyint": "byte",
    "varbinary": "binary",
    "varchar": "string",
}
_TRANSFORMATIONS: Mapping[str, str] = {
    "conditionalsplit": "split",
    "derivedcolumn": "derive",
    "externalcall": "call",
    "flatten": "foldDown",
    "flowlet": "compose",
    "groupby": "aggregate",
    "newbranch": "the stream itself, read by two statements",
    "surrogatekey": "keyGenerate",
    "where": "filter",
}
_OPERATORS: Mapping[str, str] = {
    "and": "&& means and",
    "or": "|| means or",
    "not": "! means not",
    "is": "isNull(value) and !isNull(value) ask for null",
    "in": "in(array, value) is a function",
    "like": "like(value, pattern) is a function",
    "between": "between(value, low, high) is a function",
    "when": "case(condition, value, …, otherwise) is a function",
    "mod": "% and mod(a, b) are the remainder",
}
_OPENING, _CLOSING = "([{", {")": "(", "]": "[", "}": "{"}


def function_hint(name: str) -> str:
    """What a function of another language is here, or nothing."""
    return _meant(_FUNCTIONS.get(name.lower().removeprefix("_")))


def type_hint(name: str) -> str:
    """What a type of another language is here, or nothing."""
    return _meant(_TYPES.get(name.lower()))


def transformation_hint(name: str, known: Iterable[str]) -> str:
    """Which transformation a word may mean, by what Studio calls it or by its letters, or nothing."""
    close = get_close_matches(name, sorted(known), n=2)
    return _meant(_TRANSFORMATIONS.get(name.lower()) or " or ".join(close))


def _meant(found: str | None) -> str:
    return f"did you mean {found}?" if found else ""


def syntax_hint(text: str, tokens: Sequence[Token], index: int, expected: str) -> str:
    """What may have been meant by the token at an index, which nothing here begins with, or nothing."""
    token, before = tokens[index], tokens[index - 1] if index else None
    for word in (token, before):
        if word is not None and word.kind is TokenKind.NAME and word.text.lower() in _OPERATORS:
            return _OPERATORS[word.text.lower()]
    if before is not None and before.text == "<" and token.text == ">" and before.end == token.start:
        return "!= means unequal"
    if before is not None and before.kind is TokenKind.STRING is token.kind and before.end == token.start:
        return "a quote within a text has a backslash before it: \\'"
    if token.text == "@":
        return "expressions of pipelines do not stand in data flows: give what they say as a parameter, $name"
    if token.text == "->" and "~>" in expected:
        return "~> names a stream"
    if token.text in ("~>", "") or (before is not None and token.text == "="):
        unclosed = _unclosed(text, tokens[:index])
        compared = "; == compares" if token.text == "=" else ""
        return unclosed + compared if unclosed else ""
    return ""


def _unclosed(text: str, tokens: Sequence[Token]) -> str:
    """The innermost bracket of the statement that nothing closes."""
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind is not TokenKind.SYMBOL:
            continue
        if token.text == "~>":
            opened.clear()
        elif token.text in _OPENING:
            opened.append(index)
        elif token.text in _CLOSING and opened and tokens[opened[-1]].text == _CLOSING[token.text]:
            opened.pop()
    if not opened:
        return ""
    bracket, name = tokens[opened[-1]], tokens[opened[-1] - 1] if opened[-1] else None
    place = position_of(text, bracket.start)
    behind = f" behind {name.text}" if name is not None and name.kind is TokenKind.NAME else ""
    return f"the '{bracket.text}'{behind} in line {place.line}, column {place.column} may not be closed"
