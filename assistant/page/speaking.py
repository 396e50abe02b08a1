"""Who is being answered by a language model now, so that it can be stopped, and waited for."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from assistant.llm.backend import Cancel

_WAIT = 2.0
"""Seconds that a new message waits for a stopped model to be written down."""


class Speaking:
    """One model at a time for each session."""

    def __init__(self) -> None:
        self._running: dict[str, Cancel] = {}
        self._changed = Condition()

    @contextmanager
    def turn(self, session_id: str) -> Iterator[Cancel]:
        """What stops this session's model while the block runs; an earlier one is stopped first."""
        self.hush(session_id)
        cancel = Cancel()
        with self._changed:
            self._running[session_id] = cancel
        try:
            yield cancel
        finally:
            with self._changed:
                if self._running.get(session_id) is cancel:
                    del self._running[session_id]
                self._changed.notify_all()

    def stop(self, session_id: str) -> None:
        """Stop the session's model, if one is running; returns at once."""
        with self._changed:
            cancel = self._running.get(session_id)
        if cancel:
            cancel()

    def hush(self, session_id: str) -> None:
        """Stop it, and wait a moment until what it wrote is kept."""
        self.stop(session_id)
        with self._changed:
            self._changed.wait_for(lambda: session_id not in self._running, _WAIT)
