"""What a pack holds, counted."""

from collections import Counter
from typing import Any

from knowledge.base import KnowledgeBase


def count(base: KnowledgeBase) -> dict[str, Any]:
    """Counts of entries, and of diseases and claims by department, tier, basis, language, source."""
    diseases = base.diseases.values()
    edges = [edge for d in diseases for edge in (*d.findings, *d.risk_factors, *d.causes)]
    used = Counter(p.source for p in base.passages.values())
    return {
        "pack": f"{base.name} {base.version}",
        "diseases": len(base.diseases),
        "findings": len(base.findings),
        "risk_factors": len(base.risk_factors),
        "drugs": len(base.drugs),
        "red_flags": len(base.red_flags),
        "passages": len(base.passages),
        "sources": len(base.sources),
        "sources_checked": sum(s.checked for s in base.sources.values()),
        "by_department": dict(Counter(d.department for d in diseases).most_common()),
        "by_tier": dict(Counter(d.tier for d in diseases).most_common()),
        "edges_by_basis": dict(Counter(edge.basis for edge in edges).most_common()),
        "edges_with_source": sum(edge.source is not None for edge in edges),
        "names_by_language": {
            language: sum(len(entry.names.in_language(language)) for entry in base.concepts())
            for language in ("en", "zh")
        },
        "passages_by_publisher": dict(
            Counter({base.sources[s].publisher: 0 for s in used})
            + sum((Counter({base.sources[s].publisher: n}) for s, n in used.items()), Counter())
        ),
        "passages_by_topic": dict(Counter(p.topic for p in base.passages.values()).most_common()),
    }


def in_words(counts: dict[str, Any]) -> str:
    """The counts as lines of text."""
    lines = []
    for key, value in counts.items():
        title = key.replace("_", " ")
        if isinstance(value, dict):
            parts = ", ".join(f"{name} {number}" for name, number in value.items())
            lines.append(f"{title}: {parts}")
        else:
            lines.append(f"{title}: {value}")
    return "\n".join(lines)
