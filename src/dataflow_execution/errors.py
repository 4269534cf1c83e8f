"""What a run of a data flow tells when it cannot go on."""

from __future__ import annotations

import re

from dataflow_execution.text_errors import is_of_text, told_of_text

_COUNTED_FROM_2 = re.compile(r"^(Malformed JSON in file .*, at byte \d+ in (?:line|record/value) )(\d+)")
"""Of a document that is no JSON DuckDB tells the number of the next."""
USER_ERROR = "DFExecutorUserError"
NOT_SUPPORTED = "DF-Local-NotSupported"
WRONG_PATH = "DF-Executor-InvalidPath"
WRONG_TYPE = "DF-Executor-InvalidType"
WRONG_DOCUMENT_FORM = "DF-JSON-WrongDocumentForm"
COMPLEX_TYPE = "DF-Delimited-ComplexType"


_KIND = re.compile(r"\A(?!INTERNAL|FATAL)[A-Z][A-Za-z ]* Error: ")
"""What DuckDB calls an error that is none of its own."""
_IN_PYTHON = re.compile(r"\A.*?Python exception occurred while executing the UDF: (?:\w+: )?", re.DOTALL)
_SAID = (
    (re.compile(r"\AMap keys must be unique|\ADuplicate map key .* was found"), "a map has a key twice"),
    (re.compile(r"\AMap keys can not be NULL|\ACannot use null as map key"), "a key of a map is null"),
    (
        re.compile(r"\AThe map key list does not align|\AThe key array and value array of MapData must have the same"),
        "a map has another number of keys than of values",
    ),
    (
        re.compile(r"\AThe value of parameter.* `regexp` .* is invalid: (.*)\.\Z", re.DOTALL),
        r"\1 is no regular expression",
    ),
    (
        re.compile(r"(?s)\A.*No space left on device"),
        "the disk is full: what is written lies in the temporary folder (TMPDIR) before it goes to its place",
    ),
)
"""What DuckDB and Spark say of values that a row gives and of the disk, and what users are told."""
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

    def at(self, place: str) -> DataFlowRunError:
        """The error with its place."""
        return DataFlowRunError(f"at {place}: {self.cause}", expected=self.expected, hint=self.hint, code=self.code)


def not_supported(cause: str, *, expected: str = "", hint: str = "") -> DataFlowRunError:
    """The error of something that Azure can do and this cannot."""
    return DataFlowRunError(cause, expected=expected, hint=hint, code=NOT_SUPPORTED)


def is_too_deep(message: str) -> bool:
    """True for what engines say of queries that are nested more deeply than they can bear."""
    return _TELLS_DEPTH.search(message) is not None


def without_kind(message: str) -> str:
    """What DuckDB says, without its kinds of errors and the places in a function of Python."""
    return of_engines(_KIND.sub("", _IN_PYTHON.sub("", message)))


def of_engines(message: str) -> str:
    """What an engine says, in words that are the same for all engines where its own are known."""
    return next((found.expand(told) for said, told in _SAID if (found := said.search(message))), message)


def cause_of(error: Exception) -> str:
    """What an error of DuckDB says in one line, without its kind and advice; of a row of text its file and line."""
    message = str(error)
    if is_too_deep(message):
        return TOO_DEEP
    if is_of_text(message):
        return told_of_text(message)
    first = (without_kind(message).splitlines() or [type(error).__name__])[0]
    return _COUNTED_FROM_2.sub(lambda found: f"{found[1]}{int(found[2]) - 1}", first)
