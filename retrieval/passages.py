"""Documents -> passages: a few sentences of one section, with offsets into the stored text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from knowledge.concepts import Language, Passage, Source
from retrieval.documents import Document, Section
from retrieval.sentences import spans
from retrieval.words import language_of

Span = tuple[int, int]

MAX_CHARACTERS: Mapping[Language, int] = {"en": 900, "zh": 400}
"""Of a passage: about 200 of the 256 tokens that the encoder reads."""
OVERLAP_CHARACTERS: Mapping[Language, int] = {"en": 160, "zh": 70}
"""Whole sentences up to this length are repeated at the head of the next passage."""

_PARAGRAPH, _PAGE_BREAK = "\n\n", " \n"
"""Stand between sections in the stored text; of one length. A page break does not end a sentence."""


@dataclass(frozen=True, slots=True)
class TextPassage:
    """Something that can be found and cited.

    text: what stands at [start, end) of the stored text of the document. section: headings from the
    outermost in. document: SHA-256 of the file, or of the text for a passage of the pack.
    translations: the same in other languages. topic, about: as in knowledge.concepts.Passage.
    """

    id: str
    text: str
    language: Language
    title: str
    publisher: str | None = None
    url: str | None = None
    date: str | None = None
    licence: str | None = None
    section: tuple[str, ...] = ()
    page: int | None = None
    start: int = 0
    end: int = 0
    document: str = ""
    source: str = ""
    topic: str | None = None
    about: tuple[str, ...] = ()
    translations: Mapping[Language, str] = field(default_factory=dict)

    def in_language(self, language: Language) -> str:
        """The text in a language where there is one, else as it was written."""
        return self.translations.get(language, self.text)


def of_pack(passage: Passage, source: Source) -> TextPassage:
    """A passage of the pack with its source's particulars; English is the text, Chinese the translation."""
    return TextPassage(
        id=passage.id,
        text=passage.en,
        language="en",
        title=source.title,
        publisher=source.publisher,
        url=source.url,
        date=str(source.year) if source.year else None,
        licence=source.licence,
        section=(passage.section,) if passage.section else (),
        page=passage.page,
        end=len(passage.en),
        source=source.id,
        topic=passage.topic,
        about=passage.about,
        translations={"zh": passage.zh},
    )


def stored_text(document: Document) -> str:
    """The text that offsets count in: all sections, in order."""
    parts: list[str] = []
    for before, section in pairwise((None, *document.sections)):
        if before is not None:
            parts.append(_PAGE_BREAK if _goes_on(before, section) else _PARAGRAPH)
        parts.append(section.text if section else "")
    return "".join(parts)


def _goes_on(before: Section, section: Section | None) -> bool:
    """Whether a section is the same one on its next page."""
    return section is not None and section.page is not None and section.path == before.path


def split(document: Document) -> Iterator[TextPassage]:
    """The passages of a document, in order.

    A passage never crosses a heading. A page break within a section does not cut a sentence: the
    passage then carries the page on which it begins.
    """
    text = stored_text(document)
    for start, end, marks in _stretches(document.sections):
        for left, right in windows(text, start, end):
            section = next(s for at, s in reversed(marks) if at <= left)
            yield TextPassage(
                id=f"{document.id}#{left}-{right}",
                text=text[left:right],
                language=language_of(text[left:right]),
                title=document.title,
                publisher=document.publisher,
                url=document.url,
                date=document.date,
                licence=document.licence,
                section=section.path,
                page=section.page,
                start=left,
                end=right,
                document=document.sha256,
            )


def _stretches(sections: Sequence[Section]) -> Iterator[tuple[int, int, list[tuple[int, Section]]]]:
    """Start, end, and the sections with their starts, for each run of sections under one heading."""
    at = 0
    for _, run in groupby(sections, key=lambda section: section.path):
        marks: list[tuple[int, Section]] = []
        for section in run:
            marks.append((at, section))
            at += len(section.text) + len(_PARAGRAPH)
        yield marks[0][0], at - len(_PARAGRAPH), marks


def windows(text: str, start: int, end: int) -> Iterator[Span]:
    """Spans of whole sentences within [start, end), as long as allowed, each overlapping the one before."""
    language = language_of(text[start:end])
    longest, overlap = MAX_CHARACTERS[language], OVERLAP_CHARACTERS[language]
    sentences = [
        piece
        for left, right in spans(text[start:end])
        for piece in _pieces(text, start + left, start + right, longest)
    ]
    first = 0
    while first < len(sentences):
        last = first
        while last + 1 < len(sentences) and sentences[last + 1][1] - sentences[first][0] <= longest:
            last += 1
        yield sentences[first][0], sentences[last][1]
        if last + 1 == len(sentences):
            return
        end_of_this = sentences[last][1]
        following = last + 1
        while following - 1 > first and end_of_this - sentences[following - 1][0] <= overlap:
            following -= 1
        if sentences[last + 1][1] - sentences[following][0] > longest:
            following = last + 1
        first = following


def _pieces(text: str, left: int, right: int, longest: int) -> Iterator[Span]:
    """A sentence too long for a passage, cut at blanks (a table, a list without full stops)."""
    while right - left > longest:
        cut = max(text.rfind(" ", left + 1, left + longest), text.rfind("\n", left + 1, left + longest))
        cut = cut if cut > left else left + longest
        yield left, cut
        left = cut + (text[cut].isspace())
    if text[left:right].strip():
        yield left, right
