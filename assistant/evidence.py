"""Which passages carry a statement: found by concept, cited with the words that decide."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.context import Context
from assistant.cues import Sense
from assistant.phrases import say
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Passage, Topic
from knowledge.lexicon import Lexicon
from retrieval.support import Support

_DENIED: frozenset[Sense] = frozenset({"negation"})
_OF_THE_DISEASE: tuple[Topic, ...] = ("symptoms", "definition", "cause", "diagnosis", "severity", "red_flag")
"""Topics that say what a disease is like, the plainest first; a treatment names findings for other ends."""
_LEADING_ON: tuple[Topic, ...] = ("outlook", "severity", "red_flag", "definition", "follow_up")
_ORIGIN: tuple[Topic, ...] = ("cause", "definition")
"""Topics in which a disease's own passages speak of what it leads to, and of what led to it."""
_OTHER: dict[Language, Language] = {"en": "zh", "zh": "en"}
Check = Callable[[str, str, Language], Support]
"""What a passage says to something said in a language: (said, passage, language)."""


@dataclass(frozen=True)
class Backing:
    """A finding (bare id) as a passage states or denies it, for one (`asked`) that was looked for.

    says: it in words, as the citation supports it.
    """

    asked: str
    stated: str
    says: str
    citation: "Citation"


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

    def __init__(self, base: KnowledgeBase, lexicon: Lexicon, check: Check) -> None:
        self._base = base
        self._lexicon = lexicon
        self._check = check

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

    def backing(
        self, disease: str, findings: Iterable[str], language: Language, denied: bool = False
    ) -> Iterator[Backing]:
        """For each finding (bare id) that a passage about the disease states, or denies: the best passage.

        A passage about the finding itself is best, then one about a kind of it. What it is a kind of is
        taken last, and only where it is stated.
        """
        for finding in findings:
            above = set() if denied else self._base.ancestors[finding]
            for kin in ({finding}, self._base.descendants[finding], above):
                if found := self._carrying(disease, finding, kin, language, denied):
                    yield found
                    break

    def _carrying(
        self, disease: str, asked: str, kin: Collection[str], language: Language, denied: bool
    ) -> Backing | None:
        for passage in self.about(f"disease:{disease}", _OF_THE_DISEASE) if kin else ():
            for finding, span, is_denied in self._mentioned(passage, language):
                if finding not in kin or is_denied != denied:
                    continue
                name = self._base.findings[finding].name(language)
                says = say(language, "absent", finding=name) if denied else name
                if self._check(says, passage.in_language(language), language).verdict == "supported":
                    return Backing(asked, finding, says, self.cite(passage, language, span))
        return None

    def linking(self, cause: str, effect: str, language: Language) -> Citation | None:
        """A passage that ties two diseases (full ids): one about the cause that names the effect, else one
        about the effect's origin that names the cause. The place of the name decides; where only the other
        language names it in a word that we know, the whole passage does. None without one."""
        for spoken in (language, _OTHER[language]):
            for about, named, topics in ((cause, effect, _LEADING_ON), (effect, cause, _ORIGIN)):
                for passage in self.about(about, topics):
                    if span := self._naming(passage, named, spoken):
                        return self.cite(passage, language, span if spoken == language else None)
        return None

    def _naming(self, passage: Passage, named: str, language: Language) -> tuple[int, int] | None:
        """Where a passage names a concept (full id) without denying it, in a way that the gate lets out."""
        text = passage.in_language(language)
        spans = [
            (m.start, m.end) for m in self._lexicon.mentions(text) if m.manner == "name" and named in m.refs
        ]
        context = Context(text, language) if spans else None
        for start, end in spans:
            denied = context and context.senses(start, end) & _DENIED
            if not denied and self._check(text[start:end], text, language).verdict == "supported":
                return start, end
        return None

    def mentioning(self, ref: str, language: Language) -> list[tuple[Passage, tuple[int, int]]]:
        """Passages that state a finding, with the place."""
        bare = ref.partition(":")[2]
        return [
            (passage, span)
            for passage in self._base.passages.values()
            for f, span, denied in self._mentioned(passage, language)
            if f == bare and not denied
        ]

    def _mentioned(self, passage: Passage, language: Language) -> list[tuple[str, tuple[int, int], bool]]:
        """Findings that a passage names, with the place, and whether it denies them."""
        key = (passage.id, language)
        if key not in self._mentions:
            text = passage.in_language(language)
            context = Context(text, language)
            self._mentions[key] = [
                (
                    ref.removeprefix("finding:"),
                    (m.start, m.end),
                    bool(context.senses(m.start, m.end, m.manner == "scattered") & _DENIED),
                )
                for m in self._lexicon.mentions(text)
                for ref in m.refs
                if ref.startswith("finding:")
            ]
        return self._mentions[key]

    @cached_property
    def _mentions(self) -> dict[tuple[str, Language], list[tuple[str, tuple[int, int], bool]]]:
        return {}

    @cached_property
    def _about(self) -> dict[str, list[Passage]]:
        about: dict[str, list[Passage]] = defaultdict(list)
        for passage in self._base.passages.values():
            for ref in passage.about:
                about[ref].append(passage)
        return dict(about)
