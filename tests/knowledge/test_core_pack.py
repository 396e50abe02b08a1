"""The built-in pack: whole, bilingual, sourced, and as wide as promised."""

import re
from pathlib import Path

from knowledge.base import KnowledgeBase
from knowledge.resolve import Resolver
from knowledge.sources import against_sources
from knowledge.stats import count

_CHINESE = re.compile(r"[\u3400-\u9fff]")


def test_is_wide_enough(core: KnowledgeBase) -> None:
    counts = count(core)
    full = [d for d in core.diseases.values() if d.tier == "full"]
    assert len(full) >= 60
    assert len({d.department for d in full}) >= 12
    assert counts["edges_by_basis"].get("estimate", 0) > 0


def test_every_disease_says_enough(core: KnowledgeBase) -> None:
    thin = [
        d.id
        for d in core.diseases.values()
        if d.tier == "full" and (len(d.findings) < 8 or len(d.passages) < 5 or not d.icd10)
    ]
    assert thin == []


def test_both_languages_are_what_they_say(core: KnowledgeBase) -> None:
    wrong = [p.id for p in core.passages.values() if not _CHINESE.search(p.zh) or _CHINESE.search(p.en)]
    wrong += [f.id for f in core.findings.values() if not _CHINESE.search(f.question.zh)]
    assert wrong == []


def test_every_name_means_its_disease(core: KnowledgeBase) -> None:
    resolver = Resolver(core)
    lost = [
        (name, disease.id)
        for disease in core.diseases.values()
        for name in (*disease.names.en, *disease.names.zh)
        if (found := resolver.resolve(name)) is None or found.disease != disease.ref
    ]
    assert lost == []


def test_every_claim_stands_in_its_document(core: KnowledgeBase, data: Path) -> None:
    assert [str(f) for f in against_sources(core, data)] == []
