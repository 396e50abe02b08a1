"""A look at readings in words: sums are Aetia's own, medicine is quoted with its source."""

from collections.abc import Iterator, Sequence

from assistant.advice import TOPICS
from assistant.answer import Statement
from assistant.api import Assistant
from assistant.averages import Summary
from assistant.checkup import Checkup
from assistant.phrases import listed, say
from assistant.plan import Review
from assistant.readings import Doubt
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Rule


def doubt_in_words(doubt: Doubt, language: Language) -> str:
    """A request about one cell or line."""
    units = say(language, "list_join").join(doubt.units)
    return say(language, f"doubt_{doubt.fault}", row=doubt.row, text=doubt.text, units=units)


def summary_in_words(summary: Summary, base: KnowledgeBase, language: Language) -> str:
    """One quantity: its average and how it was made, target, scatter and trend."""
    entry, average = base.quantities[summary.quantity], summary.average
    unit, name = entry.unit, entry.name(language)
    parts = [
        say(
            language,
            "average_line",
            name=name,
            value=number(average.value),
            unit=unit,
            count=average.count,
            days=average.days,
        )
    ]
    if average.left_out:
        parts.append(say(language, "average_rule", left_out=average.left_out))
    if average.latest:
        parts.append(say(language, "average_latest", days=average.days))
    if average.lacking:
        lacking = [say(language, f"lacking_{what}") for what in average.lacking]
        parts.append(say(language, "average_lacking", what=listed(language, lacking)))
    parts += _standing(summary, unit, language)
    if summary.spread is not None and summary.average.count > 1:
        parts.append(say(language, "spread_line", spread=number(summary.spread), unit=unit))
    if summary.swing is not None:
        parts.append(say(language, "swing_line", swing=f"{100 * summary.swing:.0f}"))
    parts.append(trend_in_words(summary, unit, language))
    return _joined(parts, language)


def trend_in_words(summary: Summary, unit: str, language: Language) -> str:
    """Where a quantity is going."""
    trend = summary.trend
    ends = {"first": number(trend.first), "last": number(trend.last), "unit": unit}
    return say(language, f"trend_{trend.direction}", **ends)


def limits_in_words(limits: Sequence[Rule], unit: str, language: Language) -> str:
    """Bounds of one quantity, such as "5 to 7.2 mmol/L"."""
    lows = [b for r in limits for b in (r.at_least, r.above) if b is not None]
    highs = [b for r in limits for b in (r.at_most, r.below) if b is not None]
    if lows and highs:
        return say(language, "from_to", low=f"{max(lows):g}", high=f"{min(highs):g}", unit=unit)
    if highs:
        return say(language, "below_value", high=f"{min(highs):g}", unit=unit)
    return say(language, "above_value", low=f"{max(lows):g}", unit=unit)


def review_in_words(review: Review, base: KnowledgeBase, language: Language) -> str:
    """A goal of an earlier plan, and where it stands."""
    entry = base.quantities[review.goal.quantity]
    now = "" if review.now is None else number(review.now)
    return say(
        language,
        f"review_{review.progress}",
        name=entry.name(language),
        before=number(review.goal.average),
        now=now,
        unit=entry.unit,
    )


def asked_of_person(checkup: Checkup, language: Language) -> Iterator[str]:
    """What targets and advice hang on and nobody told."""
    if not checkup.log.readings:
        yield say(language, "no_readings")
    if checkup.case.age is None or checkup.case.sex is None:
        yield say(language, "tell_person")
    if not any(ref.startswith(("risk:", "disease:")) for ref in checkup.case.observations):
        yield say(language, "tell_illnesses")


def targets_quoted(checkup: Checkup, assistant: Assistant, language: Language) -> tuple[Statement, ...]:
    """What is written of each target and of each prescribed average, unless the advice says it."""
    wanted = [f"target/{s.target.id}" for s in checkup.summaries if s.target]
    wanted += [s.average.rule for s in checkup.summaries if s.average.rule]
    advised = {a.passage for a in checkup.advice}
    return _quoted([passage for passage in wanted if passage not in advised], assistant, language)


def advice_quoted(
    checkup: Checkup, assistant: Assistant, language: Language
) -> list[tuple[str, tuple[Statement, ...]]]:
    """The advice by topic, in the order in which it is shown."""
    by_topic = [
        (topic, _quoted([a.passage for a in checkup.advice if a.topic == topic], assistant, language))
        for topic in TOPICS
    ]
    return [(topic, statements) for topic, statements in by_topic if statements]


def _quoted(passages: Sequence[str], assistant: Assistant, language: Language) -> tuple[Statement, ...]:
    quote, held = assistant.dialogue.explainer.quote, assistant.base.passages
    told = [quote(held[p], language, "advice") for p in dict.fromkeys(passages) if p in held]
    return tuple(assistant.dialogue.gate.supported(told, language))


def _standing(summary: Summary, unit: str, language: Language) -> Iterator[str]:
    if summary.target:
        key = "on_target" if summary.met else "off_target"
        yield say(language, key, limits=limits_in_words(summary.limits, unit, language))


def number(value: float) -> str:
    """A value as people write it: whole from 20 on, else one decimal."""
    return f"{value:.0f}" if abs(value) >= 20 else f"{value:.1f}"


def _joined(parts: Sequence[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(part for part in parts if part)
