"""How a process that the engine started learns that it has to end."""

import os
import select
import signal

_LOOK_SECONDS = 0.2


class EndOfPlugin:
    """Waits until SIGTERM or SIGINT, or until the engine is gone: one that is killed tells its plugins nothing.

    Made in the main thread, before the engine knows of the process. The signals no longer end the process themselves.
    """

    def __init__(self, has_engine: bool) -> None:
        """Take the signals. Without an engine only they end the process."""
        self._parent = os.getppid() if has_engine else None
        # A pipe, not a lock or an event: a handler must not wait for what the interrupted thread holds.
        self._told, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)

    def wait(self) -> bool:
        """Return once it has to end: true if it was told to, false if the engine is gone."""
        while not select.select([self._told], [], [], _LOOK_SECONDS)[0]:
            if self._parent is not None and os.getppid() != self._parent:
                return False
        return True
