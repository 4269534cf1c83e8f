"""Logic, comparison and the functions about null. Comparison with null is null; ``&&`` and ``||`` are three-valued."""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.SCALAR,
    """
    and(boolean, boolean) -> boolean
    between(compared T, compared T, compared T) -> boolean
    coalesce(T*) -> T
    compare(compared T, compared T) -> integer
    equals(compared T, compared T) -> boolean
    false() -> boolean
    greater(compared T, compared T) -> boolean
    greaterOrEqual(compared T, compared T) -> boolean
    greatest(compared T*) -> T
    iif(boolean, T, T?) -> T
    iifNull(T*) -> T
    isNull(any) -> boolean
    least(compared T*) -> T
    lesser(compared T, compared T) -> boolean
    lesserOrEqual(compared T, compared T) -> boolean
    not(boolean) -> boolean
    notEquals(compared T, compared T) -> boolean
    notNull(any) -> boolean
    nullSafeEquals(compared T, compared T) -> boolean
    or(boolean, boolean) -> boolean
    true() -> boolean
    """,
)
