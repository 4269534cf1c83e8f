"""Runs compiled data flows: engines, the functions in Python that their SQL calls, and files as sources and sinks."""
