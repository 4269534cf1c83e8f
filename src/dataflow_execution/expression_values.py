"""Values of expressions without columns, computed by an engine: what a session of any engine promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mapping_dataflow import CompiledExpression, Engine, MappingDataFlowErrors, compile_expression

NO_DATE = "running the expression: the date lies outside of the years 1 to 9999"


@dataclass(frozen=True)
class ExpressionValue:
    """What became of one expression: the text of its type and its value, or why there is none.

    Values are Python's: str, bool, int, float, Decimal, bytes, date, datetime, list, dict (structs and maps) or None.
    """

    type: str = ""
    value: object = None
    error: str | None = None


class ExpressionSession(Protocol):
    """An engine that is ready to compute."""

    def evaluate(self, expressions: Sequence[str]) -> list[ExpressionValue]:
        """One result for each expression, in order; nothing is raised for an expression that fails."""
        ...

    def close(self) -> None:
        """Let the engine go."""
        ...


def compiled(text: str, engine: Engine) -> CompiledExpression | ExpressionValue:
    """The expression as the engine's SQL, or the errors that it has."""
    try:
        return compile_expression(text, engine)
    except MappingDataFlowErrors as errors:
        return ExpressionValue(error=str(errors))
    except RecursionError:
        return ExpressionValue(error="compiling the expression: it is nested too deeply")
