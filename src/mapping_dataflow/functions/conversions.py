"""Conversions and the tests whether they would succeed. A value that does not convert becomes null, never an error.

Formats are Java patterns (DecimalFormat, SimpleDateFormat).
"""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.SCALAR,
    """
    toBoolean(any) -> boolean
    toByte(any, early string?, early string?) -> byte
    toDate(any, early string?, early string?) -> date
    toDecimal(any, const integral?, const integral?, early string?, early string?) -> =decimal
    toDouble(any, early string?, early string?) -> double
    toFloat(any, early string?, early string?) -> float
    toInteger(any, early string?, early string?) -> integer
    toLong(any, early string?, early string?) -> long
    toShort(any, early string?, early string?) -> short
    toString(any, early string?, early string?) -> string
    toTimestamp(any, early string?, early string?) -> timestamp
    isBoolean(string) -> boolean
    isByte(string, early string?, early string?) -> boolean
    isDate(string, early string?, early string?) -> boolean
    isDecimal(string, early string?, early string?) -> boolean
    isDouble(string, early string?, early string?) -> boolean
    isFloat(string, early string?, early string?) -> boolean
    isInteger(string, early string?, early string?) -> boolean
    isLong(string, early string?, early string?) -> boolean
    isShort(string, early string?, early string?) -> boolean
    isTimestamp(string, early string?, early string?) -> boolean
    """,
)
