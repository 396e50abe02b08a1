"""What a message asks about medicines: "can I take ibuprofen with warfarin?".

It is read sentence by sentence: the drugs in a sentence that asks are asked about, everything else that it names
(diseases, pregnancy, allergies, drugs taken) is told about the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal, get_args

import yaml

from assistant.case import Case
from assistant.context import Context, sentences
from assistant.drug_safety import Patient
from assistant.events import Observation
from assistant.patterns import compiled
from assistant.person import age_in, language_of
from knowledge.base import KnowledgeBase
from knowledge.lexicon import Lexicon
from knowledge.mentions import Mention

CONDITIONS = ("disease", "risk", "finding")
"""Kinds of what is told of the person."""
Fact = Literal["harms", "uses", "doses"]
_FACTS: tuple[Fact, ...] = get_args(Fact)


@dataclass(frozen=True)
class MedicineQuestion:
    """What a message asks. drugs, classes: bare ids asked about. asked: where the asking sentences stand.
    told: the person, as the message adds to the case. purposes: conditions for which the medicine is wanted. offered:
    it asks about what was offered as treatment: "can I take this in pregnancy?". about: what it asks of the medicines
    besides whether they may be taken."""

    drugs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    asked: tuple[tuple[int, int], ...] = ()
    allergies: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    age: float | None = None
    purposes: frozenset[str] = frozenset()
    offered: bool = False
    about: frozenset[Fact] = frozenset()


class MedicineQuestions:
    """Reads them; made once for a pack."""

    def __init__(self, base: KnowledgeBase, barring: frozenset[str]) -> None:
        """barring: findings (bare ids) that may be held against a medicine."""
        self._base = base
        self._barring = barring

    @cached_property
    def _medicines(self) -> Lexicon:
        return Lexicon(self._base, ("drug", "class"))

    @cached_property
    def _conditions(self) -> Lexicon:
        return Lexicon(self._base, ("disease", "risk", "finding"))

    def question_in(self, text: str, case: Case) -> MedicineQuestion | None:
        """The question about medicines that a message asks, be it about those that the person has told of: "should I
        stop my tablets?"; None when it asks none."""
        what = any(_matches("what", text, span) for span in sentences(text))
        question = self.told_in(text, case)
        if (
            not question.drugs
            and not question.classes
            and any(_matches("own", text, s) for s in sentences(text))
        ):
            question = replace(question, drugs=tuple(sorted(Patient.of(case, self._base).drugs)))
        if question.drugs or question.classes or (what and question.allergies):
            return question
        offered = not case.is_empty and any(_matches("offered", text, span) for span in question.asked)
        return replace(question, offered=True) if offered else None

    def told_in(self, text: str, case: Case) -> MedicineQuestion:
        """The medicines that a message asks about, and what else it tells of the person."""
        asked = [s for s in sentences(text) if any(_matches(kind, text, s) for kind in ("asks", *_FACTS))]
        context = Context(text, language_of(text, case.language))
        found: dict[str, dict[str, None]] = {role: {} for role in _ROLES}
        for mention in self._mentions(text):
            senses = context.senses(mention.start, mention.end)
            allergic = "allergy" in senses and _is_allergy(text, mention)
            in_question = any(a <= mention.start < b for a, b in asked)
            for ref in mention.refs:
                kind, _, bare = ref.partition(":")
                if kind == "finding" and bare not in self._barring:
                    continue
                role = _role(kind, allergic, in_question)
                if role in ("drugs", "classes") or not senses & {"negation", "family"}:
                    found[role][bare] = None
                if role == "conditions" and in_question and _is_purpose(text, mention):
                    found["purposes"][bare] = None
        return MedicineQuestion(
            tuple(found["drugs"]),
            tuple(found["classes"]),
            tuple(asked),
            frozenset(found["allergies"]),
            frozenset(found["taken"]),
            frozenset(found["conditions"]),
            age_in(text),
            frozenset(found["purposes"]),
            about=frozenset(f for f in _FACTS if any(_matches(f, text, span) for span in asked)),
        )

    def without_asked(
        self, observations: Sequence[Observation], question: MedicineQuestion
    ) -> tuple[Observation, ...]:
        """What a message tells beside its question: a drug that is asked about is not yet taken."""
        return tuple(
            o
            for o in observations
            if not (o.start is not None and any(a <= o.start < b for a, b in question.asked))
        )

    def _mentions(self, text: str) -> list[Mention]:
        """Medicines, and the conditions whose words do not name a medicine ("takes aspirin")."""
        medicines = [m for m in self._medicines.mentions(text) if m.manner == "name"]
        conditions = [m for m in self._conditions.mentions(text) if m.manner == "name"]
        apart = [c for c in conditions if not any(c.start < m.end and m.start < c.end for m in medicines)]
        return [*medicines, *apart]

    def allergic_classes(self, case: Case) -> frozenset[str]:
        """Classes that the person's earlier words call an allergy; the case itself holds drugs alone."""
        found: set[str] = set()
        for text in case.texts:
            context = Context(text, language_of(text, case.language))
            for mention in self._mentions(text):
                senses = context.senses(mention.start, mention.end)
                if "allergy" in senses and "negation" not in senses and _is_allergy(text, mention):
                    found |= {r.partition(":")[2] for r in mention.refs if r.startswith("class:")}
        return frozenset(found)


_ROLES = ("drugs", "classes", "allergies", "taken", "conditions", "purposes")


def _role(kind: str, allergic: bool, in_question: bool) -> str:
    """What a concept of a kind, named in a message, is to the question."""
    if kind in CONDITIONS:
        return "conditions"
    if allergic:
        return "allergies"
    return {"drug": "drugs", "class": "classes"}[kind] if in_question else "taken"


def _is_allergy(text: str, mention: Mention) -> bool:
    """Whether a word for allergy stands in the sentence, with nothing between it and the mention that
    begins something else: "allergic to penicillin, can I take cefalexin"."""
    start, end = next(s for s in sentences(text) if s[0] <= mention.start < s[1])
    for word in compiled(_any_of("allergy_word")).finditer(text[start:end]):
        left, right = start + word.end(), start + word.start()
        between = text[left : mention.start] if left <= mention.start else text[mention.end : right]
        if not compiled(_any_of("begins_anew")).search(between):
            return True
    return False


def _is_purpose(text: str, mention: Mention) -> bool:
    """Whether a condition is what the medicine is for: "ibuprofen for the pain"."""
    return compiled(f"(?:{_any_of('purpose')})$").search(text[: mention.start]) is not None


def _any_of(key: str) -> str:
    return "|".join(_patterns()[key])


def _matches(key: str, text: str, span: tuple[int, int]) -> bool:
    return any(compiled(p).search(text[span[0] : span[1]]) for p in _patterns()[key])


@cache
def _patterns() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = yaml.safe_load(
        (files("assistant") / "rules" / "medicine_questions.yaml").read_text(encoding="utf-8")
    )
    return loaded
