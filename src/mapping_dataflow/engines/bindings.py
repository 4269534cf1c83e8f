"""Arguments that the SQL of a function mentions several times: large ones are written, and computed, once.

Without that SQL grows with the power of the depth of nested calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from sqlglot import exp

Written = Callable[[Sequence[exp.Expression]], exp.Expression]
"""Makes the SQL of a function from the SQL of its arguments."""

_LARGE = 500
"""From so many nodes on an argument is computed once. Smaller ones cost less where they are repeated."""


def is_large(expression: exp.Expression) -> bool:
    """True for an expression that is better not repeated."""
    return next(islice(expression.walk(), _LARGE, None), None) is not None


def repeats_any(body: exp.Expression, names: Mapping[int, str], places: Sequence[int]) -> bool:
    """True when the expression mentions the name of one of the places more than once."""
    mentions = Counter(column.name for column in body.find_all(exp.Column))
    return any(mentions[names[place]] > 1 for place in places)


def with_values(body: exp.Expression, values: Mapping[str, exp.Expression]) -> exp.Expression:
    """The expression with the values of the columns that have these names."""

    def replaced(node: exp.Expression) -> exp.Expression:
        return values[node.name].copy() if isinstance(node, exp.Column) and node.name in values else node

    return body.transform(replaced, copy=False)
