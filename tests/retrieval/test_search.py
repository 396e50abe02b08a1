"""Fused search against ranks worked out one by one, on a small bilingual world."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.concepts import Language, Passage, Source
from knowledge.errors import AetiaError
from retrieval import index
from retrieval.bm25 import Bm25, TermCounts
from retrieval.corpus import Corpus, text_to_count
from retrieval.embedding import Encoder
from retrieval.passages import TextPassage
from retrieval.search import Searcher, fused
from retrieval.vector_cache import VectorCache
from retrieval.words import Words
from tests.retrieval.tiny import TinyEncoder

FACTS = [
    (
        "pneumonia/a",
        "symptoms",
        "Pneumonia brings fever, cough and fast breathing.",
        "肺炎可有发热、咳嗽和呼吸急促。",
    ),
    ("pneumonia/b", "treatment", "Pneumonia is treated with amoxicillin.", "肺炎用阿莫西林治疗。"),
    ("gout/a", "symptoms", "Gout makes the big toe red and painful.", "痛风使大脚趾红肿疼痛。"),
    ("gout/b", "treatment", "Gout attacks are treated with colchicine.", "痛风发作用秋水仙碱治疗。"),
    ("asthma/a", "symptoms", "Asthma causes wheeze and tightness of the chest.", "哮喘引起喘息和胸闷。"),
]
PASSAGES = [
    Passage(id=i, topic=topic, about=(f"disease:{i.split('/')[0]}",), en=en, zh=zh, source="book")
    for i, topic, en, zh in FACTS
]
SOURCES = {"book": Source(id="book", title="A book", publisher="A house", year=2024, licence="CC0")}


def searcher(tiny: object, **options: object) -> Searcher:
    return Searcher.over(PASSAGES, SOURCES, encoder=tiny, **options)  # type: ignore[arg-type]


def slow_fusion(rankings: dict[str, list[int]]) -> list[tuple[int, float]]:
    rows = {row for ranking in rankings.values() for row in ranking}
    scores = {
        r: sum(1 / (61 + ranking.index(r)) for ranking in rankings.values() if r in ranking) for r in rows
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), unique=True))
def test_fusion_is_the_sum_of_reciprocal_ranks(one: list[int], other: list[int]) -> None:
    rankings = {"dense": one, "bm25": other}
    assert [(row, pytest.approx(score)) for row, score, _ in fused(rankings)] == slow_fusion(rankings)


def test_hits_are_those_of_both_rankings_worked_out_apart(tiny: TinyEncoder) -> None:
    query = "pneumonia fever treatment"
    found = searcher(tiny)
    vectors = tiny.encode([p.en for p in PASSAGES]).astype("float16").astype("float32")
    cosines = (vectors @ tiny.encode([query])[0]).tolist()
    words = found._words
    scores = Bm25(TermCounts.of([words.terms(text_to_count(p)) for p in found.passages])).scores(
        words.terms(query)
    )
    rankings = {
        "dense": sorted(range(5), key=lambda row: -cosines[row]),
        "bm25": [row for row in sorted(range(5), key=lambda row: -scores[row]) if scores[row] > 0],
    }
    expected = slow_fusion(rankings)
    hits = found.search(query, k=5)
    assert [hit.passage.id for hit in hits] == [PASSAGES[row].id for row, _ in expected]
    assert [hit.score for hit in hits] == pytest.approx([score for _, score in expected])
    assert all(
        rankings[name][rank - 1] == found.passages.index(h.passage)
        for h in hits
        for name, rank in h.ranks.items()
    )


def test_chinese_words_find_bilingual_passages_and_expansion_adds_meaning(tiny: TinyEncoder) -> None:
    plain = searcher(tiny).search("痛风怎么治疗", k=1)[0]
    assert plain.passage.id == "gout/b"
    assert "dense" not in plain.ranks
    assert plain.passage.in_language("zh") == "痛风发作用秋水仙碱治疗。"
    expanded = searcher(
        tiny, expand=lambda text: "Gout attacks are treated with colchicine." if "痛风" in text else ""
    ).search("痛风怎么治疗", k=1)[0]
    assert expanded.passage.id == "gout/b"
    assert "dense" in expanded.ranks


def test_filters(tiny: TinyEncoder) -> None:
    found = searcher(tiny)
    assert {h.passage.topic for h in found.search("fever", filters={"topic": ["treatment"]})} == {"treatment"}
    about = found.search("treated", filters={"about": ["disease:gout"], "topic": ["treatment"]})
    assert [h.passage.id for h in about] == ["gout/b"]
    assert len(found.search("fever", filters={"publisher": ["A house"], "licence": ["CC0"]})) == len(PASSAGES)
    assert found.search("fever", filters={"licence": ["CC BY 4.0"]}) == []
    assert found.search("fever", since="2024")
    assert found.search("fever", since="2025") == []
    with pytest.raises(AetiaError, match="Cannot filter by colour"):
        found.search("fever", filters={"colour": ["red"]})


def test_nothing_asked_and_nothing_found(tiny: TinyEncoder) -> None:
    found = searcher(tiny)
    assert found.search("  ") == []
    assert found.search("fever", k=0) == []
    assert found.search("fever", filters={"topic": []}) == []
    assert Searcher([], tiny, found._words).search("fever") == []  # type: ignore[arg-type]


def test_vectors_of_two_encoders_do_not_mix(tmp_path: Path, tiny: TinyEncoder) -> None:
    (tmp_path / "a.txt").write_text("Gout")
    index.build([tmp_path / "a.txt"], encoder=tiny)
    other = TinyEncoder()
    other.sha256 = "other"
    with pytest.raises(AetiaError, match="another embedding model"):
        searcher(other, stores=[index.open_store()])


def test_a_store_is_searched_with_the_pack_and_language_is_kept_to(tmp_path: Path, tiny: TinyEncoder) -> None:
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"title": "痛风指南", "text": "急性痛风首选秋水仙碱，肾功能不全者慎用。"})
        + "\n"
        + json.dumps({"title": "Gout guide", "text": "Colchicine is taken early in gout."})
    )
    index.build([tmp_path / "a.jsonl"], encoder=tiny)
    found = searcher(tiny, stores=[index.open_store()])
    titles = [h.passage.title for h in found.search("colchicine gout", k=3, language="en")]
    assert "Gout guide" in titles
    assert "痛风指南" not in titles
    assert "痛风指南" in [h.passage.title for h in found.search("急性痛风秋水仙碱", k=3, language="zh")]


def test_a_pack_starts_quickly_the_second_time_without_the_network(tiny: TinyEncoder) -> None:
    passages = [
        Passage(id=f"p/{n}", topic="symptoms", en=f"{en} Case {n}.", zh=f"{zh}第{n}例。", source="book")
        for n in range(400)
        for _, _, en, zh in FACTS[n % 5 : n % 5 + 1]
    ]
    told: list[tuple[int, int]] = []
    Searcher.over(passages, SOURCES, encoder=tiny, progress=lambda *at: told.append(at))  # type: ignore[arg-type]
    assert told[-1] == (400, 400)
    tiny.encoded.clear()
    started = time.perf_counter()
    found = Searcher.over(passages, SOURCES, encoder=tiny)  # type: ignore[arg-type]
    assert time.perf_counter() - started < 3  # 1.5 s on an idle machine, see benchmarks/search_speed.py
    assert tiny.encoded == []
    assert found.search("Pneumonia fever", k=1)


def test_with_the_real_encoder_meaning_bridges_different_words(encoder: Encoder) -> None:
    hits = searcher(encoder).search("shortness of breath and high temperature", k=2)
    assert hits[0].passage.id == "pneumonia/a"
    assert hits[0].passage.publisher == "A house"


@pytest.mark.parametrize(
    ("asked", "found"), [("呼吸困难和高热", "en/pneumonia"), ("joint pain in the big toe", "zh/gout")]
)
def test_with_the_real_encoder_each_language_finds_the_other_without_expansion(
    encoder: Encoder, tmp_path: Path, asked: str, found: str
) -> None:
    texts: tuple[tuple[str, Language, str], ...] = (
        ("en/pneumonia", "en", "Pneumonia brings fever, cough and shortness of breath."),
        ("en/fracture", "en", "A broken wrist is put in a plaster cast."),
        ("zh/gout", "zh", "痛风使大脚趾关节剧烈疼痛。"),
        ("zh/cataract", "zh", "白内障使视力逐渐下降。"),
    )
    passages = [TextPassage(id=i, text=text, language=language, title="") for i, language, text in texts]
    corpus = Corpus.of(passages, VectorCache(tmp_path, encoder), Words())
    hits = Searcher([corpus], encoder, Words()).search(asked, k=1)
    assert [hit.passage.id for hit in hits] == [found]
