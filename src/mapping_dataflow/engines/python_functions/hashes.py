"""Digests that databases lack, over bytes that SQL has put together."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable

from mapping_dataflow.analysis.datatypes import BINARY, DOUBLE, FLOAT, INTEGER, LONG, STRING
from mapping_dataflow.engines.python_functions.definition import strict

SHA2_BITS: dict[int, Callable[[bytes], str]] = {
    224: lambda data: hashlib.sha224(data).hexdigest(),
    256: lambda data: hashlib.sha256(data).hexdigest(),
    384: lambda data: hashlib.sha384(data).hexdigest(),
    512: lambda data: hashlib.sha512(data).hexdigest(),
}
"""The lengths of sha2 and how each is computed."""


def sha2(data: bytes, bits: int) -> str:
    """The hexadecimal SHA-2 digest of a length in bits."""
    return SHA2_BITS[bits](data)


def blake2b(data: bytes, bits: int) -> bytes:
    """The BLAKE2b digest of a length in bits, a multiple of 8 up to 512."""
    return hashlib.blake2b(data, digest_size=bits // 8).digest()


def unscaled_bytes(digits: str) -> bytes:
    """The digits of a decimal without its point as the shortest two's complement, the high byte first."""
    value = int(digits)
    return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True)


def double_bits(value: float) -> int:
    """The bits of a double as a whole number."""
    return int.from_bytes(struct.pack(">d", value), "big", signed=True)


def float_bits(value: float) -> int:
    """The bits of a float as a whole number."""
    return int.from_bytes(struct.pack(">f", value), "big", signed=True)


FUNCTIONS = (
    strict("digest_sha2", (BINARY, INTEGER), STRING, sha2),
    strict("digest_blake2b", (BINARY, INTEGER), BINARY, blake2b),
    strict("checksum_crc32", (BINARY,), LONG, zlib.crc32),
    strict("double_bits", (DOUBLE,), LONG, double_bits),
    strict("float_bits", (FLOAT,), LONG, float_bits),
    strict("unscaled_bytes", (STRING,), BINARY, unscaled_bytes),
)
