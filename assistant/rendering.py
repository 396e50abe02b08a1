"""A case as words, for models that read words."""

from assistant.case import Case
from assistant.person import language_of
from assistant.view import spoken
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Sex

_FROM_QUESTIONS = frozenset({"asked", "edited", "measured"})


def as_told(case: Case, base: KnowledgeBase) -> str:
    """Age, sex, the person's own words in either language, and the answers given to questions."""
    texts = [text.strip() for text in case.told if text.strip()]
    language = language_of(" ".join(texts), case.language)
    answered = [o for o in case.observations.values() if o.manner in _FROM_QUESTIONS or not texts]
    body = " ".join(part for part in (*texts, spoken(answered, base, language)) if part)
    return f"{person(case.age, case.sex, language)} {body}".strip() if body else ""


def person(age: float | None, sex: Sex | None, language: Language = "en") -> str:
    """Age and sex as a note begins: "38-year-old male." or "38岁男性。"."""
    if language == "zh":
        years = "" if age is None else f"{round(age * 12)}个月" if age < 2 else f"{round(age)}岁"
        said = years + {"male": "男性", "female": "女性", None: ""}[sex]
        return f"{said}。" if said else ""
    if age is None:
        return f"{sex}." if sex else ""
    unit = f"{round(age * 12)}-month-old" if age < 2 else f"{round(age)}-year-old"
    return f"{unit} {sex}." if sex else f"{unit}."
