"""Shows on standard error that something long is going on, and for how long."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_INTERVAL_SECONDS = 15.0


@contextmanager
def reporting(what: str, expectation: str = "") -> Iterator[None]:
    """Prints the start, a line every 15 seconds with the time gone by, and the end of a long step."""
    begin = time.monotonic()
    done = threading.Event()
    print(f"{what} …{f' ({expectation})' if expectation else ''}", file=sys.stderr, flush=True)

    def tell() -> None:
        while not done.wait(_INTERVAL_SECONDS):
            print(f"  {what}: {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
    print(f"  done in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
