"""What Spark cannot do although the language can say it. Each is refused with its place in the script."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from mapping_dataflow.engines.python_functions import PYTHON_FUNCTIONS
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import Call

IN_LAMBDA = "functions that are computed in Python, for the items of an array or map"
IN_CONDITION = "functions that are computed in Python over both inputs, in joins that keep rows without a partner"

CANNOT: Mapping[str, str] = {
    IN_LAMBDA: "Spark calls no Python inside its functions over arrays",
    IN_CONDITION: "Spark calls no Python in conditions of outer and anti joins",
}
"""What, and why."""


def refused(what: str, span: Span, function: str) -> ProblemFound:
    """The problem of a call that Spark cannot do where it stands."""
    return ProblemFound(f"Spark cannot do {what}: {CANNOT[what]}", span, expected=f"no {function}() here")


def calls_python(written: exp.Expression) -> bool:
    """True for what is written with functions in Python."""
    return any(node.name in PYTHON_FUNCTIONS for node in written.find_all(exp.Anonymous))


def check_python(call: Call, written: exp.Expression, *, in_lambda: bool, outer: bool) -> None:
    """Raises ProblemFound for a call written with functions in Python where Spark calls none.

    ``outer``: it stands in the condition of a join that keeps rows without a partner.
    """
    for node in written.find_all(exp.Anonymous):
        if node.name not in PYTHON_FUNCTIONS:
            continue
        if in_lambda or node.find_ancestor(exp.Lambda) is not None:
            raise refused(IN_LAMBDA, call.span, call.function)
        if outer and len({column.table for column in node.find_all(exp.Column)}) > 1:
            raise refused(IN_CONDITION, call.span, call.function)
