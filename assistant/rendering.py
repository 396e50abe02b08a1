"""A case as English words, for models that read English only: Chinese goes through concepts."""

from assistant.case import Case
from assistant.person import language_of
from assistant.view import spoken
from knowledge.base import KnowledgeBase

_FROM_QUESTIONS = frozenset({"asked", "edited", "measured"})


def in_english(case: Case, base: KnowledgeBase) -> str:
    """Age, sex, the English that was written, and the rest by the names of its concepts."""
    texts = [text for text in case.texts if text.strip()]
    english = [text for text in texts if language_of(text) == "en"]
    if texts and len(english) == len(texts):
        named = [o for o in case.observations.values() if o.manner in _FROM_QUESTIONS]
    else:
        named = list(case.observations.values())
    parts = [*english, spoken(named, base)]
    body = " ".join(part.strip() for part in parts if part.strip())
    return f"{person(case.age, case.sex)} {body}".strip() if body else ""


def person(age: float | None, sex: str | None) -> str:
    """Age and sex as a note begins: "38-year-old male."."""
    if age is None:
        return f"{sex}." if sex else ""
    unit = f"{round(age * 12)}-month-old" if age < 2 else f"{round(age)}-year-old"
    return f"{unit} {sex}." if sex else f"{unit}."
