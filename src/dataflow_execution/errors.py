"""What a run of a data flow tells when it cannot go on."""

from __future__ import annotations

import re

from dataflow_execution.text_errors import is_of_text, told_of_text

_COUNTED_FROM_2 = re.compile(
    r"^(Invalid Input Error: Malformed JSON in file .*, at byte \d+ in (?:line|record/value) )(\d+)"
)
"""Of a document that is no JSON DuckDB tells the number of the next."""
USER_ERROR = "DFExecutorUserError"
NOT_SUPPORTED = "DF-Local-NotSupported"
WRONG_PATH = "DF-Executor-InvalidPath"
WRONG_TYPE = "DF-Executor-InvalidType"
WRONG_DOCUMENT_FORM = "DF-JSON-WrongDocumentForm"
COMPLEX_TYPE = "DF-Delimited-ComplexType"


TOO_DEEP = "it is nested too deeply for the engine: compute parts of it in a derive before"
_TELLS_DEPTH = re.compile(r"Max expression depth limit|StackOverflowError|too complex to parse")


class DataFlowRunError(Exception):
    """``cause`` begins with the place (source, sink, file) where it is known; ``code`` is the service's name for it."""

    def __init__(self, cause: str, *, expected: str = "", hint: str = "", code: str = USER_ERROR) -> None:
        super().__init__(cause)
        self.cause = cause
        self.expected = expected
        self.hint = hint
        self.code = code


def not_supported(cause: str, *, expected: str = "", hint: str = "") -> DataFlowRunError:
    """The error of something that Azure can do and this cannot."""
    return DataFlowRunError(cause, expected=expected, hint=hint, code=NOT_SUPPORTED)


def is_too_deep(message: str) -> bool:
    """True for what engines say of queries that are nested more deeply than they can bear."""
    return _TELLS_DEPTH.search(message) is not None


def cause_of(error: Exception) -> str:
    """What an error of DuckDB says in one line, without its advice; of a row of text also its file and line."""
    message = str(error)
    if is_too_deep(message):
        return TOO_DEEP
    if is_of_text(message):
        return told_of_text(message)
    first = (message.splitlines() or [type(error).__name__])[0]
    return _COUNTED_FROM_2.sub(lambda found: f"{found[1]}{int(found[2]) - 1}", first)
