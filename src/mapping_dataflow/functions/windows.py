"""Functions that need the order of the rows of a window. Row counts and ranks start at 1."""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.WINDOW,
    """
    cumeDist() -> double
    denseRank() -> integer
    lag(T, const whole?, implicit T?) -> T
    lead(T, const whole?, implicit T?) -> T
    nTile(const integral?) -> integer
    rank() -> integer
    rowNumber() -> integer
    """,
)
