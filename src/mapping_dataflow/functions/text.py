"""Functions over strings and bytes. Positions and lengths count characters from 1."""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.SCALAR,
    """
    ascii(string) -> integer
    char(integral) -> string
    concat(string*) -> string
    concatWS(string, string*) -> string
    dropLeft(string, integral) -> string
    dropRight(string, integral) -> string
    endsWith(string, string) -> boolean
    equalsIgnoreCase(string, string) -> boolean
    initCap(string) -> string
    instr(string, string) -> integer
    jaroWinkler(string, string) -> double
    left(string, integral) -> string
    length(string) -> integer
    levenshtein(string, string) -> integer
    like(string, const string) -> boolean
    locate(string, string, integral?) -> integer
    lower(string) -> string
    lpad(string, integral, string) -> string
    ltrim(string, string?) -> string
    regexExtract(string, const string, const integral?) -> string
    regexMatch(string, const string) -> boolean
    regexReplace(string, const string, const string) -> string
    regexSplit(string, const string) -> string[]
    replace(string, string, string?) -> string
    reverse(string) -> string
    right(string, integral) -> string
    rlike(string, const string) -> boolean
    rpad(string, integral, string) -> string
    rtrim(string, string?) -> string
    split(string, string) -> string[]
    startsWith(string, string) -> boolean
    substring(string, integral, integral?) -> string
    substringIndex(string, const string, const integral) -> string
    translate(string, string, string) -> string
    trim(string, string?) -> string
    upper(string) -> string
    uuid() -> string
    toBase64(string, const string?) -> string
    fromBase64(string, const string?) -> string
    decode(any, const string) -> string
    encode(string, const string) -> binary
    toBinary(byte[]) -> binary
    soundex(string) -> string
    hex(binary) -> string
    unhex(string) -> binary
    -- row hashes: digests over the raw bytes of the values, without separators
    md5(any*) -> string
    sha1(any*) -> string
    sha2(const integral, any*) -> string
    """,
)
