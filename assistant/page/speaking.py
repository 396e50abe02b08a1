"""Who is being answered by a language model now, so that it can be stopped, and waited for."""

from collections import Counter
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
        self._following: Counter[str] = Counter()
        self._left: set[str] = set()
        self._shown: dict[str, int] = {}
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

    @contextmanager
    def following(self, session_id: str) -> Iterator[None]:
        """The block sends words to the page; `leave` waits until they are sent."""
        with self._changed:
            self._following[session_id] += 1
        try:
            yield
        finally:
            with self._changed:
                self._following[session_id] -= 1
                self._changed.notify_all()

    def leave(self, session_id: str) -> None:
        """The page turns from this session: its model is stopped, one that is about to start has no say, and what
        is being sent is waited for. What comes instead is a second step of the page: it takes what is sent one by
        one for each event, so that an answer to this very step could overtake words that were sent before."""
        if not session_id:
            return
        self._left.add(session_id)
        self.stop(session_id)
        with self._changed:
            self._changed.wait_for(lambda: not self._following[session_id], _WAIT)

    def enter(self, session_id: str) -> None:
        """The page shows this session anew: models that began before have no more say."""
        self._left.discard(session_id)
        self._shown[session_id] = self._shown.get(session_id, 0) + 1

    def mark(self, session_id: str) -> int:
        """How often the page has shown this session."""
        return self._shown.get(session_id, 0)

    def is_past(self, session_id: str, mark: int) -> bool:
        """Whether the page has shown something newer since the mark, or another session."""
        return session_id in self._left or self.mark(session_id) != mark

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
