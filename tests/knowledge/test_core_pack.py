"""The built-in pack: whole, bilingual, sourced, and as wide as promised."""

import csv
import re
from pathlib import Path

import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.coherence import coherence
from knowledge.coverage import TABLES, coverage
from knowledge.lexicon import Lexicon
from knowledge.pack import CORE
from knowledge.resolve import Resolver
from knowledge.sources import against_sources
from knowledge.stats import count

_CHINESE = re.compile(r"[\u3400-\u9fff]")


def test_is_wide_enough(core: KnowledgeBase) -> None:
    counts = count(core)
    full = [d for d in core.diseases.values() if d.tier == "full"]
    assert len(full) >= 260
    assert len({d.department for d in full}) >= 20
    assert counts["red_flags"] >= 120 and counts["drugs"] >= 250 and counts["findings"] >= 1500
    assert counts["passages"] >= 2500
    assert counts["edges_by_basis"].get("estimate", 0) > 0


def test_every_disease_says_enough(core: KnowledgeBase) -> None:
    thin = [
        d.id
        for d in core.diseases.values()
        if d.tier == "full" and (len(d.findings) < 8 or len(d.passages) < 6 or not d.icd10)
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


def test_every_finding_is_known_by_three_names_in_each_language(core: KnowledgeBase) -> None:
    few = [f.id for f in core.findings.values() if min(len(f.names.en), len(f.names.zh)) < 3]
    assert few == []


def test_no_words_mean_two_things(core: KnowledgeBase) -> None:
    assert list(Lexicon(core).ambiguous()) == []


def test_every_name_of_the_scope_means_one_disease(core: KnowledgeBase, data: Path) -> None:
    resolver = Resolver(core)
    with (data / "scope" / "diseases.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    names = [row["name_en"] for row in rows]
    chinese = [name.strip() for row in rows for name in (row["name_zh"] or "").split(" / ") if name.strip()]
    for wanted in (names, chinese):
        lost = [name for name in wanted if resolver.resolve(name) is None]
        assert len(lost) <= 0.03 * len(wanted), lost


def test_other_tables_symptoms_are_there_or_left_out_for_a_reason(core: KnowledgeBase, data: Path) -> None:
    pairs = coverage(core, CORE, data)
    for table in TABLES:
        own = [p for p in pairs if p.table == table]
        assert sum(p.settled for p in own) >= 0.8 * len(own)


def test_drawn_cases_are_found_again(core: KnowledgeBase) -> None:
    rows = coherence(core, 2)
    assert np.mean([r.among_first for r in rows]) >= 0.85
