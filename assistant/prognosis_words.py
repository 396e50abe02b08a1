"""A prognosis in words: each statement with its citation; what pictures add is Aetia's own reading."""

from collections.abc import Iterator

from assistant.answer import Statement
from assistant.case import Case
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer
from assistant.phrases import listed, percent, say
from assistant.prognosis import Complication, Factor, Prognosis, Stage
from assistant.seen import Seen
from knowledge.concepts import Language

_COURSE, _FACTORS, _COMPLICATIONS, _CHECKS, _WARNINGS = 3, 2, 3, 2, 1


class PrognosisTeller:
    """Puts prognoses into words; made once."""

    def __init__(self, explainer: Explainer, shelf: EvidenceShelf) -> None:
        self._explain = explainer
        self._shelf = shelf

    def statements(self, prognosis: Prognosis, case: Case) -> Iterator[Statement]:
        """What is told of it in a conversation, each passage once: the course, what counts in this person,
        complications, checks, and when to come back."""
        language = case.language
        told: set[str] = set()
        course = (self.stage(s, prognosis, language) for s in self.course(prognosis)[:_COURSE])
        yield from _new(course, told)
        yield from _new((self.factor(f, language) for f in prognosis.factors[:_FACTORS]), told)
        for complication in prognosis.complications[:_COMPLICATIONS]:
            yield self.complication(complication, prognosis, language)
        for kind, limit in (("follow_up", _CHECKS), ("come_back", _WARNINGS)):
            stages = [s for s in prognosis.stages if s.kind == kind][:limit]
            yield from _new((self.stage(s, prognosis, language) for s in stages), told)

    def course(self, prognosis: Prognosis) -> list[Stage]:
        """The claims about the course: those that name a time first, the earliest before the later."""
        timed = [s for s in prognosis.timed if s.kind == "outlook"]
        return [*timed, *(s for s in prognosis.stages if s.kind == "outlook" and s.moment is None)]

    def notes(self, prognosis: Prognosis, language: Language) -> Iterator[str]:
        """That no source names a time, and what the pictures show."""
        if not prognosis.gives_a_time:
            yield say(language, "no_time", disease=self._explain.name(prognosis.disease.ref, language))
        for seen in prognosis.seen:
            yield self.seen(seen, language)

    def stage(self, stage: Stage, prognosis: Prognosis, language: Language) -> Statement:
        """A claim about the course in its own words, the time marked."""
        text = stage.passage.in_language(language)
        span = (stage.moment.start, stage.moment.end) if stage.moment else None
        cited = self._shelf.cite(stage.passage, language, span)
        return Statement(text, (cited,), stage.kind, prognosis.disease.ref)

    def factor(self, factor: Factor, language: Language) -> Statement:
        """What a passage says of people like this one, with the reason why it is told."""
        said = factor.passage.in_language(language)
        between = "" if language == "zh" else " "
        text = between.join([say(language, "for_you", about=self.about(factor.about, language)), said])
        cited = self._shelf.cite(factor.passage, language, factor.span)
        return Statement(text, (cited,), "outlook", factor.about, (said,))

    def complication(self, entry: Complication, prognosis: Prognosis, language: Language) -> Statement:
        """A complication with its chance, and what makes it likelier here."""
        name = self._explain.name
        citation = entry.citation
        text = say(
            language,
            "complication",
            disease=name(prognosis.disease.ref, language),
            complication=name(f"disease:{entry.disease}", language),
            percent=percent(entry.chance),
            basis=say(language, f"basis_{entry.basis}"),
        )
        says, cited = [citation.text[slice(*citation.span)]], [citation]
        if entry.likelier:
            facts = listed(language, [name(ref, language) for ref, _ in entry.likelier])
            text += ("" if language == "zh" else " ") + say(language, "complication_likelier", facts=facts)
            says += [c.text[slice(*c.span)] for _, c in entry.likelier]
            cited += [c for _, c in entry.likelier]
        about = f"disease:{entry.disease}"
        return Statement(text, tuple(dict.fromkeys(cited)), "complication", about, tuple(says))

    def seen(self, seen: Seen, language: Language) -> str:
        """What the latest picture shows, where and how large, and how it differs from the one before."""
        finding = self._explain.name(f"finding:{seen.finding}", language)
        parts = [say(language, "seen", finding=finding, percent=percent(seen.probability))]
        if seen.position:
            parts.append(say(language, "picture_region", position=seen.position.in_language(language)))
        if seen.size_mm:
            width, height = seen.size_mm
            parts.append(say(language, "seen_size", width=f"{width:.0f}", height=f"{height:.0f}"))
        if seen.before:
            parts.append(say(language, "seen_before", percent=percent(seen.before.probability)))
        if seen.growth is not None:
            parts.append(say(language, "seen_growth", times=f"{seen.growth:.1f}"))
        return ("" if language == "zh" else " ").join(parts)

    def about(self, ref: str, language: Language) -> str:
        """A fact about the person in words."""
        return say(language, "about_age") if ref == "age" else self._explain.name(ref, language)


def _new(statements: Iterator[Statement], told: set[str]) -> Iterator[Statement]:
    """Those whose passage was not told yet."""
    for statement in statements:
        passage = statement.citations[0].passage
        if passage not in told:
            told.add(passage)
            yield statement
