"""One chart a quantity; the two numbers of blood pressure share one."""

from collections.abc import Iterator, Sequence

from assistant.averages import Summary
from assistant.charts import Line, chart_svg
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language

_TOGETHER = ("systolic_bp", "diastolic_bp")


def charts_of(
    summaries: Sequence[Summary], base: KnowledgeBase, language: Language
) -> Iterator[tuple[str, str]]:
    """(quantity, SVG) of each quantity that has values on two days or more."""
    found = {s.quantity: s for s in summaries}
    shown = [[found[q] for q in _TOGETHER if q in found]]
    shown += [[s] for s in summaries if s.quantity not in _TOGETHER]
    for group in shown:
        if group and len({r.moment.day for s in group for r in s.readings}) > 1:
            yield group[0].quantity, _drawn(group, base, language)


def _drawn(group: Sequence[Summary], base: KnowledgeBase, language: Language) -> str:
    first, entries = group[0], [base.quantities[s.quantity] for s in group]
    moving = first.trend.direction not in ("stable", "too_few")
    return chart_svg(
        " / ".join(entry.name(language) for entry in entries),
        entries[0].unit,
        [
            Line(e.name(language), [(r.moment.days, r.value) for r in s.readings])
            for e, s in zip(entries, group, strict=True)
        ],
        language,
        first.limits,
        (first.trend.first, first.trend.last) if moving else None,
    )
