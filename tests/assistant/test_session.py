"""Sessions in a real database: kept, owned, exported, deleted, and safe from a second window."""

import json
from pathlib import Path

import pytest

from assistant.api import Assistant
from assistant.desk import Desk
from assistant.session import SessionStore, StoreError


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(f"sqlite:///{tmp_path / 'folder' / 'sessions.sqlite3'}")


def test_a_session_is_kept_and_reopened(in_world: Assistant, store: SessionStore) -> None:
    desk = Desk(in_world, store)
    first = desk.act("me", "", "en", lambda s: s.say("I have a cough"), title="I have a cough")
    then = desk.act("me", first.session_id, "en", lambda s: s.say("and a fever"))
    assert then.trouble == ""
    assert then.session.case.state("finding:cough") == "present"
    assert store.events("me", first.session_id) == then.session.events
    assert [k.title for k in store.listed("me")] == ["I have a cough"]


def test_another_owner_sees_nothing(in_world: Assistant, store: SessionStore) -> None:
    desk = Desk(in_world, store)
    session_id = desk.act("me", "", "en", lambda s: s.say("I have a cough")).session_id
    assert store.listed("you") == []
    for act in (store.events, store.delete, store.export):
        with pytest.raises(StoreError, match="no such session of yours"):
            act("you", session_id)


def test_two_windows_lose_nothing(in_world: Assistant, store: SessionStore) -> None:
    desk = Desk(in_world, store)
    session_id = desk.act("me", "", "en", lambda s: s.say("I have a cough")).session_id
    stale = desk.opened("me", session_id, "en")
    known = len(stale.events)
    desk.act("me", session_id, "en", lambda s: s.say("and a fever"))
    stale.say("and a wheeze")
    with pytest.raises(StoreError, match="continued in another window"):
        store.append("me", session_id, known, stale.events[known:])
    assert "finding:fever" in desk.opened("me", session_id, "en").case.observations


def test_delete_and_export(in_world: Assistant, store: SessionStore) -> None:
    desk = Desk(in_world, store)
    session_id = desk.act("me", "", "en", lambda s: s.say("I have a cough")).session_id
    assert json.loads(store.export("me", session_id))["events"][0]["text"] == "I have a cough"
    store.delete("me", session_id)
    assert store.listed("me") == []


def test_a_fault_in_a_turn_loses_nothing(
    in_world: Assistant, store: SessionStore, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(in_world, store)
    session_id = desk.act("me", "", "en", lambda s: s.say("I have a secret cough")).session_id

    def fails(session: object) -> None:
        raise RuntimeError("I have a secret cough")

    outcome = desk.act("me", session_id, "en", fails)
    assert "words are kept" in outcome.trouble
    assert outcome.session.case.state("finding:cough") == "present"
    assert "secret" not in caplog.text


def test_a_database_that_cannot_be_opened_says_so() -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        SessionStore("sqlite:////proc/nowhere/sessions.sqlite3")
