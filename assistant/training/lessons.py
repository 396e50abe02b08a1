"""Dialogues that a language model may learn from: the engine's own answers to the cases of a bank.

The person tells the case, asks why, and asks for the treatment; each answer is written from numbered sources, a
number after each sentence, in the very form in which Aetia asks a model (see llm/questions.py). A sentence
that its source does not carry is left out, by the same check that a model's sentences must pass. Where the
sources lack what is asked, the answer is that there is none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

import yaml

from assistant.answer import Answer, Statement
from assistant.api import Assistant, Session
from assistant.llm.backend import Prompt
from assistant.llm.faithful import Faithful
from assistant.llm.questions import NO_SOURCE, Source, prompt_from
from assistant.training.bank import BankCase
from knowledge.concepts import Language
from retrieval.sentences import spans

_MOST_SOURCES = 8
_ASKED = ("why", "treatment")


@dataclass(frozen=True)
class Exchange:
    """One question as a model is asked it, and the answer that it should learn."""

    prompt: Prompt
    answer: str


@dataclass(frozen=True)
class Lesson:
    """One dialogue about one case."""

    case: str
    exchanges: tuple[Exchange, ...]


class Lessons:
    """Makes lessons with one assistant; the same seed shuffles the sources in the same way."""

    def __init__(self, assistant: Assistant, seed: int) -> None:
        self._assistant = assistant
        self._seed = seed
        self._faithful = Faithful(assistant.dialogue.intake.lexicon)

    def of(self, cases: Iterable[BankCase]) -> Iterator[Lesson]:
        """A lesson for each case of which the engine has something to say."""
        for case in cases:
            exchanges = tuple(self._exchanges(case, Random(f"{self._seed}/{case.id}")))
            if exchanges:
                yield Lesson(case.id, exchanges)

    def _exchanges(self, case: BankCase, random: Random) -> Iterator[Exchange]:
        session = self._assistant.start(case.language)
        session.describe(case.age, case.sex)
        words = _words()[case.language]
        answers = [(words["tell"].format(text=case.text), session.say(case.text))]
        answers += [(words[key], session.say(words[key])) for key in _ASKED]
        said = [(question, self._carried(session, answer)) for question, answer in answers]
        for at, (question, own) in enumerate(said):
            others = [pair for i, (_, pairs) in enumerate(said) if i != at for pair in pairs]
            if own:
                yield _exchange(question, own, others, case.language, random)
            elif others:
                yield _unanswered(question, others, case.language)
        if said[-1][1] and (others := [pair for _, pairs in said[:-1] for pair in pairs]):
            yield _unanswered(said[-1][0], [p for p in others if p not in said[-1][1]], case.language)

    def _carried(self, session: Session, answer: Answer) -> list[tuple[str, Source]]:
        """Sentences of an answer, each with a source that carries it: what is cited, or the statement of the case."""
        return [pair for s in answer.statements for pair in self._sentences(s, answer.language)]

    def _sentences(self, statement: Statement, language: Language) -> Iterator[tuple[str, Source]]:
        of_case = Source(statement.text, statement.citations)
        sources = [*(Source(c.text, (c,)) for c in statement.citations), of_case]
        for start, end in spans(statement.text):
            sentence = statement.text[start:end].strip()
            for source in sources:
                if self._faithful.fault(sentence, [source.text], language) is None:
                    yield sentence, source
                    break


def _exchange(
    question: str,
    own: Sequence[tuple[str, Source]],
    others: Sequence[tuple[str, Source]],
    language: Language,
    random: Random,
) -> Exchange:
    needed = list(dict.fromkeys(source for _, source in own))[:_MOST_SOURCES]
    beside = [s for s in dict.fromkeys(source for _, source in others) if s not in needed]
    sources = [*needed, *beside[: _MOST_SOURCES - len(needed)]]
    random.shuffle(sources)
    number = {source: i for i, source in enumerate(sources, 1)}
    lines = [f"{_unended(text)} [{number[s]}]{_end(text, language)}" for text, s in own if s in number]
    return Exchange(prompt_from(question, sources, language), "\n".join(dict.fromkeys(lines)))


def _unanswered(question: str, others: Sequence[tuple[str, Source]], language: Language) -> Exchange:
    sources = list(dict.fromkeys(source for _, source in others))[:_MOST_SOURCES]
    return Exchange(prompt_from(question, sources, language), NO_SOURCE)


def _unended(sentence: str) -> str:
    return sentence.rstrip(" .。")


def _end(sentence: str, language: Language) -> str:
    last = sentence.rstrip()[-1:]
    return "" if last in "!?！？" else "。" if language == "zh" else "."


@cache
def _words() -> dict[str, dict[str, Any]]:
    text = (files("assistant") / "training" / "lessons.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return loaded
