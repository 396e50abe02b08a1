"""What Aetia says of pictures: what they show, how far they move the differential, where they do not fit."""

from collections.abc import Iterator, Sequence

from assistant.case import Case
from assistant.diagnosis import Assessment, Diagnostician
from assistant.events import Event, ImageFinding, Said, Shown
from assistant.phrases import percent, say
from knowledge.concepts import Language

_FITTING = 5
"""Hypotheses that are looked at for one that fits a picture."""

_TELLS = 3.0
"""A likelihood ratio that is worth a word, this much or the reverse of it."""

_EXPECTED = 0.5
"""P(finding | disease) above which its absence from a picture is a surprise."""


def latest_pictures(events: Sequence[Event]) -> list[Shown]:
    """The pictures of the latest turn, in the order they were shown; words may have come with them."""
    turn = list(events[:-1] if events and isinstance(events[-1], Said) else events)
    found: list[Shown] = []
    for event in reversed(turn):
        if not isinstance(event, Shown):
            break
        found.insert(0, event)
    return found


def picture_remarks(
    pictures: Sequence[Shown], case: Case, assessment: Assessment, mind: Diagnostician
) -> Iterator[str]:
    """What the pictures show, the leading diagnoses with and without them, and what does not fit."""
    if not pictures:
        return
    for picture in pictures:
        if picture.described:
            yield picture.described.in_language(case.language)
    story = case.model_copy(update={"images": ()})
    if story.is_empty:
        return
    without = mind.assess(story)
    yield _moved(assessment, without, mind, case.language)
    for picture in pictures:
        for image in picture.findings:
            yield from _surprise(image, without, mind, case.language)


def _moved(with_: Assessment, without: Assessment, mind: Diagnostician, language: Language) -> str:
    """The first three hypotheses, with and without the pictures."""
    before = {h.disease: h.probability for h in without.differential.hypotheses}
    rows = [
        say(
            language, "picture_moved_row",
            disease=mind.base.diseases[h.disease].name(language),
            now=percent(h.probability), before=percent(before.get(h.disease, 0.0)),
        )
        for h in with_.differential.hypotheses[:3]
        if h.disease
    ]  # fmt: skip
    return say(language, "picture_moved", rows=say(language, "picture_between").join(rows))


def _surprise(
    image: ImageFinding, without: Assessment, mind: Diagnostician, language: Language
) -> Iterator[str]:
    """A picture that shows what nothing in the story explains, or lacks what the leading disease would show."""
    leading = [h.disease for h in without.differential.hypotheses[:_FITTING] if h.disease]
    expected = [mind.graph.strength(d, image.finding) for d in leading]
    if not leading or image.finding not in mind.base.findings:
        return
    finding = mind.base.findings[image.finding].name(language)
    if image.likelihood_ratio >= _TELLS and max(expected) < 1 - _EXPECTED:
        yield say(language, "picture_unexplained", finding=finding)
    if image.likelihood_ratio <= 1 / _TELLS and expected[0] >= _EXPECTED:
        disease = mind.base.diseases[leading[0]].name(language)
        yield say(language, "picture_lacks", finding=finding, disease=disease)
