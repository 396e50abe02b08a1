"""The voice: an answer's statements in words for a patient or a clinician, each held against its sources.

A line that adds, loses or turns anything is replaced by our own sentence. What is said of an emergency is never
given to the model.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answer import Statement
from assistant.llm.backend import Cancel, ModelFault, Prompt
from assistant.llm.faithful import Faithful, Fault
from assistant.llm.recorder import Recorder
from assistant.llm.tokens import most
from assistant.llm.words import instruction, phrase
from knowledge.concepts import Language
from retrieval.sentences import spans

Audience = Literal["patient", "clinician"]
_OURS_ALONE = frozenset({"crisis", "red_flag"})
_LINE = re.compile(r"\s*(\d{1,2})\s*[.)、:：．]\s*(\S.*)")
_ROOM = 2
"""A rewording may take so many times the tokens of what it rewords."""


@dataclass(frozen=True)
class Spoken:
    """A statement as it is said. fault: why the model's words were not taken; None when they were, or when it
    gave none."""

    statement: Statement
    text: str
    reworded: bool
    fault: Fault | None = None


@dataclass(frozen=True)
class Speech:
    """What is said, in order. trouble: why the model broke off."""

    spoken: tuple[Spoken, ...]
    trouble: ModelFault | None = None

    @property
    def replaced(self) -> float:
        """Of the lines that the model reworded, the share that our own sentences replaced."""
        offered = [s for s in self.spoken if s.reworded or s.fault]
        return sum(not s.reworded for s in offered) / len(offered) if offered else 0.0

    def notes(self, language: Language) -> tuple[str, ...]:
        """What a person should know of how this was worded."""
        notes = []
        if self.trouble:
            notes.append(phrase(language, "own_words", why=self.trouble.text(language)))
        if self.replaced:
            notes.append(phrase(language, "replaced", share=round(100 * self.replaced)))
        return tuple(notes)


Speaking = Generator[Spoken, None, ModelFault | None]


class Voice:
    """Rewords statements; made once."""

    def __init__(self, faithful: Faithful) -> None:
        self._faithful = faithful

    def speak(
        self,
        recorder: Recorder,
        statements: Sequence[Statement],
        language: Language,
        audience: Audience,
        cancel: Cancel | None = None,
    ) -> Speaking:
        """Statements as they are ready, all of them and in their order, whatever the model does.

        The generator's value is the fault that ended the model's part, if there was one.
        """
        places = [i for i, s in enumerate(statements) if s.kind not in _OURS_ALONE]
        said, trouble = 0, None
        try:
            for line in self._lines(recorder, [statements[i] for i in places], language, audience, cancel):
                match = _LINE.fullmatch(line)
                if match and 1 <= (number := int(match[1])) <= len(places) and places[number - 1] >= said:
                    place = places[number - 1]
                    yield from (_own(s) for s in statements[said:place])
                    yield self._checked(statements[place], match[2].strip(), language)
                    said = place + 1
        except ModelFault as fault:
            trouble = fault
        yield from (_own(s) for s in statements[said:])
        return trouble

    def _lines(
        self,
        recorder: Recorder,
        given: Sequence[Statement],
        language: Language,
        audience: Audience,
        cancel: Cancel | None,
    ) -> Iterator[str]:
        if given:
            lines = "\n".join(f"{i}. {' '.join(s.text.split())}" for i, s in enumerate(given, 1))
            task = instruction(f"voice_{audience}", language)
            yield from recorder.lines("voice", Prompt(task, lines, _ROOM * most(lines) + 64), cancel)

    def _checked(self, statement: Statement, line: str, language: Language) -> Spoken:
        """The line, when each sentence of it is carried and nothing is lost; else our own sentence."""
        sources = [statement.text, *(c.text for c in statement.citations)]
        faults = (self._faithful.fault(line[a:b], sources, language) for a, b in spans(line))
        fault = self._faithful.loss(line, statement.text) or next((f for f in faults if f), None)
        return Spoken(statement, statement.text, False, fault) if fault else Spoken(statement, line, True)


def speech(speaking: Speaking) -> Speech:
    """The whole of what is said."""
    spoken: list[Spoken] = []
    while True:
        try:
            spoken.append(next(speaking))
        except StopIteration as end:
            return Speech(tuple(spoken), end.value)


def _own(statement: Statement) -> Spoken:
    return Spoken(statement, statement.text, False)
