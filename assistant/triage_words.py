"""Why a case is as urgent as it is told to be: dangerous numbers, and the disease that weighed most."""

from collections.abc import Iterator

from assistant.answer import Statement, StatementKind
from assistant.evidence import EvidenceShelf
from assistant.phrases import percent, say
from assistant.score_words import value_in_words
from assistant.triage import Triage
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Topic, Urgency

_SUPPORT: dict[Urgency, tuple[Topic, ...]] = {
    "emergency": ("red_flag", "severity", "definition", "symptoms"),
    "urgent": ("red_flag", "severity", "treatment", "definition"),
    "self_care": ("self_care", "outlook", "definition"),
}


def alarm_statements(triage: Triage, shelf: EvidenceShelf, language: Language) -> Iterator[Statement]:
    """The score of vital signs that alarms most, with what is written of such a score."""
    for alarm in triage.alarms[:1]:
        passage = alarm.result.score.passage(alarm.band)
        between = "" if language == "zh" else " "
        means = passage.in_language(language)
        text = between.join([value_in_words(alarm.result, language), means])
        about = f"score:{alarm.result.score.id}"
        yield Statement(text, (shelf.cite(passage, language),), "red_flag", about, (means,))


def disease_statements(
    triage: Triage, base: KnowledgeBase, shelf: EvidenceShelf, language: Language
) -> Iterator[Statement]:
    """The disease that set the level, where no rule did: its share of all that need the level."""
    decided = any(flag.level == triage.level for flag in triage.flags)
    if triage.disease is None or decided or triage.level not in _SUPPORT:
        return
    entry = base.diseases[triage.disease]
    passages = shelf.about(entry.ref, _SUPPORT[triage.level])
    if passages:
        kind: StatementKind = "self_care" if triage.level == "self_care" else "red_flag"
        share = percent(triage.shares.get(triage.level, 0.0))
        text = say(language, f"why_{triage.level}", disease=entry.name(language), percent=share)
        cited = shelf.cite(passages[0], language)
        yield Statement(text, (cited,), kind, entry.ref, (cited.text,))
