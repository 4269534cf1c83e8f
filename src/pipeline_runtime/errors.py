"""Errors of pipeline definitions and of activities that fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FailureType = Literal["UserError", "SystemError"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a pipeline document; `pointer` is the JSON pointer of the place."""

    pointer: str
    cause: str
    fails_at_run: bool = False
    """True where Azure publishes the pipeline all the same, and only its run fails."""
    is_ignored: bool = False
    """True where Azure publishes the pipeline, keeps what is told of and does nothing with it."""

    def __str__(self) -> str:
        return f"{self.pointer}: {self.cause}"


class PipelineDefinitionError(Exception):
    """A pipeline that cannot run as written; carries every problem found."""

    def __init__(self, pipeline: str, problems: Sequence[Problem]) -> None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"reading pipeline '{pipeline}': {len(problems)} problem(s)\n{lines}")
        self.pipeline = pipeline
        self.problems = tuple(problems)


class ActivityFailure(Exception):
    """An activity that failed the way the service reports it: an error code, a message and whose fault it is."""

    def __init__(self, error_code: str, message: str, failure_type: FailureType = "UserError") -> None:
        super().__init__(f"{error_code}: {message}")
        self.error_code = error_code
        self.message = message
        self.failure_type: FailureType = failure_type


class RunCancelled(Exception):
    """The run was cancelled while an activity was under way."""


class ActivityTimedOut(Exception):
    """An activity, or a loop around it, ran past its timeout."""
