"""The panel under the differential: the leading disease's grades and the scores that serve it."""

from typing import Any

from assistant.answer import Answer
from assistant.api import Assistant
from assistant.case import Case
from assistant.panels import render
from assistant.score_words import missing_in_words, score_statement
from assistant.severity import graded
from assistant.severity_words import items_in_words, verdict
from knowledge.concepts import Language


def severity_html(assistant: Assistant, case: Case, answer: Answer) -> str:
    """Severity and scores as HTML; nothing where nothing is known."""
    leading = next((h.disease for h in answer.differential.hypotheses if h.disease), None)
    if leading is None or answer.differential.abstained:
        return ""
    language = answer.language
    return render(
        "severity.html",
        language,
        disease=assistant.base.diseases[leading].name(language),
        grades=_grades(assistant, leading, case, language),
        scores=_scores(assistant, leading, case, language),
    )


def _grades(assistant: Assistant, disease: str, case: Case, language: Language) -> list[dict[str, Any]]:
    base = assistant.base
    return [
        {
            "verdict": verdict(grade, language),
            "claim": grade.grade.in_language(language),
            "met": items_in_words(grade.items(True), base, language),
            "unmet": items_in_words(grade.items(False), base, language),
            "unknown": items_in_words(grade.items(None), base, language),
            "source": base.sources[grade.grade.source].title,
        }
        for grade in graded(base.diseases[disease], case, base)
    ]


def _scores(assistant: Assistant, disease: str, case: Case, language: Language) -> list[dict[str, Any]]:
    rows = []
    for result in assistant.mind.scorer.relevant([disease], case):
        statement = score_statement(result, assistant.shelf, language)
        source = "; ".join(dict.fromkeys(c.title for c in statement.citations))
        missing = missing_in_words(result, assistant.base, language)
        rows.append({"text": statement.text, "missing": missing, "source": source})
    return rows
