"""One answer told with a language model: our own words at once, the model's as each is checked.

What is shown is whole at every step, so that a model that fails or is stopped leaves nothing to mend.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Literal

from assistant.answer import Answer
from assistant.api import Session
from assistant.events import OURS, Generated, Observation, Said
from assistant.llm.backend import Cancel, ModelFault
from assistant.llm.companion import Companion, question_in, voiced
from assistant.llm.voice import Audience, Speech, Spoken
from assistant.llm.words import phrase

Use = Literal["voice", "question", "reading"]
"""What a person lets the model do: reword answers, answer free questions, read along."""


def told(
    companion: Companion,
    session: Session,
    answer: Answer,
    uses: frozenset[Use],
    audience: Audience,
    cancel: Cancel,
) -> Iterator[Answer]:
    """The answer after each step, the last one whole. The session's log keeps what the model wrote.

    Never raises ModelFault: what went wrong is a note, and our own words stand.
    """
    question = question_in(session, answer)
    if question and "question" in uses:
        answer = yield from _answered(companion, session, answer, question, cancel)
    elif answer.statements and "voice" in uses:
        answer = yield from _reworded(companion, session, answer, audience, cancel)
    if "reading" in uses and not cancel.cancelled and _was_told(session) and not _failed(session):
        yield _read(companion, session, answer, cancel)


def _reworded(
    companion: Companion, session: Session, answer: Answer, audience: Audience, cancel: Cancel
) -> Generator[Answer, None, Answer]:
    speaking = companion.voice(session, answer, audience, cancel)
    spoken: list[Spoken] = []
    while True:
        try:
            spoken.append(next(speaking))
        except StopIteration as end:
            whole = voiced(answer, Speech(tuple(spoken), end.value))
            yield whole
            return whole
        said = tuple(replace(s.statement, text=s.text) for s in spoken)
        yield replace(answer, statements=(*said, *answer.statements[len(said) :]))


def _answered(
    companion: Companion, session: Session, answer: Answer, question: str, cancel: Cancel
) -> Generator[Answer, None, Answer]:
    answering = companion.answering(session, question, cancel)
    while True:
        try:
            statement = next(answering)
        except StopIteration as end:
            answer = replace(answer, statements=end.value.statements, notes=end.value.notes)
            yield answer
            return answer
        answer = replace(answer, statements=(*answer.statements, statement), notes=())
        yield answer


def _read(companion: Companion, session: Session, answer: Answer, cancel: Cancel) -> Answer:
    try:
        new: tuple[Observation, ...] = companion.read_again(session, cancel)
    except ModelFault as fault:
        note = phrase(answer.language, "unread", why=fault.text(answer.language))
        return replace(answer, notes=(*answer.notes, note))
    return companion.marked(answer, new)


def _failed(session: Session) -> bool:
    """Whether the model has just failed: it is not waited for again."""
    latest = session.events[-1]
    return isinstance(latest, Generated) and bool(latest.fault)


def _was_told(session: Session) -> bool:
    """Whether the person's latest act was to tell something in words."""
    latest = next((e for e in reversed(session.events) if not isinstance(e, OURS)), None)
    return isinstance(latest, Said) and not latest.question
