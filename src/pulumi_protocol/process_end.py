"""The end of a process that has done its work."""

import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process now: taking an interpreter with its threads and modules apart takes longer than its work.

    What could not be said any more, since whoever read it has gone, makes a good code 1.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = code or 1
    os._exit(code)
