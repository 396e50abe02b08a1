"""Which passages carry a statement: found by concept, cited with the words that decide."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.context import Context, Sense
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Passage, Topic
from knowledge.lexicon import Lexicon

_NOT_STATED: frozenset[Sense] = frozenset({"negation"})


@dataclass(frozen=True)
class Citation:
    """A passage that says it.

    text: the passage in the language of the answer. span: the deciding words in it. checked: whether
    the source's text was at hand when the passage was written.
    """

    passage: str
    source: str
    title: str
    publisher: str
    year: int | None
    url: str | None
    page: int | None
    section: str | None
    text: str
    span: tuple[int, int]
    checked: bool


class EvidenceShelf:
    """The pack's passages, by what they are about and what they mention."""

    def __init__(self, base: KnowledgeBase, lexicon: Lexicon) -> None:
        self._base = base
        self._lexicon = lexicon

    def cite(self, passage: Passage, language: Language, span: tuple[int, int] | None = None) -> Citation:
        """A citation of a passage; the whole of it decides when no span is given."""
        source = self._base.sources[passage.source]
        text = passage.in_language(language)
        return Citation(
            passage.id,
            source.id,
            source.title,
            source.publisher,
            source.year,
            source.url,
            passage.page,
            passage.section,
            text,
            span or (0, len(text)),
            source.checked,
        )

    def about(self, ref: str, topics: Sequence[Topic] = ()) -> list[Passage]:
        """Passages about a concept, those of earlier topics first."""
        passages = self._about.get(ref, [])
        if not topics:
            return passages
        kept = [p for p in passages if p.topic in topics]
        return sorted(kept, key=lambda p: topics.index(p.topic))

    def supporting(
        self, disease: str, findings: Iterable[str], language: Language
    ) -> list[tuple[str, Citation]]:
        """For each finding (bare id) that a passage about the disease mentions: it, and the citation."""
        supported = []
        for finding in findings:
            kin = {finding} | self._base.ancestors[finding] | self._base.descendants[finding]
            for passage in self.about(f"disease:{disease}"):
                span = next((span for f, span in self._mentioned(passage, language) if f in kin), None)
                if span:
                    supported.append((finding, self.cite(passage, language, span)))
                    break
        return supported

    def mentioning(self, ref: str, language: Language) -> list[tuple[Passage, tuple[int, int]]]:
        """Passages that mention a finding, with the place."""
        bare = ref.partition(":")[2]
        return [
            (passage, span)
            for passage in self._base.passages.values()
            for f, span in self._mentioned(passage, language)
            if f == bare
        ]

    def _mentioned(self, passage: Passage, language: Language) -> list[tuple[str, tuple[int, int]]]:
        """Findings that a passage states, with the place; one that it denies carries nothing."""
        key = (passage.id, language)
        if key not in self._mentions:
            text = passage.in_language(language)
            context = Context(text, language)
            self._mentions[key] = [
                (ref.removeprefix("finding:"), (m.start, m.end))
                for m in self._lexicon.mentions(text)
                if not context.senses(m.start, m.end, m.manner == "scattered") & _NOT_STATED
                for ref in m.refs
                if ref.startswith("finding:")
            ]
        return self._mentions[key]

    @cached_property
    def _mentions(self) -> dict[tuple[str, Language], list[tuple[str, tuple[int, int]]]]:
        return {}

    @cached_property
    def _about(self) -> dict[str, list[Passage]]:
        about: dict[str, list[Passage]] = defaultdict(list)
        for passage in self._base.passages.values():
            for ref in passage.about:
                about[ref].append(passage)
        return dict(about)
