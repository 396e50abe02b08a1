"""Every claim in a pack is a passage: it has an id, a topic, a source, and can be found and cited."""

from collections.abc import Iterator, Sequence

from knowledge import concepts as c
from knowledge.diseases import Disease
from knowledge.medicines import Drug, DrugClass

_DISEASE_TOPICS: dict[str, c.Topic] = {
    "severity": "severity",
    "workup": "diagnosis",
    "treatment": "treatment",
    "outlook": "outlook",
    "follow_up": "follow_up",
    "self_care": "self_care",
    "come_back_if": "red_flag",
}
_DRUG_TOPICS: dict[str, c.Topic] = {
    "uses": "treatment",
    "contraindications": "treatment",
    "interactions": "treatment",
    "harms": "treatment",
    "doses": "treatment",
}


def passages_of(entry: Disease | Drug | DrugClass | c.Target | c.RedFlag) -> Iterator[c.Passage]:
    """The passages that an entry holds; ids are `<entry>/<field>/<number from 1>` or `<entry>/<id>`."""
    if isinstance(entry, c.RedFlag):
        text = c.Text(en=f"{entry.en} {entry.do.en}", zh=f"{entry.zh}{entry.do.zh}")
        yield _passage(entry, f"red_flag/{entry.id}", "red_flag", (), text)
        return
    if isinstance(entry, c.Target):
        yield _passage(entry, f"target/{entry.id}", "prevention", (entry.ref,), entry)
        return
    if isinstance(entry, DrugClass):
        for number, reaction in enumerate(entry.reacts, 1):
            name = f"class/{entry.id}/reacts/{number}"
            yield _passage(reaction, name, "treatment", (entry.ref,), reaction)
        return
    topics = _DISEASE_TOPICS if isinstance(entry, Disease) else _DRUG_TOPICS
    for field, topic in topics.items():
        claims: Sequence[c.Claim] = getattr(entry, field)
        for number, claim in enumerate(claims, 1):
            yield _passage(claim, claim_id(entry, field, number), topic, (entry.ref,), claim)
    if isinstance(entry, Disease):
        for p in entry.passages:
            yield _passage(p, f"{entry.id}/{p.id}", p.topic, (entry.ref,), p)


def claim_id(entry: Disease | Drug, field: str, number: int) -> str:
    """Passage id of the number-th claim (from 1) in a field of an entry."""
    return f"{entry.id}/{field}/{number}"


def _passage(
    place: c.Sourced, passage_id: str, topic: c.Topic, about: tuple[str, ...], text: c.Text
) -> c.Passage:
    return c.Passage(
        id=passage_id,
        topic=topic,
        about=about,
        en=text.en,
        zh=text.zh,
        source=place.source,
        page=place.page,
        section=place.section,
    )
