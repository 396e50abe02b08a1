"""What the page shows beside the chat, as HTML: made by templates that escape whatever goes in."""

from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, select_autoescape

from assistant.answer import Answer, Statement
from assistant.api import Assistant
from assistant.case import Case
from assistant.differential import Hypothesis, Reason
from assistant.evidence import Citation
from assistant.phrases import percent
from knowledge.concepts import Language

SHOWN = 10
_STRONGEST = 4.0


@cache
def words(language: Language) -> dict[str, str]:
    """The labels of the page."""
    text = (files("assistant") / "templates" / "labels.yaml").read_text(encoding="utf-8")
    labels: dict[str, str] = yaml.safe_load(text)[language]
    return labels


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("assistant", "templates"),
        autoescape=select_autoescape(("html", "svg")),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, language: Language, **slots: Any) -> str:
    """A template with its words and slots filled in."""
    return _environment().get_template(template).render(words=words(language), language=language, **slots)


def differential_html(assistant: Assistant, answer: Answer) -> str:
    """Hypotheses as bars, each with what speaks for and against it."""
    return render(
        "differential.html",
        answer.language,
        rows=hypothesis_rows(assistant, answer.differential.hypotheses[:SHOWN], answer.language),
        urgency=assistant.dialogue.urgency_in_words(answer),
        level=answer.triage.level,
        other=percent(answer.differential.other),
    )


def hypothesis_rows(
    assistant: Assistant, hypotheses: Sequence[Hypothesis], language: Language
) -> list[dict[str, Any]]:
    """Hypotheses as templates want them."""
    labels = words(language)
    rows = []
    for h in hypotheses:
        disease = assistant.base.diseases[h.disease or ""]
        rows.append(
            {
                "name": disease.name(language),
                "code": disease.icd10[0] if disease.icd10 else "",
                "dangerous": disease.urgency == "emergency",
                "percent": percent(h.probability),
                "width": round(100 * h.probability, 1),
                "speaks_for": [_reason(assistant, r, language) for r in h.speaks_for[:8]],
                "speaks_against": [_reason(assistant, r, language) for r in h.speaks_against[:8]],
                "witnesses": [(labels.get(w, w), f"{v:+.1f}") for w, v in h.contributions.items()],
            }
        )
    return rows


def _reason(assistant: Assistant, reason: Reason, language: Language) -> dict[str, Any]:
    name = assistant.base.concept(reason.ref).name(language)
    if not reason.present:
        name = f"✗ {name}"
    width = round(100 * min(abs(reason.weight) / _STRONGEST, 1))
    return {"name": name, "weight": f"{reason.weight:+.1f}", "width": width}


def evidence_html(answer: Answer, marked: Collection[str] = ()) -> str:
    """The passages that an answer cites, in the order of its numbers, the deciding words marked.

    marked: passages (ids) that the person called wrong.
    """
    items = [
        citation_row(c, answer.language) | {"wrong": c.passage in marked} for c in cited(answer.statements)
    ]
    return render("evidence.html", answer.language, items=items)


def cited(statements: Sequence[Statement]) -> list[Citation]:
    """Each cited passage once, in the order of first use; its place in the list is its number - 1."""
    found: dict[str, Citation] = {}
    for statement in statements:
        for citation in (*statement.citations, *statement.against):
            found.setdefault(citation.passage, citation)
    return list(found.values())


def citation_choices(answer: Answer) -> list[tuple[str, str]]:
    """(label, passage id) of the citations, by their numbers, for the box in which one is called wrong."""
    return [(f"[{i}] {c.title}", c.passage) for i, c in enumerate(cited(answer.statements), 1)]


def citation_row(citation: Citation, language: Language) -> dict[str, Any]:
    """A citation as templates want it."""
    start, end = citation.span
    place = words(language)["page"].format(page=citation.page) if citation.page else citation.section
    return {
        "title": citation.title,
        "publisher": citation.publisher,
        "year": citation.year,
        "url": citation.url,
        "place": place,
        "checked": citation.checked,
        "passage": citation.passage,
        "text": citation.text,
        "before": citation.text[:start],
        "words": citation.text[start:end],
        "after": citation.text[end:],
    }


def understood_lines(assistant: Assistant, case: Case) -> list[str]:
    """What was understood besides findings: the person, readings, medicines."""
    labels, language = words(case.language), case.language
    lines = []
    if case.age is not None:
        years = round(case.age, 1) if case.age < 3 else round(case.age)
        lines.append(f"{labels['age']}: {labels['years'].format(n=years)}")
    elif case.life_stage:
        lines.append(f"{labels['age']}: {labels['years'].format(n=case.life_stage.replace('-', '–'))}")
    if case.sex:
        lines.append(f"{labels['sex']}: {labels[case.sex]}")
    if case.department:
        name = assistant.base.departments[case.department].name(language)
        lines.append(f"{labels['department']}: {name}")
    for measurement in case.measurements.values():
        quantity = assistant.base.quantities[measurement.quantity]
        lines.append(f"{quantity.name(language)}: {measurement.value:g} {quantity.unit}")
    for drug in case.allergies:
        lines.append(f"⚠ {assistant.base.concept(drug).name(language)}")
    return lines


def observation_choices(assistant: Assistant, case: Case, state: str) -> list[tuple[str, str]]:
    """(label, full id) of the observations in one state, for the boxes that can be unticked."""
    return [
        (assistant.base.concept(o.ref).name(case.language), o.ref)
        for o in case.observations.values()
        if o.state == state
    ]
