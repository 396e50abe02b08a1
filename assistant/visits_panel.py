"""Visits compared, as HTML: symptoms, scores, values with their charts, and the next check."""

from collections.abc import Iterator

from markupsafe import Markup

from assistant.api import Assistant
from assistant.checkup_charts import charts_of
from assistant.checkup_words import number, trend_in_words
from assistant.panels import render
from assistant.phrases import listed, say
from assistant.prognosis_words import PrognosisTeller
from assistant.visits import Compared
from knowledge.concepts import Language

_KINDS = ("worse", "new", "better", "gone", "same")


def visits_html(compared: Compared, assistant: Assistant, language: Language) -> str:
    """The comparison; a request for another visit where there are fewer than two."""
    return render(
        "visits.html",
        language,
        overall=say(language, f"visits_{compared.overall}"),
        days=[v.day.isoformat() for v in compared.visits],
        lines=list(visits_in_words(compared, assistant, language)),
        # Drawn by our own template, which has escaped every word in it.
        charts=[Markup(svg) for _, svg in charts_of(compared.values, assistant.base, language)],  # noqa: S704
        checks=list(_next_checks(compared, assistant, language)),
    )


def visits_in_words(compared: Compared, assistant: Assistant, language: Language) -> Iterator[str]:
    """What changed, a line each."""
    name = assistant.dialogue.explainer.name
    for kind in _KINDS:
        findings = [name(c.ref, language) for c in compared.changes if c.kind == kind]
        if findings:
            yield say(language, f"symptom_{kind}", findings=listed(language, findings))
    for score in compared.scores:
        ends = {"before": number(score.before.low), "now": number(score.now.low)}
        yield say(language, "score_over_time", score=score.score.name(language), **ends)
    for value in compared.values:
        entry = assistant.base.quantities[value.quantity]
        mark = "：" if language == "zh" else ": "
        yield f"{entry.name(language)}{mark}{trend_in_words(value, entry.unit, language)}"


def _next_checks(compared: Compared, assistant: Assistant, language: Language) -> Iterator[dict[str, str]]:
    """When to be seen again, as the leading disease's passages say."""
    if compared.disease is None:
        return
    dialogue = assistant.dialogue
    case = compared.visits[-1].case.model_copy(update={"language": language})
    prognosis = dialogue.followups.foresight.of(compared.disease, case)
    teller = PrognosisTeller(dialogue.explainer, assistant.shelf)
    for stage in [s for s in prognosis.stages if s.kind in ("follow_up", "come_back")][:2]:
        statement = teller.stage(stage, prognosis, language)
        if dialogue.gate.passes(statement, language):
            yield {"text": statement.text, "source": statement.citations[0].title}
