"""The end of a process that has done its work."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

_LAST: list[Callable[[], None]] = []


def before_leaving(action: Callable[[], None]) -> None:
    """Has an action done when the process is left: `leave` does nothing of what `atexit` knows."""
    _LAST.append(action)


def leave(code: int) -> NoReturn:
    """End the process now: taking an interpreter with its threads and modules apart takes longer than its work.

    What could not be said any more, since whoever read it has gone or its disk is full, makes a good code 1.
    """
    for action in _LAST:
        action()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # a process may have none
                stream.flush()
        except OSError:
            code = code or 1
    os._exit(code)
