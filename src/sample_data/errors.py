"""The one error of this package: sample data that cannot be made, read or loaded."""


class SampleDataError(Exception):
    """`<gerund> <thing>: <cause>`, then what was expected, then a hint with the command to run."""

    def __init__(self, cause: str, *, expected: str, hint: str) -> None:
        super().__init__(f"{cause}\nexpected {expected}\nhint: {hint}")
