"""What a command tells when it cannot do what it was asked to."""


class CommandError(Exception):
    """The text is for the person at the terminal: what was being done, the cause, what was expected, how to fix it."""

    def __init__(self, doing: str, cause: str, expected: str = "", hint: str = "") -> None:
        """Builds the text by the grammar of all errors of the project."""
        lines = [f"{doing}: {cause}"]
        lines += [f"expected {expected}"] if expected else []
        lines += [f"hint: {hint}"] if hint else []
        super().__init__("\n".join(lines))
