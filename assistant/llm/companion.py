"""A session together with the language model that a person switched on: it words, answers and reads."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from assistant.answer import Answer
from assistant.api import Assistant, Session
from assistant.events import OURS, Event, Generated, Observation, Said, Suggested
from assistant.evidence import Citation, EvidenceShelf
from assistant.library import searcher_over
from assistant.llm.backend import Backend, Cancel, ModelFault, switched_on
from assistant.llm.faithful import Faithful
from assistant.llm.questions import Answering, Find, FreeQuestions, Reply, Source, reply
from assistant.llm.reading import ModelReader
from assistant.llm.recorder import Recorder
from assistant.llm.settings import ModelSettings
from assistant.llm.voice import Audience, Speaking, Speech, Voice, speech
from assistant.llm.words import phrase
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language
from knowledge.errors import AetiaError
from retrieval.passages import TextPassage
from retrieval.search import Searcher
from retrieval.words import language_of

_SOURCES = 8


class Companion:
    """What the model does for every session of one assistant; made once. backend: None to replay logs."""

    def __init__(self, assistant: Assistant, backend: Backend | None, find: Find) -> None:
        lexicon = assistant.dialogue.intake.lexicon
        faithful = Faithful(lexicon)
        self.backend = backend
        self._base = assistant.base
        self._voice = Voice(faithful)
        self._questions = FreeQuestions(find, faithful)
        self._reader = ModelReader(assistant.base, lexicon)

    def with_model(self, backend: Backend | None) -> "Companion":
        """The same with another model."""
        other = copy(self)
        other.backend = backend
        return other

    def notice(self, language: Language) -> str:
        """Whether a model is on and where words go; empty when none is."""
        if self.backend is None:
            return ""
        key = "goes_to" if self.backend.where else "stays"
        return phrase(language, key, name=self.backend.name, where=self.backend.where)

    def voice(
        self, session: Session, answer: Answer, audience: Audience, cancel: Cancel | None = None
    ) -> Speaking:
        """An answer's statements, reworded as far as their sources carry it (see Voice.speak)."""
        return self._voice.speak(
            self._recorder(session), answer.statements, answer.language, audience, cancel
        )

    def ask(self, session: Session, question: str, cancel: Cancel | None = None) -> Reply:
        """A free question about the session's case or the evidence. The case does not change by it."""
        return reply(self.answering(session, question, cancel))

    def answering(self, session: Session, question: str, cancel: Cancel | None = None) -> Answering:
        """The same, sentence by sentence."""
        return self._answering(self._recorder(session), session, question, cancel)

    def retold(self, session: Session, answer: Answer, logged: Sequence[Event]) -> Answer:
        """An answer as it was given: in the model's words, where the log that followed it holds some.

        session: as it was when it was answered. logged: the events that followed, to the person's next. Nobody
        is asked, and what the log holds is checked anew.
        """
        recorder = Recorder(None, list(logged), exact=False)
        purposes = {e.purpose for e in logged if isinstance(e, Generated)}
        asked = question_in(session, answer)
        if "question" in purposes and asked:
            said = reply(self._answering(recorder, session, asked, None))
            answer = replace(answer, statements=said.statements, notes=said.notes)
        elif "voice" in purposes:
            spoken = self._voice.speak(recorder, answer.statements, answer.language, "patient")
            answer = voiced(answer, speech(spoken))
        failed = [e for e in logged if isinstance(e, Generated) and e.purpose == "reading" and e.fault]
        for entry in failed[-1:]:
            fault = ModelFault(entry.fault, False, 0.0, **dict(entry.slots))
            note = phrase(answer.language, "unread", why=fault.text(answer.language))
            answer = replace(answer, notes=(*answer.notes, note))
        suggested = [o for e in logged if isinstance(e, Suggested) for o in e.observations]
        return self.marked(answer, suggested)

    def marked(self, answer: Answer, suggested: Sequence[Observation]) -> Answer:
        """The answer with a note of what the model read beside our own reading."""
        if not suggested:
            return answer
        names = (f"{self._base.concept(o.ref).name(answer.language)} (“{o.text}”)" for o in suggested)
        note = phrase(answer.language, "suggests", what="; ".join(names))
        return replace(answer, notes=(*answer.notes, note))

    def read_again(self, session: Session, cancel: Cancel | None = None) -> tuple[Observation, ...]:
        """What the model reads in the latest message beyond our own reading, noted as suggested.

        `session.reply(ref, True)` believes one; `session.strike(ref)` takes it away. Raises ModelFault.
        """
        told = [e for e in session.events if isinstance(e, Said)]
        if not told or told[-1].question:
            return ()
        language = told[-1].reading.language
        read = self._reader.read(self._recorder(session), told[-1].text, len(told) - 1, language, cancel)
        new = tuple(o for o in read if session.case.state(o.ref) is None)
        if new:
            session.events.append(Suggested(observations=new))
        return new

    def _answering(
        self, recorder: Recorder, session: Session, question: str, cancel: Cancel | None
    ) -> Answering:
        case = session.case
        said = session.assistant.dialogue.first_look(case, session.assessment)
        return self._questions.answer(recorder, question, said, case.language, cancel)

    def _recorder(self, session: Session) -> Recorder:
        return Recorder(self.backend, session.events)


def reworded(session: Session, answer: Answer, audience: Audience) -> Answer:
    """An answer in the words of the model that is switched on, with a note of where the words went.

    Raises AetiaError when none is switched on.
    """
    companion = Companion(session.assistant, _switched_on(), lambda question, language: ())
    answer = replace(answer, notes=(*answer.notes, companion.notice(answer.language)))
    return voiced(answer, speech(companion.voice(session, answer, audience)))


def answered(assistant: Assistant, question: str, case: str, index: str) -> Reply:
    """A question answered from the pack and the index of that name, by the model that is switched on.

    Raises AetiaError when none is switched on.
    """
    backend = _switched_on()
    searcher = searcher_over(assistant.base, index)
    session = assistant.start(language_of(question))
    if case:
        session.say(case)
    return Companion(assistant, backend, found_by(searcher, assistant.base, assistant.shelf)).ask(
        session, question
    )


def voiced(answer: Answer, said: Speech) -> Answer:
    """An answer in the words of a speech, with its notes."""
    statements = tuple(replace(s.statement, text=s.text) for s in said.spoken)
    return replace(answer, statements=statements, notes=(*answer.notes, *said.notes(answer.language)))


def question_in(session: Session, answer: Answer) -> str:
    """The free question that an answer leaves open, which a model may answer from sources; else nothing.

    Our own rooms go first: what they answer, and what a person tells, is no question for the model.
    """
    latest = next((e for e in reversed(session.events) if not isinstance(e, OURS)), None)
    if not isinstance(latest, Said) or latest.reading.observations or answer.statements:
        return ""
    asks = latest.text.rstrip().endswith(("?", "？"))
    return latest.text if answer.intent == "question" or (answer.intent == "tell" and asks) else ""


def _switched_on() -> Backend:
    backend = switched_on(ModelSettings.configured())
    if backend is None:
        raise AetiaError(
            "No language model is switched on; set AETIA_LLM_BASE_URL and AETIA_LLM_MODEL, or AETIA_LLM_PATH"
        )
    return backend


def found_by(searcher: Searcher, base: KnowledgeBase, shelf: EvidenceShelf) -> Find:
    """Sources by search, over the pack and whatever documents the searcher holds."""

    def find(question: str, language: Language) -> Sequence[Source]:
        hits = searcher.search(question, _SOURCES, language)
        return [_source(hit.passage, language, base, shelf) for hit in hits]

    return find


def _source(passage: TextPassage, language: Language, base: KnowledgeBase, shelf: EvidenceShelf) -> Source:
    if own := base.passages.get(passage.id):
        citation = shelf.cite(own, language)
        return Source(citation.text, (citation,))
    text = passage.in_language(language)
    cited = Citation(
        passage.id,
        passage.document,
        passage.title,
        passage.publisher or "",
        None,
        passage.url,
        passage.page,
        " › ".join(passage.section) or None,
        text,
        (0, len(text)),
        True,
    )
    return Source(text, (cited,))
