"""The immutable record of a case, and how it is folded from events."""

from collections.abc import Iterable, Mapping

from assistant.events import (
    Asked,
    Chose,
    Described,
    Event,
    Excluded,
    Generated,
    ImageFinding,
    Marked,
    Measurement,
    Observation,
    Replied,
    Said,
    Shown,
    Skipped,
    State,
    Struck,
    Suggested,
)
from assistant.life_stages import about_age
from knowledge.concepts import AgeBand, Entry, Language, Sex


class Case(Entry):
    """What is known of one person now."""

    language: Language = "en"
    """What answers are written in: the language chosen, else that of the latest words."""
    language_chosen: bool = False
    age: float | None = None
    sex: Sex | None = None
    life_stage: AgeBand | None = None
    """About how old the person is, where no age was told."""
    department: str | None = None
    """Where the person is seen (bare id)."""
    observations: dict[str, Observation] = {}
    """Full id -> the latest observation of it."""
    measurements: dict[str, Measurement] = {}
    allergies: tuple[str, ...] = ()
    images: tuple[ImageFinding, ...] = ()
    excluded: frozenset[str] = frozenset()
    asked: tuple[str, ...] = ()
    asked_in_a_row: int = 0
    """Questions since the person last told something that was not asked for."""
    texts: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    """The texts without the diseases that they ask about: what a witness reads."""
    doubtful: tuple[str, ...] = ()
    marked: frozenset[str] = frozenset()
    """Passages that the person called wrong."""
    suggested: dict[str, Observation] = {}
    """Full id -> what a language model read, not confirmed by the person; no evidence."""

    @property
    def about_age(self) -> float | None:
        """Years: the age that was told, else one from the middle of the stage of life."""
        return about_age(self.age, self.life_stage)

    def state(self, ref: str) -> State | None:
        """What is known of a full id; None when it was never mentioned."""
        observation = self.observations.get(ref)
        return observation.state if observation else None

    def refs(self, prefix: str, state: State) -> frozenset[str]:
        """Bare ids of one kind in one state."""
        return frozenset(
            o.bare for o in self.observations.values() if o.state == state and o.ref.startswith(f"{prefix}:")
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said that a diagnosis could start from."""
        return not self.images and not any(
            o.state == "present" and not o.ref.startswith("drug:") for o in self.observations.values()
        )


def fold(events: Iterable[Event], ancestors: Mapping[str, frozenset[str]]) -> Case:
    """The case that a list of events amounts to.

    ancestors: bare finding id -> the findings that it is one of (KnowledgeBase.ancestors). What is
    said later wins, along the is-a of findings too: "no cough" takes back a dry cough.
    """
    case = Case()
    for event in events:
        case = _after(case, event, ancestors)
    return case


def _after(case: Case, event: Event, ancestors: Mapping[str, frozenset[str]]) -> Case:
    match event:
        case Said():
            return _heard(case, event, ancestors)
        case Asked():
            row = case.asked_in_a_row + 1
            asked = (*case.asked, *event.beside, event.ref)
            return case.model_copy(update={"asked": asked, "asked_in_a_row": row})
        case Replied():
            state: State = "unknown" if event.value is None else "present" if event.value else "absent"
            return with_observations(
                case, [Observation(ref=event.ref, state=state, manner="asked")], ancestors
            )
        case Chose():
            return with_observations(case, _chosen(event), ancestors)
        case Skipped():
            return case
        case Struck():
            kept = {ref: o for ref, o in case.observations.items() if ref != event.ref}
            left = {ref: o for ref, o in case.suggested.items() if ref != event.ref}
            return case.model_copy(update={"observations": kept, "suggested": left})
        case Shown():
            return case.model_copy(update={"images": (*case.images, *event.findings), "asked_in_a_row": 0})
        case Excluded():
            changed = case.excluded | {event.disease} if event.excluded else case.excluded - {event.disease}
            return case.model_copy(update={"excluded": changed})
        case Marked():
            changed = case.marked | {event.passage} if event.wrong else case.marked - {event.passage}
            return case.model_copy(update={"marked": changed})
        case Described():
            given = {k: v for k in ("age", "sex", "language") if (v := getattr(event, k)) is not None}
            chosen = case.language_chosen or event.language is not None
            return case.model_copy(update={**given, "language_chosen": chosen})
        case Generated():
            return case
        case Suggested():
            new = {o.ref: o for o in event.observations if o.ref not in case.observations}
            return case.model_copy(update={"suggested": case.suggested | new})


def _chosen(event: Chose) -> list[Observation]:
    """What is not there first, so that a kind of it that is there is believed over it."""
    answers: tuple[tuple[tuple[str, ...], State], ...] = (
        (event.no, "absent"), (event.unknown, "unknown"), (event.yes, "present"),
    )  # fmt: skip
    return [Observation(ref=ref, state=state, manner="asked") for refs, state in answers for ref in refs]


def _heard(case: Case, event: Said, ancestors: Mapping[str, frozenset[str]]) -> Case:
    reading = event.reading
    unasked = any(o.state == "present" and o.ref not in case.asked for o in reading.observations)
    case = case.model_copy(
        update={
            "asked_in_a_row": 0 if unasked else case.asked_in_a_row,
            "language": case.language if case.language_chosen else reading.language,
            "age": case.age if reading.age is None else reading.age,
            "sex": case.sex if reading.sex is None else reading.sex,
            "life_stage": reading.life_stage or case.life_stage,
            "department": reading.department or case.department,
            "measurements": case.measurements | {m.quantity: m for m in reading.measurements},
            "allergies": tuple(dict.fromkeys((*case.allergies, *reading.allergies))),
            "texts": case.texts if event.question else (*case.texts, event.text),
            "told": case.told if event.question else (*case.told, _without(event.text, reading.asked)),
            "doubtful": reading.doubtful,
        }
    )
    # Within one message what is present is believed over what is absent, whichever stands later.
    absent_first = sorted(reading.observations, key=lambda o: o.state != "absent")
    return with_observations(case, absent_first, ancestors)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text without some stretches of it."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


def with_observations(
    case: Case, new: Iterable[Observation], ancestors: Mapping[str, frozenset[str]]
) -> Case:
    """The case with more observations; what they take back through is-a is gone (see `fold`)."""
    observations = dict(case.observations)
    for observation in new:
        for ref in _contradicted(observation, observations, ancestors):
            del observations[ref]
        observations[observation.ref] = observation
    suggested = {ref: o for ref, o in case.suggested.items() if ref not in observations}
    return case.model_copy(update={"observations": observations, "suggested": suggested})


def _contradicted(
    new: Observation, known: Mapping[str, Observation], ancestors: Mapping[str, frozenset[str]]
) -> list[str]:
    """Observations that the new one takes back through is-a."""
    above = ancestors.get(new.bare, frozenset())
    if new.state == "present":
        return [
            f"finding:{f}"
            for f in above
            if f"finding:{f}" in known and known[f"finding:{f}"].state == "absent"
        ]
    if new.state == "absent":
        return [
            ref
            for ref, o in known.items()
            if o.state == "present" and new.bare in ancestors.get(o.bare, frozenset())
        ]
    return []
