"""Free questions about the case or the evidence: retrieved, answered, and held against what is cited.

A sentence that its cited source does not carry is given to another retrieved source that does, or dropped.
"""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from assistant.answer import Statement
from assistant.evidence import Citation
from assistant.llm.backend import Cancel, ModelFault, Prompt
from assistant.llm.faithful import Faithful
from assistant.llm.recorder import Recorder
from assistant.llm.tokens import most
from assistant.llm.words import instruction, phrase
from knowledge.concepts import Language
from retrieval.sentences import spans

_MARK = re.compile(r"\s*[\[［【]\s*(\d{1,2})\s*[\]］】]\s*")
_MARK_FIRST = re.compile(r"([.!?。！？])(\s*(?:[\[［【]\s*\d{1,2}\s*[\]］】]\s*)+)")
NO_SOURCE = "NO SOURCE"
"""What a model writes when its sources do not answer."""
_LIMIT = 320
_QUESTION = 1000
"""Characters of a question that are taken."""


@dataclass(frozen=True)
class Source:
    """Something that may be said, with what carries it: a passage, or a statement of the case's answer."""

    text: str
    citations: tuple[Citation, ...]


Find = Callable[[str, Language], Sequence[Source]]
"""A question -> sources in the language, the best first."""


@dataclass(frozen=True)
class Reply:
    """What is answered. dropped: sentences of the model that no source carries."""

    statements: tuple[Statement, ...]
    notes: tuple[str, ...]
    dropped: int = 0


Answering = Generator[Statement, None, Reply]
"""Statements as each is checked; the whole reply is its value."""


class FreeQuestions:
    """Answers questions from sources; made once. room: tokens that the sources may take."""

    def __init__(self, find: Find, faithful: Faithful, room: int = 2400) -> None:
        self._find = find
        self._faithful = faithful
        self._room = room

    def answer(
        self,
        recorder: Recorder,
        question: str,
        case: Sequence[Statement],
        language: Language,
        cancel: Cancel | None = None,
    ) -> Answering:
        """The answer to a question. case: what was said of the case, itself a source.

        Never raises ModelFault: a fault is told in the notes, and whole sentences that came before it are kept.
        """
        question = question[:_QUESTION]
        sources = self._fitting(
            [*self._find(question, language), *(Source(s.text, s.citations) for s in case)]
        )
        if not sources:
            return Reply((), (phrase(language, "no_source"),))
        statements: dict[str, Statement] = {}
        notes: list[str] = []
        dropped = 0
        try:
            for line in recorder.lines("question", prompt_from(question, sources, language), cancel):
                for sentence, cited in _sentences(line):
                    if carrier := self._carrier(sentence, cited, sources, language):
                        statement = Statement(sentence, carrier.citations, "explanation")
                        if statements.setdefault(sentence, statement) is statement:
                            yield statement
                    elif sentence.strip(" .。").upper() != NO_SOURCE:
                        dropped += 1
        except ModelFault as fault:
            notes.append(fault.text(language))
        if dropped:
            notes.append(phrase(language, "dropped", count=dropped))
        if not statements:
            notes.insert(0, phrase(language, "no_source"))
        return Reply(tuple(statements.values()), tuple(notes), dropped)

    def _carrier(
        self, sentence: str, cited: Sequence[int], sources: Sequence[Source], language: Language
    ) -> Source | None:
        """The source that carries a sentence: a cited one first, else any that was retrieved."""
        named = [sources[n - 1] for n in cited if 1 <= n <= len(sources)]
        for source in (*named, *sources):
            texts = [source.text, *(c.text for c in source.citations)]
            if self._faithful.fault(sentence, texts, language) is None:
                return source
        return None

    def _fitting(self, sources: Sequence[Source]) -> list[Source]:
        """The first that fit into the room, each once."""
        kept: dict[str, Source] = {}
        left = self._room
        for source in sources:
            cost = most(source.text) + 4
            if source.text not in kept and cost <= left:
                kept[source.text] = source
                left -= cost
        return list(kept.values())


def reply(answering: Answering) -> Reply:
    """The whole reply."""
    while True:
        try:
            next(answering)
        except StopIteration as end:
            whole: Reply = end.value
            return whole


def prompt_from(question: str, sources: Sequence[Source], language: Language) -> Prompt:
    """What a model is asked: the question, below its numbered sources."""
    listed = "\n".join(f"[{i}] {' '.join(s.text.split())}" for i, s in enumerate(sources, 1))
    asked = f"Sources:\n{listed}\n\nQuestion: {' '.join(question.split())}"
    return Prompt(instruction("question", language), asked, _LIMIT)


def _sentences(line: str) -> Iterator[tuple[str, list[int]]]:
    """Each sentence of a line without its marks, and the numbers in them; a mark after the full stop counts."""
    line = _MARK_FIRST.sub(r"\2\1", line)
    line = re.sub(r"(?<=[\]］】])\s*([.!?])(?=\S)", r"\1 ", line)
    for start, end in spans(line):
        marked = line[start:end]
        text = _MARK.sub(" ", marked).strip()
        text = re.sub(r"\s+([.!?,;。！？，；])", r"\1", text)
        if text.strip(" .。-*"):
            yield text, [int(n) for n in _MARK.findall(marked)]
