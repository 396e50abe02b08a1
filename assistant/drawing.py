"""The causal picture: leading hypotheses, their findings and risk factors, drawn as an SVG."""

from typing import Any

from assistant.api import Assistant
from assistant.case import Case
from assistant.differential import Differential
from assistant.panels import render, words
from assistant.phrases import percent
from assistant.view import judge_of
from knowledge.concepts import Language

_DISEASES, _FINDINGS = 3, 14
_WIDTH, _ROW, _BOX = 860, 42, 250
_COLUMNS = (10, 600)


def causes_svg(assistant: Assistant, case: Case, differential: Differential) -> str:
    """Diseases on the left, findings on the right; a line for each link of the graph."""
    language = case.language
    leading = [h.disease for h in differential.hypotheses[:_DISEASES] if h.disease]
    if not leading:
        return f"<p class='quiet'>{words(language)['nothing_yet']}</p>"
    findings = _findings(assistant, case, leading)
    height = max(len(findings), len(leading) * 2) * _ROW + 20
    places = {f"disease:{d}": height / len(leading) * (i + 0.5) for i, d in enumerate(leading)}
    places |= {f"finding:{f}": height / len(findings) * (i + 0.5) for i, f in enumerate(findings)}
    share = {h.disease: h.probability for h in differential.hypotheses[:_DISEASES]}
    nodes = [_disease_node(assistant, d, places[f"disease:{d}"], share[d], language) for d in leading]
    nodes += [_finding_node(assistant, case, f, places[f"finding:{f}"]) for f in findings]
    edges = [
        _edge(assistant, case, d, f, strength, places)
        for d in leading
        for f in findings
        if (strength := assistant.graph.strength(d, f)) >= 0.05
    ]
    return render(
        "causes.svg",
        language,
        width=_WIDTH,
        height=round(height),
        nodes=nodes,
        edges=edges,
        label=words(language)["tab_causes"],
        caption=words(language)["causes_caption"],
    )


def _findings(assistant: Assistant, case: Case, leading: list[str]) -> list[str]:
    """What was observed and is linked first, then what would tell most."""
    judge = judge_of(case, assistant.base)
    linked = list(dict.fromkeys(e.id for d in leading for e in assistant.base.diseases[d].findings))
    observed = [
        o.bare for o in case.observations.values() if o.ref.startswith("finding:") and o.state != "unknown"
    ]
    observed = [f for f in observed if any(assistant.graph.strength(d, f) >= 0.05 for d in leading)]
    open_ones = [f for f in linked if judge.item(f) is None]
    return list(dict.fromkeys([*observed, *open_ones]))[:_FINDINGS]


def _disease_node(
    assistant: Assistant, disease: str, y: float, share: float, language: Language
) -> dict[str, Any]:
    name = assistant.base.diseases[disease].name(language)
    return {
        "kind": "disease",
        "x": _COLUMNS[0],
        "y": round(y),
        "width": _BOX,
        "name": f"{_short(name)} · {percent(share)} %",
        "title": name,
    }


def _finding_node(assistant: Assistant, case: Case, finding: str, y: float) -> dict[str, Any]:
    name = assistant.base.findings[finding].name(case.language)
    return {
        "kind": f"finding {_state(assistant, case, finding)}",
        "x": _COLUMNS[1],
        "y": round(y),
        "width": _BOX,
        "name": _short(name),
        "title": name,
    }


def _edge(
    assistant: Assistant, case: Case, disease: str, finding: str, strength: float, places: dict[str, float]
) -> dict[str, Any]:
    base, language = assistant.base, case.language
    title = words(language)["link_strength"].format(
        disease=base.diseases[disease].name(language),
        finding=base.findings[finding].name(language),
        percent=percent(strength),
    )
    return {
        "x1": _COLUMNS[0] + _BOX,
        "y1": round(places[f"disease:{disease}"]),
        "mx": (_COLUMNS[0] + _BOX + _COLUMNS[1]) // 2,
        "x2": _COLUMNS[1],
        "y2": round(places[f"finding:{finding}"]),
        "kind": _state(assistant, case, finding),
        "width": round(0.6 + 6 * strength, 1),
        "title": title,
    }


def _state(assistant: Assistant, case: Case, finding: str) -> str:
    truth = judge_of(case, assistant.base).item(finding)
    return "open" if truth is None else "present" if truth else "absent"


def _short(name: str) -> str:
    return name if len(name) <= 30 else name[:29] + "…"
