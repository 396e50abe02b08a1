"""The panel under severity: how the leading disease will go, on a line of time."""

from typing import Any

from assistant.answer import Answer, Statement
from assistant.api import Assistant
from assistant.case import Case
from assistant.panels import render, words
from assistant.phrases import listed, percent, say
from assistant.prognosis import Complication, Prognosis, Stage
from assistant.prognosis_words import PrognosisTeller
from knowledge.concepts import Language


def prognosis_html(assistant: Assistant, case: Case, answer: Answer) -> str:
    """The prognosis as HTML; nothing where nothing is known. Statements pass the gate first."""
    leading = next((h.disease for h in answer.differential.hypotheses if h.disease), None)
    if leading is None or answer.differential.abstained:
        return ""
    case = case.model_copy(update={"language": answer.language})
    dialogue = assistant.dialogue
    prognosis = dialogue.followups.foresight.of(leading, case)
    teller = PrognosisTeller(dialogue.explainer, assistant.shelf)
    return render(
        "prognosis.html",
        answer.language,
        disease=prognosis.disease.name(answer.language),
        notes=list(teller.notes(prognosis, answer.language)),
        stages=_stages(assistant, prognosis, teller, answer.language),
        complications=[
            _row(assistant, c, answer.language)
            for c in prognosis.complications
            if dialogue.gate.passes(teller.complication(c, prognosis, answer.language), answer.language)
        ],
        unsourced=_unsourced(prognosis, answer.language),
        factors=_factors(assistant, prognosis, teller, answer.language),
    )


def _stages(
    assistant: Assistant, prognosis: Prognosis, teller: PrognosisTeller, language: Language
) -> list[dict[str, Any]]:
    """What names a time, the earliest first; then the course without one."""
    untimed = [s for s in prognosis.stages if s.kind == "outlook" and s.moment is None]
    shown: list[dict[str, Any]] = []
    for stage in (*prognosis.timed, *untimed):
        statement = teller.stage(stage, prognosis, language)
        if assistant.dialogue.gate.passes(statement, language):
            shown.append(
                {
                    "kind": stage.kind,
                    "label": words(language)[f"stage_{stage.kind}"],
                    "time": _time(stage, language),
                    "text": statement.text,
                    "source": _source(statement),
                }
            )
    return shown


def _time(stage: Stage, language: Language) -> str:
    text, moment = stage.passage.in_language(language), stage.moment
    return text[moment.start : moment.end] if moment else ""


def _row(assistant: Assistant, entry: Complication, language: Language) -> dict[str, Any]:
    name = assistant.dialogue.explainer.name
    facts = [name(ref, language) for ref, _ in entry.likelier]
    return {
        "name": assistant.base.diseases[entry.disease].name(language),
        "percent": percent(entry.chance),
        "basis": words(language)[entry.basis],
        "text": entry.citation.text,
        "source": entry.citation.title,
        "likelier": say(language, "complication_likelier", facts=listed(language, facts)) if facts else "",
    }


def _unsourced(prognosis: Prognosis, language: Language) -> str:
    return words(language)["links_unsourced"].format(n=prognosis.unsourced) if prognosis.unsourced else ""


def _factors(
    assistant: Assistant, prognosis: Prognosis, teller: PrognosisTeller, language: Language
) -> list[dict[str, Any]]:
    rows = []
    for factor in prognosis.factors:
        statement = teller.factor(factor, language)
        if assistant.dialogue.gate.passes(statement, language):
            about = teller.about(factor.about, language)
            rows.append(
                {
                    "about": about[0].upper() + about[1:],
                    "tone": words(language)[f"tone_{factor.tone}"],
                    "text": factor.passage.in_language(language),
                    "source": _source(statement),
                }
            )
    return rows


def _source(statement: Statement) -> str:
    return "; ".join(dict.fromkeys(c.title for c in statement.citations))
