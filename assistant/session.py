"""Sessions, kept: any database that SQLAlchemy speaks to; SQLite in the user's data folder by default.

A session is its event log. An owner sees, exports and deletes only their own. `append` refuses a
log that another window has moved on, so that nothing is lost in silence.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pydantic import TypeAdapter
from sqlalchemy import ForeignKey, String, Text, create_engine, delete, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from assistant.events import Event
from knowledge.errors import AetiaError

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
EXPORT_VERSION = 1


class StoreError(AetiaError):
    """The sessions cannot be read or written."""


class _Base(DeclarativeBase):
    pass


class _Session(_Base):
    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(2), default="en")
    changed: Mapped[str] = mapped_column(String(32))


class _Event(_Base):
    __tablename__ = "events"
    session: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True)
class Kept:
    """A session in the list of its owner. changed: ISO 8601, UTC."""

    id: str
    title: str
    language: str
    changed: str


class SessionStore:
    """Event logs by session, in one database."""

    def __init__(self, url: str) -> None:
        place = make_url(url)
        try:
            if place.get_backend_name() == "sqlite" and place.database not in (None, "", ":memory:"):
                Path(str(place.database)).parent.mkdir(parents=True, exist_ok=True)
            self._engine = create_engine(url)
            _Base.metadata.create_all(self._engine)
        except (SQLAlchemyError, OSError) as fault:
            raise StoreError(f"The session database cannot be opened ({place!r}): {fault}") from fault

    def create(self, owner: str, language: str = "en") -> str:
        """A new, empty session; its id."""
        session_id = uuid4().hex
        with Session(self._engine) as db, db.begin():
            db.add(_Session(id=session_id, owner=owner, language=language, changed=_now()))
        return session_id

    def append(
        self, owner: str, session_id: str, known: int, events: Sequence[Event], title: str = ""
    ) -> None:
        """Add events to a session of which `known` events were seen before.

        Raises StoreError when the session is not the owner's, or has moved on in another window.
        """
        with Session(self._engine) as db, db.begin():
            row = self._own(db, owner, session_id)
            stored = self._count(db, session_id)
            if stored != known:
                raise StoreError(
                    f"This session was continued in another window ({stored} events there, {known} here); "
                    "reopen it to go on from there."
                )
            for i, event in enumerate(events):
                content = _EVENT.dump_json(event, exclude_defaults=False).decode()
                db.add(_Event(session=session_id, number=known + i, content=content))
            row.changed = _now()
            row.title = row.title or title[:200]

    def replace(self, owner: str, session_id: str, events: Sequence[Event]) -> None:
        """Put a changed log in the place of a session's (after an undo)."""
        with Session(self._engine) as db, db.begin():
            row = self._own(db, owner, session_id)
            db.execute(delete(_Event).where(_Event.session == session_id))
            for i, event in enumerate(events):
                db.add(_Event(session=session_id, number=i, content=_EVENT.dump_json(event).decode()))
            row.changed = _now()

    def events(self, owner: str, session_id: str) -> list[Event]:
        """The log of a session. Raises StoreError when it is not the owner's."""
        with Session(self._engine) as db:
            self._own(db, owner, session_id)
            rows = db.scalars(select(_Event).where(_Event.session == session_id).order_by(_Event.number))
            return [_EVENT.validate_json(row.content) for row in rows]

    def listed(self, owner: str) -> list[Kept]:
        """The owner's sessions, the latest first."""
        with Session(self._engine) as db:
            rows = db.scalars(
                select(_Session).where(_Session.owner == owner).order_by(_Session.changed.desc())
            )
            return [Kept(row.id, row.title, row.language, row.changed) for row in rows]

    def delete(self, owner: str, session_id: str) -> None:
        """Delete a session with all its events."""
        with Session(self._engine) as db, db.begin():
            row = self._own(db, owner, session_id)
            db.execute(delete(_Event).where(_Event.session == session_id))
            db.delete(row)

    def export(self, owner: str, session_id: str) -> str:
        """A session as JSON text."""
        events = [json.loads(_EVENT.dump_json(e)) for e in self.events(owner, session_id)]
        return json.dumps({"aetia_session": EXPORT_VERSION, "events": events}, ensure_ascii=False, indent=1)

    def _own(self, db: Session, owner: str, session_id: str) -> _Session:
        row = db.get(_Session, session_id)
        if row is None or row.owner != owner:
            raise StoreError("There is no such session of yours; it may have been deleted.")
        return row

    def _count(self, db: Session, session_id: str) -> int:
        return db.scalar(select(func.count()).where(_Event.session == session_id)) or 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
