"""Errors of the expression language; each names the construct and, where known, its place in the text."""

from __future__ import annotations


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated.

    `expression` is the text in which `position` (0-based character index, or None) counts.
    """

    def __init__(self, cause: str, expression: str = "", position: int | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.expression = expression
        self.position = position

    def __str__(self) -> str:
        if self.position is None or not self.expression:
            return self.cause
        return f"{self.cause} (character {self.position + 1} of '{self.expression}')"

    def at(self, expression: str, position: int) -> ExpressionError:
        """The same error with a place, unless it already has one."""
        if self.position is not None:
            return self
        return ExpressionError(self.cause, expression, position)
