"""What Aetia knows of one disease or finding: its row, its edges both ways, sources, and estimates."""

from typing import Any

from assistant.api import Assistant
from assistant.panels import render, words
from assistant.phrases import percent
from knowledge.concepts import Finding, Language
from knowledge.diseases import Disease, Edge


def concept_html(assistant: Assistant, query: str, language: Language) -> str:
    """A page about the disease or finding that the words name; plain words when there is none."""
    labels = words(language)
    if not query.strip():
        return f"<p class='quiet'>{labels['nothing_yet']}</p>"
    resolved = assistant.resolver.resolve(query)
    if resolved:
        return _disease(assistant, assistant.base.diseases[resolved.disease.partition(":")[2]], language)
    for mention in assistant.dialogue.intake.lexicon.mentions(query):
        for ref in mention.refs:
            bare = ref.partition(":")[2]
            if ref.startswith("finding:"):
                return _finding(assistant, assistant.base.findings[bare], language)
            if ref.startswith("disease:"):
                return _disease(assistant, assistant.base.diseases[bare], language)
    return f"<p class='quiet'>{labels['nothing_yet']}</p>"


def _disease(assistant: Assistant, disease: Disease, language: Language) -> str:
    other: Language = "en" if language == "zh" else "zh"
    rates = ", ".join(f"{band}: {rate:g}" for band, rate in disease.incidence.by_age.items())
    rows = [
        _row(assistant, assistant.base.findings[e.id].name(language), e.probability, e, language)
        for e in sorted(disease.findings, key=lambda e: -e.probability)
    ]
    passages = [
        {"text": p.in_language(language), "source": _titled(assistant, p.source, language)}
        for p in assistant.shelf.about(disease.ref)
    ]
    return render(
        "concept.html",
        language,
        name=disease.name(language),
        other_name=disease.name(other),
        code=", ".join(disease.icd10),
        synonyms=" · ".join(disease.names.in_language(language)[1:]),
        incidence=f"{rates} / 1000 ({words(language)[disease.incidence.basis]})",
        heading=words(language)["findings_of"],
        rows=rows,
        passages=passages,
    )


def _finding(assistant: Assistant, finding: Finding, language: Language) -> str:
    other: Language = "en" if language == "zh" else "zh"
    edges = [
        (disease, edge)
        for disease in assistant.base.diseases.values()
        for edge in disease.findings
        if edge.id == finding.id
    ]
    rows = [
        _row(assistant, disease.name(language), edge.probability, edge, language)
        for disease, edge in sorted(edges, key=lambda pair: -pair[1].probability)
    ]
    return render(
        "concept.html",
        language,
        name=finding.name(language),
        other_name=finding.name(other),
        code=finding.hpo or "",
        synonyms=" · ".join(finding.names.in_language(language)[1:]),
        incidence="",
        heading=words(language)["diseases_of"],
        rows=rows,
        passages=[],
    )


def _row(assistant: Assistant, name: str, chance: float, edge: Edge, language: Language) -> dict[str, Any]:
    return {
        "name": name,
        "percent": percent(chance),
        "basis": words(language)[edge.basis],
        "source": _titled(assistant, edge.source, language) if edge.source else "",
    }


def _titled(assistant: Assistant, source_id: str, language: Language) -> str:
    source = assistant.base.sources[source_id]
    note = "" if source.checked else f" ({words(language)['not_checked']})"
    return f"{source.title}, {source.publisher}{f' {source.year}' if source.year else ''}{note}"
