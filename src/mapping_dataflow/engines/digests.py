"""What every engine asks of the row hashes before it writes them: lengths that the digests have."""

from __future__ import annotations

from mapping_dataflow.engines.base import constant, depends_on_rows
from mapping_dataflow.engines.python_functions.hashes import SHA2_BITS
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call

LONGEST_UNSCALED = 18
"""Digits of a decimal that fit into 8 bytes."""


def sha2_bits(call: Call) -> int:
    """The length of a ``sha2`` in bits. Raises ProblemFound for one that the digest does not have."""
    bits = constant(call, 0) or 256
    if bits not in SHA2_BITS:
        raise ProblemFound(f"sha2 has no length of {bits} bits", call.span, expected="0, 224, 256, 384 or 512")
    return int(bits)


def blake2b_bits(call: Call) -> int:
    """The length of a ``blake2b`` in bits. Raises ProblemFound for one that the digest does not have."""
    bits = constant(call, 0)
    if depends_on_rows(call, 0) or not isinstance(bits, int) or bits % 8 or not 8 <= bits <= 512:
        raise ProblemFound(f"blake2b has no length of {bits} bits", call.span, expected="a multiple of 8 from 8 to 512")
    return bits
