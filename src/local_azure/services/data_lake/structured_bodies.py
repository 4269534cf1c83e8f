"""Bodies in segments with checksums (`x-ms-structured-body: XSM/1.0; properties=crc64`), which newer clients exchange.

A head (version, length of all, flags, number of segments), each segment (number, length, content, its CRC), then the
CRC of the whole content; numbers are little-endian.
https://github.com/Azure/azure-sdk-for-python: sdk/storage/azure-storage-blob/azure/storage/blob/_shared/streams.py
"""

from __future__ import annotations

import struct

from local_azure.services.data_lake.crc64 import crc64_bytes

FORM = "XSM/1.0; properties=crc64"
"""The one form that is served."""
_VERSION, _WITH_CRC = 1, 1
_HEAD, _SEGMENT, _CRC = struct.Struct("<BQHH"), struct.Struct("<HQ"), 8
_SEGMENT_BYTES = 4 * 1024 * 1024


class StructureError(ValueError):
    """A body that is not in the form, or whose checksums are of another content; the message says where."""


def encoded(content: bytes) -> bytes:
    """A content in the form."""
    parts = [content[start : start + _SEGMENT_BYTES] for start in range(0, len(content), _SEGMENT_BYTES)] or [b""]
    length = _HEAD.size + sum(_SEGMENT.size + len(part) + _CRC for part in parts) + _CRC
    made = [_HEAD.pack(_VERSION, length, _WITH_CRC, len(parts))]
    for number, part in enumerate(parts, start=1):
        made += [_SEGMENT.pack(number, len(part)), part, crc64_bytes(part)]
    return b"".join([*made, crc64_bytes(content)])


def decoded(body: bytes) -> bytes:
    """The content of a body in the form; raises StructureError."""
    if len(body) < _HEAD.size + _CRC:
        raise StructureError("the body ends before its head does")
    version, length, flags, count = _HEAD.unpack_from(body)
    if (version, flags) != (_VERSION, _WITH_CRC) or length != len(body):
        raise StructureError(f"the head tells of version {version}, flags {flags} and {length} bytes of {len(body)}")
    parts, offset = [], _HEAD.size
    for number in range(1, count + 1):
        part, offset = _segment(body, offset, number)
        parts.append(part)
    content = b"".join(parts)
    if body[offset:] != crc64_bytes(content):
        raise StructureError("the checksum of the whole is of another content")
    return content


def _segment(body: bytes, offset: int, expected: int) -> tuple[bytes, int]:
    """The content of the segment at an offset, and where it ends."""
    if offset + _SEGMENT.size > len(body):
        raise StructureError(f"the body ends before segment {expected}")
    number, length = _SEGMENT.unpack_from(body, offset)
    begin = offset + _SEGMENT.size
    content, end = body[begin : begin + length], begin + length + _CRC
    if number != expected or body[begin + length : end] != crc64_bytes(content):
        raise StructureError(f"segment {expected} has the number {number} or a checksum of another content")
    return content, end
