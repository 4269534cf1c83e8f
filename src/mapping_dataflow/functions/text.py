"""Functions over strings and bytes. Positions and lengths count characters from 1."""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.SCALAR,
    """
    ascii(string) -> integer
    char(number) -> string
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
    like(string, early string) -> boolean
    locate(string, string, integral?) -> integer
    lower(string) -> string
    lpad(string, integral, string) -> string
    ltrim(string, string?) -> string
    regexExtract(string, early string, early integral?) -> string
    normalize(string) -> string
    regexMatch(string, early string) -> boolean
    regexReplace(string, early string, early string) -> string
    regexSplit(string, early string) -> string[]
    replace(string, string, string?) -> string
    reverse(string) -> string
    right(string, integral) -> string
    rlike(string, early string) -> boolean
    rpad(string, integral, string) -> string
    rtrim(string, string?) -> string
    split(string, string) -> string[]
    startsWith(string, string) -> boolean
    substring(string, integral, integral?) -> string
    substringIndex(string, early string, early integral) -> string
    translate(string, string, string) -> string
    trim(string, string?) -> string
    upper(string) -> string
    uuid() -> string
    toBase64(string, early string?) -> string
    fromBase64(string, early string?) -> string
    decode(any, early string?) -> string
    encode(string, early string?) -> binary
    escape(string, early string) -> string
    toBinary(any) -> binary
    unescape(string, early string) -> string
    soundex(string) -> string
    hex(binary) -> string
    unhex(string) -> binary
    -- row hashes: digests over the raw bytes of the values, without separators
    blake2b(const integral, any*) -> string
    blake2bBinary(const integral, any*) -> binary
    crc32(any*) -> long
    md5(any*) -> string
    sha1(any*) -> string
    sha2(const integral, any*) -> string
    """,
)
