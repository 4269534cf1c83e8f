"""The CRC-64 that the service answers and compares: reflected polynomial 0x9A6C9329AC4BC9B5, all ones before and after.

https://learn.microsoft.com/rest/api/storageservices/put-block#response-headers
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

_POLYNOMIAL = 0x9A6C9329AC4BC9B5
_ONES = 0xFFFFFFFFFFFFFFFF
_LANES = 1024
"""Parts of a long text that are read side by side, one byte of each at a time."""
_LEAST_PARALLEL = 64 * _LANES


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _table()


def crc64(data: bytes) -> str:
    """The CRC of a text as headers have it: base64."""
    return base64.b64encode(crc64_bytes(data)).decode()


def crc64_bytes(data: bytes) -> bytes:
    """The CRC of a text: eight bytes, the lowest first."""
    state, rest = _ONES, memoryview(data)
    if len(data) >= _LEAST_PARALLEL:
        length = len(data) // _LANES
        state = _joined(state, _of_lanes(data, length), length)
        rest = rest[length * _LANES :]
    for byte in rest:
        state = _TABLE[(state ^ byte) & 0xFF] ^ (state >> 8)
    return (state ^ _ONES).to_bytes(8, "little")


def _of_lanes(data: bytes, length: int) -> Iterable[int]:
    """The state after each lane, begun with zero."""
    import numpy as np  # here, not above: it takes local Azure a tenth of a second to start

    table = np.array(_TABLE, dtype=np.uint64)
    columns = np.frombuffer(data, np.uint8, _LANES * length).reshape(_LANES, length).T
    states = np.zeros(_LANES, np.uint64)
    low, eight = np.uint64(0xFF), np.uint64(8)
    for column in np.ascontiguousarray(columns):
        states = table[(states ^ column) & low] ^ (states >> eight)
    return (int(each) for each in states)


def _joined(state: int, lanes: Iterable[int], length: int) -> int:
    """The state after lanes of one length, each of which was begun with zero."""
    powers = _zeros(length)
    for lane in lanes:
        state = _through(powers, state) ^ lane
    return state


def _zeros(length: int) -> list[list[int]]:
    """What becomes of a state by so many zero bytes: for each of its bytes and their values."""
    columns = [1 << bit for bit in range(64)]
    step = [_TABLE[each & 0xFF] ^ (each >> 8) for each in columns]
    while length:
        if length & 1:
            columns = [_times(step, each) for each in columns]
        step = [_times(step, each) for each in step]
        length >>= 1
    return [[_times(columns[8 * byte : 8 * byte + 8], value) for value in range(256)] for byte in range(8)]


def _times(matrix: list[int], vector: int) -> int:
    """The product over GF(2) of a matrix, given by its columns, and a vector."""
    found = 0
    for column in matrix:
        if vector & 1:
            found ^= column
        vector >>= 1
    return found


def _through(powers: list[list[int]], state: int) -> int:
    found = 0
    for power in powers:
        found ^= power[state & 0xFF]
        state >>= 8
    return found
