"""A session together with the language model that a person switched on: it words, answers and reads."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.answer import Answer
from assistant.api import Assistant, Session
from assistant.events import Observation, Said, Suggested
from assistant.evidence import Citation, EvidenceShelf
from assistant.llm.backend import Backend, Cancel, switched_on
from assistant.llm.faithful import Faithful
from assistant.llm.questions import Find, FreeQuestions, Reply, Source
from assistant.llm.reading import ModelReader
from assistant.llm.recorder import Recorder
from assistant.llm.settings import ModelSettings
from assistant.llm.voice import Audience, Speaking, Voice, speech
from assistant.llm.words import phrase
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language
from knowledge.errors import AetiaError
from retrieval.index import names, open_store
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
        self._voice = Voice(faithful)
        self._questions = FreeQuestions(find, faithful)
        self._reader = ModelReader(assistant.base, lexicon)

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
        case = session.case
        said = list(session.assistant.dialogue.explainer.first_look(case, session.assessment))
        return self._questions.answer(self._recorder(session), question, said, case.language, cancel)

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

    def _recorder(self, session: Session) -> Recorder:
        return Recorder(self.backend, session.events)


def reworded(session: Session, answer: Answer, audience: Audience) -> Answer:
    """An answer in the words of the model that is switched on, with a note of where the words went.

    Raises AetiaError when none is switched on.
    """
    companion = Companion(session.assistant, _switched_on(), lambda question, language: ())
    said = speech(companion.voice(session, answer, audience))
    statements = tuple(replace(s.statement, text=s.text) for s in said.spoken)
    notes = (*answer.notes, companion.notice(answer.language), *said.notes(answer.language))
    return replace(answer, statements=statements, notes=notes)


def answered(assistant: Assistant, question: str, case: str, index: str) -> Reply:
    """A question answered from the pack and the index of that name, by the model that is switched on.

    Raises AetiaError when none is switched on.
    """
    backend = _switched_on()
    stores = [open_store(index)] if index in names() else []
    searcher = Searcher.over(assistant.base.passages.values(), assistant.base.sources, stores)
    session = assistant.start(language_of(question))
    if case:
        session.say(case)
    return Companion(assistant, backend, found_by(searcher, assistant.base, assistant.shelf)).ask(
        session, question
    )


def _switched_on() -> Backend:
    backend = switched_on(ModelSettings.from_environment())
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
