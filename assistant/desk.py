"""What the page does with a session: open, act, keep. No widgets here, and no medicine."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from assistant.answer import Answer
from assistant.api import Assistant, Session
from assistant.events import OURS, Said
from assistant.panels import words
from assistant.session import SessionStore
from knowledge.concepts import Language
from knowledge.errors import AetiaError

log = logging.getLogger("aetia")

Act = Callable[[Session], Answer | None]


@dataclass(frozen=True)
class Outcome:
    """What came of an act. trouble: what went wrong, in words, or empty."""

    session_id: str
    session: Session
    answer: Answer
    trouble: str


@dataclass(frozen=True)
class Desk:
    """One assistant and one store of sessions. interrupt: called with a session's id before it goes on."""

    assistant: Assistant
    store: SessionStore
    interrupt: Callable[[str], None] = lambda _: None

    def act(self, owner: str, session_id: str, language: Language, act: Act, title: str = "") -> Outcome:
        """Do something with a session and keep what came of it.

        A fault is told in `trouble`; what the person said before and with it is kept. session_id:
        empty for a new session, which is made when something is said.
        """
        self.interrupt(session_id)
        session = self.opened(owner, session_id, language)
        known = len(session.events)
        answer, trouble = None, ""
        try:
            answer = act(session)
        except AetiaError as fault:
            trouble = fault.text(session.case.language)
        except Exception as fault:
            # Neither the message nor the traceback's values may reach a log: they can hold patient text.
            log.error("a turn failed: %s", type(fault).__name__)
            trouble = words(language)["error"]
        if len(session.events) > known:
            session_id = session_id or self.store.create(owner, language)
            trouble = self.keep(owner, session_id, known, session, title) or trouble
        return Outcome(session_id, session, answer or self.now(session), trouble)

    def keep(self, owner: str, session_id: str, known: int, session: Session, title: str = "") -> str:
        """Keep the events after the first `known`; what went wrong, in words, or empty."""
        try:
            self.store.append(owner, session_id, known, session.events[known:], title)
        except AetiaError as fault:
            return str(fault)
        return ""

    def opened(self, owner: str, session_id: str, language: Language) -> Session:
        """The session of an id, or a new one."""
        if session_id:
            return self.assistant.replay(self.store.events(owner, session_id))
        return self.assistant.start()

    def now(self, session: Session) -> Answer:
        """The answer as it stands, without a new question being noted."""
        latest = next((e for e in reversed(session.events) if not isinstance(e, OURS)), None)
        events = session.events
        while events and isinstance(events[-1], OURS):
            events = events[:-1]
        return self.assistant.dialogue.respond(events, latest.text if isinstance(latest, Said) else None)

    def first_look(self, session: Session) -> Answer:
        """What is thought of the case, whatever was asked last."""
        return self.assistant.dialogue.respond(session.events)

    def undo(self, owner: str, session_id: str, language: Language) -> Outcome:
        """Take the last thing back that the person did."""
        self.interrupt(session_id)
        session = self.opened(owner, session_id, language)
        session.undo()
        if session_id:
            self.store.replace(owner, session_id, session.events)
        return Outcome(session_id, session, self.now(session), "")
