"""The Python interface: `Assistant.load()`, `.start()`, `session.say(...)`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from assistant.answer import Answer
from assistant.case import Case
from assistant.diagnosis import Assessment, Diagnostician, Witness
from assistant.dialogue import Dialogue
from assistant.differential import Fusion
from assistant.disagreement import Disagreement
from assistant.events import (
    OURS,
    Asked,
    Chose,
    Described,
    Event,
    Excluded,
    Marked,
    Replied,
    Said,
    Shown,
    Skipped,
    Struck,
)
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer
from assistant.followups import FollowUps
from assistant.free_questions import FreeQuestions
from assistant.gate import SupportGate
from assistant.inquiry import Inquiry
from assistant.intake import Intake
from assistant.opening import OPEN_QUESTIONS
from assistant.pictures import PictureReader
from assistant.scores import Given
from assistant.second_reader import SecondReader
from assistant.settings import Settings
from assistant.unsaid import Unsaid
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Passage, Sex
from knowledge.errors import AetiaError
from knowledge.graph import CausalGraph
from knowledge.pack import load_pack
from knowledge.resolve import Resolver
from knowledge.scoring import Result

Progress = Callable[[str], None]
"""Told in words what is being done; for a person who waits."""


class Assistant:
    """Everything that answers need, made once; conversations are sessions of it."""

    def __init__(
        self,
        base: KnowledgeBase,
        witnesses: Sequence[Witness] = (),
        second: SecondReader | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.base = base
        self.settings = settings or Settings()
        self.graph = CausalGraph(base)
        self.mind = Diagnostician(self.graph, witnesses, Fusion.load())
        intake = Intake(base, second)
        gate = SupportGate(intake.lexicon)
        self.shelf = EvidenceShelf(base, intake.lexicon, gate.check)
        explainer = Explainer(self.graph, self.shelf, self.settings.country)
        inquiry = Inquiry(self.graph)
        questions = FreeQuestions(explainer, self.shelf) if second else None
        followups = FollowUps(self.mind, explainer, inquiry, self.shelf, intake.lexicon, questions)
        self.dialogue = Dialogue(
            base,
            intake,
            Unsaid(base, intake),
            self.mind,
            inquiry,
            explainer,
            followups,
            gate,
            Disagreement(base, self.shelf, gate.check),
            self.settings.country,
        )

    @classmethod
    def load(cls, settings: Settings | None = None, progress: Progress = lambda _: None) -> "Assistant":
        """The assistant with all its witnesses.

        Raises PackError, and AetiaError where weights are missing or damaged.
        """
        from assistant.language_witnesses import load_witnesses

        settings = settings or Settings.from_environment()
        progress("Reading the knowledge pack")
        base = load_pack(settings.pack)
        if not settings.text:
            return cls(base, settings=settings)
        witnesses, second = load_witnesses(base, progress)
        return cls(base, witnesses, second, settings)

    @classmethod
    def graph_only(cls, settings: Settings | None = None) -> "Assistant":
        """The assistant with the causal graph as its only witness; loads no torch."""
        settings = settings or Settings.from_environment()
        return cls(load_pack(settings.pack), settings=settings)

    @cached_property
    def resolver(self) -> Resolver:
        """Looks disease names up."""
        return Resolver(self.base)

    @cached_property
    def pictures(self) -> PictureReader:
        """Reads pictures; loads its weights on first use."""
        return PictureReader(self.settings.images)

    @cached_property
    def passages(self) -> dict[str, Passage]:
        """All that can be cited, by id: the pack's passages and what the scores' bands say."""
        return {**self.base.passages, **{p.id: p for p in self.mind.scorer.library.passages}}

    def score(self, name: str, given: Given) -> Result:
        """A clinical score by values that are given: `assistant.score("curb65", {"age": 70, "urea": 9})`.

        Raises AetiaError when the score or a key is not known or a value cannot be.
        """
        return self.mind.scorer.of_values(name, given)

    def start(self, language: Language | None = None) -> "Session":
        """A new conversation. language: to answer in; that of the person's words when None."""
        return Session(self, [Described(language=language)] if language else [])

    def replay(self, events: Iterable[Event]) -> "Session":
        """A conversation with these events; it gives the same answers as the first time."""
        return Session(self, list(events))


@dataclass
class Session:
    """One conversation: a list of events, and what follows from it."""

    assistant: Assistant
    events: list[Event] = field(default_factory=list)
    _latest: str | None = None

    def say(self, text: str, images: Sequence[str | Path] = ()) -> Answer:
        """Tell or ask something, with pictures if there are any.

        Raises ImageRefused for a picture that may not be judged; what was said is kept all the same.
        """
        self._latest = text
        refused: AetiaError | None = None
        for image in images:
            try:
                number = sum(isinstance(event, Shown) for event in self.events)
                self.show(self.assistant.pictures.read(Path(image), number, self.case.age))
            except AetiaError as refusal:
                refused = refusal
        if text.strip() or not images:
            self.events.extend(self.assistant.dialogue.hear(text, self.events))
        if refused:
            raise refused
        return self.answer()

    def show(self, shown: Shown) -> None:
        """Add what was read from a picture."""
        self.events.append(shown)

    def reply(self, finding_id: str, value: bool | None) -> Answer:
        """Answer a question: True, False, or None for "don't know". finding_id: full or bare id; an open
        question (`open:...`) is passed over so, and answered with `say`.

        Raises AetiaError when there is no such finding or risk factor.
        """
        if finding_id in OPEN_QUESTIONS:
            return self._after(Skipped(ref=finding_id))
        return self._after(Replied(ref=self._observable(finding_id), value=value))

    def choose(self, answers: Mapping[str, bool | None]) -> Answer:
        """Answer a question with choices: full or bare id of each -> True, False, or None for "don't know".

        Raises AetiaError when there is no such finding or risk factor.
        """
        states = [(self._observable(finding_id), value) for finding_id, value in answers.items()]
        yes, no, unknown = (tuple(ref for ref, v in states if v is value) for value in (True, False, None))
        return self._after(Chose(yes=yes, no=no, unknown=unknown))

    def strike(self, ref: str) -> Answer:
        """Take an observation (full id) back, as if it had never been said."""
        return self._after(Struck(ref=ref))

    def describe(self, age: float | None = None, sex: Sex | None = None) -> Answer:
        """Give age in years and sex outside the text."""
        return self._after(Described(age=age, sex=sex))

    def speak(self, language: Language) -> Answer:
        """Go on in another language."""
        return self._after(Described(language=language))

    def exclude(self, disease: str, excluded: bool = True) -> Answer:
        """Rule a disease (bare id) out, or back in."""
        return self._after(Excluded(disease=disease, excluded=excluded))

    def mark(self, passage: str, wrong: bool = True) -> None:
        """Note that a cited passage (its id) is wrong, or take that back. It moves no probability.

        Raises AetiaError when there is no such passage.
        """
        if passage not in self.assistant.passages:
            raise AetiaError(f"`{passage}` is no passage of this pack")
        self.events.append(Marked(passage=passage, wrong=wrong))

    def answer(self) -> Answer:
        """The answer to what was said last; a question in it is noted as asked."""
        answer = self.assistant.dialogue.respond(self.events, self._latest)
        if answer.question and answer.question.finding not in self.case.asked:
            first, *beside = [c.finding for c in answer.question.choices] or [answer.question.finding]
            self.events.append(Asked(ref=first, beside=tuple(beside)))
        return answer

    @property
    def case(self) -> Case:
        """What is known now."""
        return self.assistant.dialogue.case_of(self.events)

    def score(self, name: str, answers: Mapping[str, float] | None = None) -> Result:
        """A clinical score of this case. answers: item id -> points that a person gives for it.

        Raises AetiaError when there is no such score.
        """
        scorer = self.assistant.mind.scorer
        return scorer.of_case(scorer.library.find(name), self.case, answers)

    @property
    def assessment(self) -> Assessment:
        """What is thought of the case now."""
        return self.assistant.mind.assess(self.case)

    def undo(self) -> None:
        """Forget the last thing that the person said, answered or showed, and what followed it."""
        while self.events and isinstance(self.events[-1], OURS):
            self.events.pop()
        if self.events:
            self.events.pop()
        self._latest = next((e.text for e in reversed(self.events) if isinstance(e, Said)), None)

    def _observable(self, finding_id: str) -> str:
        ref = self.assistant.base.observable(finding_id.rpartition(":")[2])
        if ref is None or not ref.endswith(finding_id):
            raise AetiaError(f"`{finding_id}` is no finding or risk factor of this pack")
        return ref

    def _after(self, event: Event) -> Answer:
        self.events.append(event)
        self._latest = None
        return self.answer()
