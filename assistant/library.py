"""Everything that can be searched: the pack's passages and an index of documents beside them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.base import KnowledgeBase
from knowledge.errors import AetiaError
from knowledge.lexicon import Lexicon
from knowledge.pack import load_pack
from retrieval.embedding import Encoder
from retrieval.index import names, open_store
from retrieval.search import Hit, Searcher
from retrieval.vector_cache import ship

SHIPPED = Path(__file__).parent / "weights" / "vectors.npy"
"""Vectors of the built-in pack's passages, so that a first search need not make them."""


@dataclass(frozen=True)
class Found:
    """A hit in words or as JSON."""

    hit: Hit

    def as_json(self) -> dict[str, Any]:
        """Passage, source and place."""
        p = self.hit.passage
        return {
            "id": p.id,
            "score": round(self.hit.score, 5),
            "ranks": dict(self.hit.ranks),
            "title": p.title,
            "publisher": p.publisher,
            "url": p.url,
            "date": p.date,
            "licence": p.licence,
            "section": list(p.section),
            "page": p.page,
            "start": p.start,
            "end": p.end,
            "text": p.text,
        }

    def in_words(self) -> str:
        """A heading with source, licence and place, and the text."""
        p = self.hit.passage
        place = [f"p. {p.page}" if p.page else "", " › ".join(p.section), f"{p.start}–{p.end}"]
        heading = ", ".join(part for part in (p.title, p.publisher, p.date, p.licence, *place) if part)
        return f"{heading}\n{p.url or p.id}\n{p.text}"


@dataclass(frozen=True)
class Wanted:
    """Which passages may be found; None lets all. department: id; only passages of the pack have one.
    since: an ISO date or its beginning."""

    topic: str | None = None
    department: str | None = None
    publisher: str | None = None
    licence: str | None = None
    since: str | None = None


class Library:
    """The pack's passages together with an index of documents, when there is one of that name."""

    def __init__(self, base: KnowledgeBase, index: str) -> None:
        self._base = base
        self._searcher = searcher_over(base, index)

    def search(self, query: str, count: int, wanted: Wanted | None = None) -> list[Found]:
        """The best passages for a question in either language. Raises AetiaError for an unknown department."""
        wanted = wanted or Wanted()
        found = self._searcher.search(query, count, filters=self._filters(wanted), since=wanted.since)
        return [Found(hit) for hit in found]

    def _filters(self, wanted: Wanted) -> dict[str, set[str]]:
        chosen = {"topic": wanted.topic, "publisher": wanted.publisher, "licence": wanted.licence}
        filters = {field: {value} for field, value in chosen.items() if value}
        if wanted.department:
            if wanted.department not in self._base.departments:
                known = ", ".join(sorted(self._base.departments))
                raise AetiaError(f"There is no department `{wanted.department}`; there are {known}.")
            diseases = self._base.diseases.items()
            filters["about"] = {f"disease:{i}" for i, d in diseases if d.department == wanted.department}
        return filters


def searcher_over(base: KnowledgeBase, index: str) -> Searcher:
    """Searches a pack's passages and the index of that name, when there is one."""
    lexicon = Lexicon(base)

    def expand(text: str) -> str:
        refs = dict.fromkeys(ref for mention in lexicon.mentions(text) for ref in mention.refs)
        return " ".join(base.concept(ref).name("en") for ref in refs)

    stores = [open_store(index)] if index in names() else []
    return Searcher.over(base.passages.values(), base.sources, stores, expand=expand, shipped=[SHIPPED])


def open_library(index: str) -> Library:
    """The built-in pack and the index of that name."""
    return Library(load_pack(), index)


def ship_vectors() -> str:
    """Write the vectors that come with the built-in pack; says where."""
    ship([passage.en for passage in load_pack().passages.values()], Encoder.load(), SHIPPED)
    return str(SHIPPED)
