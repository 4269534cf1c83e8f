"""Conversions and the tests whether they would succeed. A value that does not convert becomes null, never an error.

Formats are Java patterns (DecimalFormat, SimpleDateFormat).
"""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.SCALAR,
    """
    toBoolean(any) -> boolean
    toByte(any, const string?, const string?) -> byte
    toDate(any, const string?, const string?) -> date
    toDecimal(any, const integral?, const integral?, const string?, const string?) -> =decimal
    toDouble(any, const string?, const string?) -> double
    toFloat(any, const string?, const string?) -> float
    toInteger(any, const string?, const string?) -> integer
    toLong(any, const string?, const string?) -> long
    toShort(any, const string?, const string?) -> short
    toString(any, const string?, const string?) -> string
    toTimestamp(any, const string?, const string?) -> timestamp
    isBoolean(string) -> boolean
    isByte(string) -> boolean
    isDate(string, const string?) -> boolean
    isDecimal(string) -> boolean
    isDouble(string, const string?) -> boolean
    isFloat(string, const string?) -> boolean
    isInteger(string, const string?) -> boolean
    isLong(string, const string?) -> boolean
    isShort(string, const string?) -> boolean
    isTimestamp(string, const string?, const string?) -> boolean
    """,
)
