"""Logic, comparison and the functions about null. Comparison with null is null; ``&&`` and ``||`` are three-valued."""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.SCALAR,
    """
    and(boolean, boolean) -> boolean
    between(T, T, T) -> boolean
    coalesce(T*) -> T
    compare(T, T) -> integer
    equals(T, T) -> boolean
    false() -> boolean
    greater(T, T) -> boolean
    greaterOrEqual(T, T) -> boolean
    greatest(T*) -> T
    iif(boolean, T, T?) -> T
    iifNull(T*) -> T
    isNull(any) -> boolean
    least(T*) -> T
    lesser(T, T) -> boolean
    lesserOrEqual(T, T) -> boolean
    not(boolean) -> boolean
    notEquals(T, T) -> boolean
    nullSafeEquals(T, T) -> boolean
    or(boolean, boolean) -> boolean
    true() -> boolean
    """,
)
