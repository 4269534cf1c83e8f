"""Functions that need the order of the rows of a window. Row counts and ranks start at 1.

``rank`` and ``denseRank`` take the columns that the rows are sorted by, as pages and flows of the first years have it,
and rank by the order of the window all the same, as Spark does.
"""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.WINDOW,
    """
    cumeDist() -> double
    denseRank(any?*) -> integer
    lag(T, const whole?, implicit T?) -> T
    lead(T, const whole?, implicit T?) -> T
    nTile(const integral?) -> integer
    rank(any?*) -> integer
    rowNumber() -> integer
    """,
)
