"""A look at readings as HTML, with its charts."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from assistant.answer import Statement
from assistant.api import Assistant
from assistant.checkup import Checkup
from assistant.checkup_charts import charts_of
from assistant.checkup_words import (
    advice_quoted,
    asked_of_person,
    doubt_in_words,
    review_in_words,
    summary_in_words,
    targets_quoted,
)
from assistant.panels import render, words
from knowledge.concepts import Language


def checkup_html(checkup: Checkup, assistant: Assistant, language: Language) -> str:
    """What was understood, what is asked about, sums, charts, advice and the plan."""
    base, labels = assistant.base, words(language)
    return render(
        "checkup.html",
        language,
        urgent=_rows(checkup.urgent),
        doubts=[doubt_in_words(d, language) for d in checkup.log.doubts],
        asked=list(asked_of_person(checkup, language)),
        sums=[summary_in_words(s, base, language) for s in checkup.summaries],
        targets=_rows(targets_quoted(checkup, assistant, language)),
        # Drawn by our own template, which has escaped every word in it.
        charts=[Markup(svg) for _, svg in charts_of(checkup.summaries, base, language)],  # noqa: S704
        reviews=[review_in_words(r, base, language) for r in checkup.reviews],
        advice=[
            (labels[f"topic_{topic}"], _rows(statements))
            for topic, statements in advice_quoted(checkup, assistant, language)
        ],
        weeks=_weeks(checkup, assistant, language) if checkup.log.readings else [],
    )


def _rows(statements: Sequence[Statement]) -> list[dict[str, Any]]:
    return [
        {"text": s.text, "source": s.citations[0].title, "checked": s.citations[0].checked}
        for s in statements
    ]


def _weeks(checkup: Checkup, assistant: Assistant, language: Language) -> list[dict[str, Any]]:
    labels, passages = words(language), assistant.base.passages
    weeks = []
    for n, week in enumerate(checkup.plan.weeks, 1):
        lines = [passages[p].in_language(language) for p in week.habits if p in passages]
        asked = [passages[p].in_language(language) for p in week.appointments if p in passages]
        lines += [f"{labels['readings_appointments']}: {line}" for line in asked]
        weeks.append(
            {"title": labels["readings_week"].format(n=n), "lines": lines or [labels["readings_keep"]]}
        )
    return weeks
