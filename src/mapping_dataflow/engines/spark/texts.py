"""Functions over strings and bytes in Spark."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import BINARY, BYTE, NULL, STRING, Array
from mapping_dataflow.engines.base import Builder, called, constant, depends_on_rows, known_or
from mapping_dataflow.engines.conversions import text
from mapping_dataflow.engines.java_patterns import checked_charset
from mapping_dataflow.engines.spark.hashes import BYTES
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.engines.spark.types import cast, sql
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call
from mapping_dataflow.java.texts import FORMATS

_WHITESPACE = r"concat(' \t\n\r', chr(11), chr(12))"
_PLAIN: dict[str, str] = {
    "ascii": "ascii(_1)",
    # Nothing for a negative number, else the character of its last byte.
    "char": "CASE WHEN _1 <= -1 THEN '' ELSE chr(CAST(abs(_1) % 256 AS BIGINT)) END",
    "dropLeft": "CASE WHEN _2 > 0 THEN substring(_1, CAST(_2 AS INT) + 1) WHEN _2 <= 0 THEN _1 END",
    "dropRight": "CASE WHEN _2 > 0 THEN left(_1, length(_1) - CAST(_2 AS INT)) WHEN _2 <= 0 THEN _1 END",
    "endsWith": "endswith(_1, _2)",
    "equalsIgnoreCase": "lower(_1) = lower(_2)",
    "initCap": "initcap(_1)",
    "instr": "locate(_2, _1)",
    "left": "left(_1, CAST(_2 AS INT))",
    "length": "length(_1)",
    "levenshtein": "levenshtein(_1, _2)",
    "like": "_1 LIKE _2",
    "locate/2": "locate(_1, _2)",
    "locate/3": "CASE WHEN _3 IS NOT NULL THEN locate(_1, _2, CAST(_3 AS INT)) END",
    "lower": "lower(_1)",
    "lpad": "lpad(_1, CAST(_2 AS INT), _3)",
    "ltrim/1": f"TRIM(LEADING {_WHITESPACE} FROM _1)",
    "ltrim/2": "TRIM(LEADING _2 FROM _1)",
    "replace/2": "replace(_1, _2, '')",
    "replace/3": "replace(_1, _2, _3)",
    "reverse": "reverse(_1)",
    "right": "right(_1, CAST(_2 AS INT))",
    "rpad": "rpad(_1, CAST(_2 AS INT), _3)",
    "rtrim/1": f"TRIM(TRAILING {_WHITESPACE} FROM _1)",
    "rtrim/2": "TRIM(TRAILING _2 FROM _1)",
    "soundex": "soundex(_1)",
    # The separator is no pattern: \Q … \E makes all of it plain characters. An empty one parts all characters.
    "split": r"CASE WHEN _2 = '' THEN split(_1, '', -1) "
    r"ELSE split(_1, concat('\\Q', replace(_2, '\\E', '\\E\\\\E\\Q'), '\\E'), -1) END",
    "startsWith": "startswith(_1, _2)",
    "substring/2": "substring(_1, CAST(_2 AS INT))",
    "substring/3": "substring(_1, CAST(_2 AS INT), CAST(_3 AS INT))",
    "substringIndex": "substring_index(_1, _2, CAST(_3 AS INT))",
    "translate": "translate(_1, _2, _3)",
    "trim/1": f"TRIM(BOTH {_WHITESPACE} FROM _1)",
    "trim/2": "TRIM(BOTH _2 FROM _1)",
    "upper": "upper(_1)",
    "uuid": "uuid()",
    "hex": "lower(hex(_1))",
    "unhex": "unhex(_1)",
}


def _native(name: str) -> Builder:
    """The Spark function of that name with the same arguments."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return named_call(name, *arguments)

    return build


def _python(name: str) -> Builder:
    """The function in Python of that name with the same arguments."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return called(name, arguments)

    return build


# ---------------------------------------------------------------- bytes

_BYTES_TO_BINARY = "unhex(array_join(transform(_1, part -> lpad(hex(part & 255), 2, '0')), ''))"


def _charset(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The charset that a call names, UTF-8 when it names none. Raises ProblemFound for an unknown one."""
    if not depends_on_rows(call, 1):
        checked_charset(call)
    return known_or(call, arguments, 1, text("UTF-8"))


def _encode(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("encode(_1, _2)", [arguments[0], _charset(call, arguments)])


def _decode(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    kind = call.arguments[0].type
    if kind not in (BINARY, STRING, NULL, Array(BYTE)):
        raise ProblemFound(f"decode() does not take {kind}", call.span, expected="binary or byte[]")
    given = sql(_BYTES_TO_BINARY, arguments) if kind == Array(BYTE) else cast(arguments[0], BINARY)
    return sql("decode(_1, _2)", [given, _charset(call, arguments)])


def _to_base64(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("base64(_1)", [_encode(call, arguments)])


_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?$"


def _from_base64(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """Null for what is no such text, for which Spark fails."""
    bytes_ = sql("CASE WHEN _1 RLIKE _2 THEN unbase64(_1) END", [arguments[0], text(_BASE64)])
    return sql("decode(_1, _2)", [bytes_, _charset(call, arguments)])


def _to_binary(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The bytes of an array of bytes; of other values those of Spark's cast, the high byte first."""
    kind = call.arguments[0].type
    if kind in (BINARY, NULL):
        return cast(arguments[0], BINARY)
    if kind == Array(BYTE):
        return sql(_BYTES_TO_BINARY, arguments)
    return sql("unhex(_1)", [BYTES.of(arguments[0], kind, call, high_first=True)])


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
    "concat": _native("concat"),
    "concatWS": _native("concat_ws"),
    "decode": _decode,
    "encode": _encode,
    "escape": _escape("text_escape"),
    "fromBase64": _from_base64,
    "jaroWinkler": _python("text_jaro_winkler"),
    "normalize": _python("text_normalize"),
    "toBase64": _to_base64,
    "toBinary": _to_binary,
    "unescape": _escape("text_unescape"),
}
