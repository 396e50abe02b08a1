"""The immutable record of a case, and the events that it is folded from.

A dialogue is a list of events. The same events, folded with the same knowledge, give the same
case, so every answer can be replayed, undone, audited and shared.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from knowledge.concepts import Entry, Language, Sex, Text

State = Literal["present", "absent", "unknown"]
Manner = Literal[
    "name", "scattered", "meant", "measured", "asked", "edited", "image", "course", "model", "record"
]
Grade = Literal["mild", "moderate", "severe"]


class Observation(Entry):
    """Something stated about the patient.

    ref: full id of a finding, risk factor, disease (a known condition) or drug. start, end: where
    it stands in the utterance `said` (its number in the log), or None when it was not read from
    words. since_days: how long it has been there.
    """

    ref: str
    state: State
    manner: Manner
    text: str = ""
    said: int | None = None
    start: int | None = None
    end: int | None = None
    since_days: float | None = None
    grade: Grade | None = None
    score: float | None = None

    @property
    def bare(self) -> str:
        """The id without its kind."""
        return self.ref.partition(":")[2]


class Measurement(Entry):
    """A number with its quantity, converted to the quantity's unit."""

    quantity: str
    value: float
    said: int | None = None
    start: int | None = None
    end: int | None = None


class ImageFinding(Entry):
    """What the image model says: a finding with a calibrated likelihood ratio, and where it looked."""

    finding: str
    probability: float
    likelihood_ratio: float
    box: tuple[int, int, int, int] | None = None
    position: Text | None = None
    size_mm: tuple[float, float] | None = None
    model: str = ""
    name: str = ""
    """A name for the picture in this session, never the file's own."""


class Reading(Entry):
    """All that one utterance states."""

    language: Language
    observations: tuple[Observation, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    age: float | None = None
    sex: Sex | None = None
    allergies: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    """Numbers that cannot be right, in words, to be asked about."""


class Said(Entry):
    """The person wrote something; `reading` is what was understood when it was said."""

    kind: Literal["said"] = "said"
    text: str
    reading: Reading
    question: bool = False
    """It asks or objects and tells nothing: no witness may read it."""


class Asked(Entry):
    """Aetia asked about a finding or risk factor (full id)."""

    kind: Literal["asked"] = "asked"
    ref: str


class Replied(Entry):
    """The answer to a question, or a correction on the page: True, False, or None for "don't know"."""

    kind: Literal["replied"] = "replied"
    ref: str
    value: bool | None


class Skipped(Entry):
    """The person had nothing to add to an open question (`open:...`)."""

    kind: Literal["skipped"] = "skipped"
    ref: str


class Struck(Entry):
    """The person took an observation back: it counts as never said."""

    kind: Literal["struck"] = "struck"
    ref: str


class Shown(Entry):
    """A picture was read."""

    kind: Literal["shown"] = "shown"
    findings: tuple[ImageFinding, ...]


class Excluded(Entry):
    """The person ruled a disease out, or back in."""

    kind: Literal["excluded"] = "excluded"
    disease: str
    excluded: bool = True


class Described(Entry):
    """Age, sex, or the language to answer in, given outside the text."""

    kind: Literal["described"] = "described"
    age: float | None = None
    sex: Sex | None = None
    language: Language | None = None


class Marked(Entry):
    """The person called a cited passage wrong, or took that back. It is kept and shown, and moves nothing."""

    kind: Literal["marked"] = "marked"
    passage: str
    wrong: bool = True


class Generated(Entry):
    """A language model wrote something: kept so that a replay reads the same words. It is no evidence.

    prompt: SHA-256 of what it was given. whole: it ended by itself. fault, slots: what went wrong.
    """

    kind: Literal["generated"] = "generated"
    purpose: Literal["voice", "question", "reading"]
    model: str
    version: str
    temperature: float
    seed: int
    prompt: str
    text: str
    whole: bool = True
    fault: str = ""
    slots: tuple[tuple[str, str], ...] = ()


class Suggested(Entry):
    """What a language model read in the words `said` beyond our own reading: shown, but believed by no
    witness until the person says yes to it (`Replied`)."""

    kind: Literal["suggested"] = "suggested"
    observations: tuple[Observation, ...]


OURS = (Asked, Generated, Suggested, Marked)
"""Events that tell nothing of the case and are not answered."""

Event = Annotated[
    Said | Asked | Replied | Skipped | Struck | Shown | Excluded | Described | Generated | Suggested | Marked,
    Field(discriminator="kind"),
]


class Case(Entry):
    """What is known of one person now."""

    language: Language = "en"
    """What answers are written in: the language chosen, else that of the latest words."""
    language_chosen: bool = False
    age: float | None = None
    sex: Sex | None = None
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
    doubtful: tuple[str, ...] = ()
    marked: frozenset[str] = frozenset()
    """Passages that the person called wrong."""
    suggested: dict[str, Observation] = {}
    """Full id -> what a language model read, not confirmed by the person; no evidence."""

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
            return case.model_copy(update={"asked": (*case.asked, event.ref), "asked_in_a_row": row})
        case Replied():
            state: State = "unknown" if event.value is None else "present" if event.value else "absent"
            return _with(case, [Observation(ref=event.ref, state=state, manner="asked")], ancestors)
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


def _heard(case: Case, event: Said, ancestors: Mapping[str, frozenset[str]]) -> Case:
    reading = event.reading
    unasked = any(o.state == "present" and o.ref not in case.asked for o in reading.observations)
    case = case.model_copy(
        update={
            "asked_in_a_row": 0 if unasked else case.asked_in_a_row,
            "language": case.language if case.language_chosen else reading.language,
            "age": case.age if reading.age is None else reading.age,
            "sex": case.sex if reading.sex is None else reading.sex,
            "measurements": case.measurements | {m.quantity: m for m in reading.measurements},
            "allergies": tuple(dict.fromkeys((*case.allergies, *reading.allergies))),
            "texts": case.texts if event.question else (*case.texts, event.text),
            "doubtful": reading.doubtful,
        }
    )
    # Within one message what is present is believed over what is absent, whichever stands later.
    absent_first = sorted(reading.observations, key=lambda o: o.state != "absent")
    return _with(case, absent_first, ancestors)


def _with(case: Case, new: Iterable[Observation], ancestors: Mapping[str, frozenset[str]]) -> Case:
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
