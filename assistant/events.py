"""What can happen in a conversation: the events that a case is folded from, and what they hold.

A dialogue is a list of events. The same events, folded with the same knowledge, give the same
case, so every answer can be replayed, undone, audited and shared.
"""

from typing import Annotated, Literal

from pydantic import Field

from knowledge.concepts import AgeBand, Entry, Language, Sex, Text

State = Literal["present", "absent", "unknown"]
Manner = Literal[
    "name", "scattered", "meant", "measured", "level", "asked", "edited", "image", "course", "model", "record"
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

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands in its text."""
        return self.start or 0, self.end or 0


class ImageFinding(Entry):
    """What the image model says: a finding with a calibrated likelihood ratio, and where on the picture.

    box: left, top, width, height in pixels. position: in words. share: of the picture or of the lungs, where
    it is outlined. size_mm: longest diameter and the one across it, where the pixel spacing is known.
    """

    finding: str
    probability: float
    likelihood_ratio: float
    box: tuple[int, int, int, int] | None = None
    position: Text | None = None
    share: float | None = None
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
    life_stage: AgeBand | None = None
    """About how old the person is, where no age is told: "the baby"."""
    department: str | None = None
    allergies: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    """Numbers that cannot be right, in words, to be asked about."""
    asked: tuple[tuple[int, int], ...] = ()
    """Where diseases are named of which the text asks whether it is that."""


class Said(Entry):
    """The person wrote something; `reading` is what was understood when it was said."""

    kind: Literal["said"] = "said"
    text: str
    reading: Reading
    question: bool = False
    """It asks or objects and tells nothing: no witness may read it."""


class Asked(Entry):
    """Aetia asked about a finding or risk factor (full id). beside: what else was on the same card."""

    kind: Literal["asked"] = "asked"
    ref: str
    beside: tuple[str, ...] = ()

    @property
    def refs(self) -> tuple[str, ...]:
        """All that was asked, in the order in which it was shown."""
        return (self.ref, *self.beside)


class Replied(Entry):
    """The answer to a question, or a correction on the page: True, False, or None for "don't know"."""

    kind: Literal["replied"] = "replied"
    ref: str
    value: bool | None


class Chose(Entry):
    """The answer to a question with choices: full ids that are there, are not, or are not known."""

    kind: Literal["chose"] = "chose"
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Skipped(Entry):
    """The person had nothing to add to an open question (`open:...`)."""

    kind: Literal["skipped"] = "skipped"
    ref: str


class Struck(Entry):
    """The person took an observation back: it counts as never said."""

    kind: Literal["struck"] = "struck"
    ref: str


class Shown(Entry):
    """A picture was read. described: all that it shows, in words; a kind may show nothing the graph knows."""

    kind: Literal["shown"] = "shown"
    findings: tuple[ImageFinding, ...]
    described: Text | None = None


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
    Said
    | Asked
    | Replied
    | Chose
    | Skipped
    | Struck
    | Shown
    | Excluded
    | Described
    | Generated
    | Suggested
    | Marked,
    Field(discriminator="kind"),
]
