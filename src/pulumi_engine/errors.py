"""What can go wrong while obtaining the engine."""


class EngineError(Exception):
    """The engine could not be obtained; the text names each way that was tried and what it answered."""
