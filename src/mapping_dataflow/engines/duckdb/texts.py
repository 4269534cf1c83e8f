"""Functions over strings and bytes in DuckDB."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import BINARY, BYTE, NULL, STRING, Array
from mapping_dataflow.engines.base import Builder, called, constant, depends_on_rows, fill, known_or
from mapping_dataflow.engines.conversions import text
from mapping_dataflow.engines.duckdb.hashes import BYTES
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.engines.java_patterns import checked_charset
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, Literal
from mapping_dataflow.java.texts import FORMATS

_WHITESPACE = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
_ASCII_ONLY = "strlen(_1) = length(_1) AND strlen(_2) = length(_2)"
# DuckDB changes one character to one; where several come of it, or the place in the word counts, Python does it.
_LOWER = "CASE WHEN contains({0}, 'İ') OR contains({0}, 'Σ') THEN text_lower({0}) ELSE lower({0}) END"
_SEVERAL = r"[ŉǰΐΰև\x{1e96}-\x{1e9a}\x{1f50}-\x{1ffc}\x{fb00}-\x{fb17}]"
_UPPER = f"""CASE WHEN strlen(_1) <> length(_1) AND regexp_matches(_1, '{_SEVERAL}') THEN text_upper(_1)
    ELSE upper(replace(_1, 'ß', 'ss')) END"""
_CAPITALISED = """CASE WHEN strlen(_1) <> length(_1) THEN text_capitalised(_1)
    ELSE array_to_string(list_transform(string_split(lower(_1), ' '),
        lambda word: upper(left(word, 1)) || substr(word, 2)), ' ') END"""
_PLAIN: dict[str, str] = {
    "ascii": "ascii(_1)",
    # As in Spark: nothing for a negative number, else the character of its last byte.
    "char": "CASE WHEN trunc(_1) < 0 THEN '' WHEN _1 IS NOT NULL "
    "THEN chr(coalesce(TRY_CAST(trunc(_1) % 256 AS INTEGER), 0)) END",
    # greatest() passes over null.
    "dropLeft": "CASE WHEN _2 IS NOT NULL THEN substr(_1, greatest(_2, 0) + 1) END",
    "dropRight": "CASE WHEN _2 IS NOT NULL THEN left(_1, greatest(length(_1) - greatest(_2, 0), 0)) END",
    "endsWith": "ends_with(_1, _2)",
    "equalsIgnoreCase": f"{_LOWER.format('_1')} = {_LOWER.format('_2')}",
    "initCap": _CAPITALISED,
    "instr": "strpos(_1, _2)",
    # DuckDB compares bytes, which are characters in plain ASCII only.
    "jaroWinkler": f"CASE WHEN _1 = _2 THEN CAST(1 AS DOUBLE) WHEN {_ASCII_ONLY} THEN jaro_winkler_similarity(_1, _2) "
    "ELSE text_jaro_winkler(_1, _2) END",
    "length": "length(_1)",
    "levenshtein": f"CASE WHEN {_ASCII_ONLY} THEN levenshtein(_1, _2) ELSE text_levenshtein(_1, _2) END",
    "locate/2": "strpos(_2, _1)",
    "locate/3": "CASE WHEN strpos(_2, _1) IS NULL OR _3 IS NULL THEN NULL "
    "WHEN _3 < 1 OR strpos(substr(_2, _3), _1) = 0 THEN 0 WHEN _1 = '' THEN 1 "
    "ELSE strpos(substr(_2, _3), _1) + _3 - 1 END",
    "lower": _LOWER.format("_1"),
    "lpad": "CASE WHEN _2 IS NULL THEN NULL WHEN _3 = '' THEN left(_1, greatest(_2, 0)) "
    "ELSE lpad(_1, CAST(greatest(_2, 0) AS INTEGER), _3) END",
    "ltrim/1": f"ltrim(_1, {_WHITESPACE})",
    "ltrim/2": "ltrim(_1, _2)",
    "normalize": "text_normalize(_1)",
    "replace/2": "replace(_1, _2, '')",
    "replace/3": "replace(_1, _2, _3)",
    "reverse": "reverse(_1)",
    "right": "CASE WHEN _2 IS NOT NULL THEN right(_1, greatest(_2, 0)) END",
    "rpad": "CASE WHEN _2 IS NULL THEN NULL WHEN _3 = '' THEN left(_1, greatest(_2, 0)) "
    "ELSE rpad(_1, CAST(greatest(_2, 0) AS INTEGER), _3) END",
    "rtrim/1": f"rtrim(_1, {_WHITESPACE})",
    "rtrim/2": "rtrim(_1, _2)",
    "split": "CASE WHEN _2 IS NOT NULL THEN string_split(_1, _2) END",
    "startsWith": "starts_with(_1, _2)",
    # Position 0 is the first character, as in Spark; DuckDB counts it as the place before.
    "substring/2": "substr(_1, CASE WHEN _2 = 0 THEN 1 ELSE _2 END)",
    "substring/3": "CASE WHEN _3 IS NOT NULL THEN substr(_1, CASE WHEN _2 = 0 THEN 1 ELSE _2 END, greatest(_3, 0)) END",
    "translate": "translate(_1, _2, _3)",
    "trim/1": f"trim(_1, {_WHITESPACE})",
    "trim/2": "trim(_1, _2)",
    "upper": _UPPER,
    "uuid": "CAST(uuid() AS VARCHAR)",
    "hex": "lower(hex(_1))",
    "unhex": "TRY(unhex(_1))",
}


def _left(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    count = call.arguments[1]
    if isinstance(count, Literal) and isinstance(count.value, int) and count.value >= 0:
        return fill("left(_1, _2)", arguments)
    return fill("CASE WHEN _2 IS NOT NULL THEN left(_1, greatest(_2, 0)) END", arguments)


def _like(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A backslash makes the next character of the pattern a plain one, as in Spark; DuckDB has no default for that."""
    escapes = depends_on_rows(call, 1) or "\\" in str(constant(call, 1) or "")
    return fill("_1 LIKE _2 ESCAPE '\\'" if escapes else "_1 LIKE _2", arguments)


def _joined(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill(" || ".join(f"_{number}" for number in range(1, len(arguments) + 1)), arguments)


def _joined_with_separator(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    listed = ", ".join(f"_{number}" for number in range(1, len(arguments) + 1))
    return fill(f"CASE WHEN _1 IS NOT NULL THEN concat_ws({listed}) END", arguments)


_SOUNDEX_DIGITS = "translate(upper(left(_1, 1)) || translate(upper(substr(_1, 2)), 'HW', ''), _2, _3)"


def _soundex(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """American Soundex: a letter and three digits; h and w do not part equal digits, vowels do."""
    letters, digits = text("AEIOUYHWBFPVCGJKQSXZDTLMNR"), text("00000000111122222222334556")
    # What is no letter parts digits as a vowel does.
    plain = fill("regexp_replace(_1, '[^A-Za-z]', 'A', 'g')", [arguments[0]])
    result = fill(_SOUNDEX_DIGITS, [plain, letters, digits])
    for digit in "123456":
        result = fill(f"regexp_replace(_1, '{digit}+', '{digit}', 'g')", [result])
    found = fill("rpad(left(replace(substr(_1, 2), '0', ''), 3), 3, '0')", [result])
    template = "CASE WHEN regexp_matches(_1, '^[A-Za-z]') THEN upper(left(_1, 1)) || _2 ELSE _1 END"
    return fill(template, [arguments[0], found])


_FIRST = "list_slice(string_split(_1, _2), 1, _3)"
_LAST = "list_slice(string_split(_1, _2), greatest(len(string_split(_1, _2)) + _3 + 1, 1), len(string_split(_1, _2)))"


def _substring_index(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """Up to a delimiter, from the left or, with a negative count, from the right; an empty delimiter leaves nothing."""
    if depends_on_rows(call, 1) or depends_on_rows(call, 2):
        return _substring_index_in_python(arguments)
    count, delimiter = constant(call, 2), constant(call, 1)
    if count is None or delimiter is None:
        return cast(exp.null(), STRING)
    if count == 0 or delimiter == "":
        return fill("CASE WHEN _1 IS NOT NULL THEN '' END", arguments)
    if _may_overlap(delimiter):
        return _substring_index_in_python(arguments)
    return fill(f"array_to_string({_FIRST if count > 0 else _LAST}, _2)", arguments)


def _may_overlap(delimiter: str) -> bool:
    """True for a text that ends as it begins, so that places where it stands can overlap."""
    return any(delimiter.startswith(delimiter[start:]) for start in range(1, len(delimiter)))


def _substring_index_in_python(arguments: Sequence[exp.Expression]) -> exp.Expression:
    return called("substring_index", [*arguments[:2], fill("CAST(_1 AS INTEGER)", arguments[2:])])


# ---------------------------------------------------------------- bytes

_BYTES_TO_BINARY = (
    "unhex(array_to_string(list_transform(_1, lambda part: printf('%02x', CAST(part AS INTEGER) & 255)), ''))"
)
_ASCII = ("us-ascii", "ascii")
_UTF_8 = ("utf-8", "utf8")


def _charset(call: Call) -> str | None:
    """The charset that a call names, in lower case; UTF-8 when it names none; None when rows decide."""
    if depends_on_rows(call, 1):
        return None
    return checked_charset(call)


def _encoded(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    charset = _charset(call)
    if charset in _UTF_8:
        return fill("encode(_1)", arguments)
    if charset in _ASCII:
        # As in Java, a character that the charset lacks becomes a question mark.
        return fill(r"encode(regexp_replace(_1, '[^\x00-\x7F]', '?', 'g'))", arguments)
    return called("charset_encode", [arguments[0], known_or(call, arguments, 1, text("UTF-8"))])


def _decoded(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    charset = _charset(call)
    python = called("charset_decode", [arguments[0], known_or(call, arguments, 1, text("UTF-8"))])
    if charset in _UTF_8:
        return fill("coalesce(TRY(decode(_1)), _2)", [arguments[0], python])
    return python


def _decode(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    kind = call.arguments[0].type
    if kind not in (BINARY, STRING, NULL, Array(BYTE)):
        raise ProblemFound(f"decode() does not take {kind}", call.span, expected="binary or byte[]")
    given = arguments[0] if kind == BINARY else fill(_BYTES_TO_BINARY, arguments)
    if kind in (STRING, NULL):
        given = fill("encode(_1)", [cast(arguments[0], STRING)])
    return _decoded(call, [given, *arguments[1:]])


def _to_base64(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill("base64(_1)", [_encoded(call, arguments)])


_BYTES_OF_BASE64 = """TRY(from_base64(CASE WHEN ends_with(_1, '=') THEN _1
    ELSE rpad(_1, CAST(len(_1) + (-len(_1) & 3) AS INTEGER), '=') END))"""


def _from_base64(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The equals signs at the end may be missing, as Java has it."""
    return _decoded(call, [fill(_BYTES_OF_BASE64, arguments), *arguments[1:]])


def _to_binary(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The bytes of an array of bytes; of other values those of Spark's cast, the high byte first."""
    kind = call.arguments[0].type
    if kind == NULL:
        return cast(exp.null(), BINARY)
    if kind == BINARY:
        return arguments[0]
    if kind == Array(BYTE):
        return fill(_BYTES_TO_BINARY, arguments)
    return BYTES.of(arguments[0], kind, call, high_first=True)


def _escape(name: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        if not depends_on_rows(call, 1) and constant(call, 1) not in (None, *FORMATS):
            raise ProblemFound(
                f"{call.function}() knows no format {constant(call, 1)!r}",
                call.span,
                expected="one of " + ", ".join(FORMATS),
            )
        return called(name, arguments)

    return build


FUNCTIONS: dict[str, str | Builder] = {
    **_PLAIN,
    "concat": _joined,
    "concatWS": _joined_with_separator,
    "decode": _decode,
    "encode": _encoded,
    "escape": _escape("text_escape"),
    "fromBase64": _from_base64,
    "left": _left,
    "like": _like,
    "soundex": _soundex,
    "substringIndex": _substring_index,
    "toBase64": _to_base64,
    "toBinary": _to_binary,
    "unescape": _escape("text_unescape"),
}
