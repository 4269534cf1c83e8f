"""Shows on standard error that something long is going on, and for how long."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_INTERVAL_SECONDS = 15.0


@contextmanager
def reporting(what: str, expectation: str = "", interval_seconds: float = _INTERVAL_SECONDS) -> Iterator[None]:
    """Prints the start, a line every so often with the time gone by, and how a long step ended."""
    begin = time.monotonic()
    done = threading.Event()
    print(f"{what} …{f' ({expectation})' if expectation else ''}", file=sys.stderr, flush=True)

    def tell() -> None:
        while not done.wait(interval_seconds):
            print(f"  {what}: {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    outcome = "failed after"
    try:
        yield
        outcome = "done in"
    finally:
        done.set()
        teller.join()
        print(f"  {outcome} {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
