"""What a run of a data flow tells when it cannot go on."""

from __future__ import annotations

USER_ERROR = "DFExecutorUserError"
NOT_SUPPORTED = "DF-Local-NotSupported"
WRONG_PATH = "DF-Executor-InvalidPath"
WRONG_TYPE = "DF-Executor-InvalidType"
WRONG_DOCUMENT_FORM = "DF-JSON-WrongDocumentForm"
COMPLEX_TYPE = "DF-Delimited-ComplexType"


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


def cause_of(error: Exception) -> str:
    """What an error of DuckDB says in one line, without its advice; of a line of text that cannot be read also which
    one."""
    lines = str(error).splitlines() or [type(error).__name__]
    if "CSV Error" not in lines[0]:
        return lines[0]
    told = [line.strip() for line in lines[1:4] if line.strip() and not line.startswith("Possible")]
    told = ["it has too many values" if line.startswith("Expected Number of Columns") else line for line in told]
    return "; ".join([lines[0].removeprefix("Invalid Input Error: ").strip(), *told])
