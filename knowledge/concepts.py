"""The nouns of medicine as Aetia holds them: frozen, typed, bilingual. Diseases and medicines, which are made
of them, have modules of their own.

Each model mirrors one kind of entry in a pack (see knowledge/core/README.md). Ids are bare
inside a pack (`dyspnea`) and carry their kind outside (`finding:dyspnea`); `Concept.ref` is the
full form.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Language = Literal["en", "zh"]
Sex = Literal["female", "male"]
Urgency = Literal["emergency", "urgent", "routine", "self_care"]
FindingKind = Literal["symptom", "sign", "vital", "laboratory", "imaging"]
Topic = Literal[
    "definition", "cause", "symptoms", "diagnosis", "severity", "treatment",
    "outlook", "prevention", "red_flag", "self_care", "follow_up",
]  # fmt: skip

LEAK_BY_KIND: dict[FindingKind, float] = {
    "symptom": 0.02,
    "sign": 0.01,
    "vital": 0.02,
    "laboratory": 0.02,
    "imaging": 0.01,
}
"""P(finding | no modelled disease causes it) among people who seek care, where a finding names none."""

FieldPath = tuple[str | int, ...]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
AgeBand = Annotated[str, Field(pattern=r"^\d+(\.\d+)?(-\d+(\.\d+)?|\+)$")]


class Entry(BaseModel):
    """Base of everything in a pack: immutable, and no field but those declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Entry):
    """One statement in both languages."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    def in_language(self, language: Language) -> str:
        """The text in one of them."""
        return self.zh if language == "zh" else self.en


class Names(Entry):
    """Names in both languages; the first of each is the one shown, the others are understood."""

    en: tuple[str, ...] = Field(min_length=1)
    zh: tuple[str, ...] = Field(min_length=1)

    def in_language(self, language: Language) -> tuple[str, ...]:
        """The names in one of them."""
        return self.zh if language == "zh" else self.en


class Denials(Entry):
    """Single words that say that a finding is absent, such as "afebrile", in both languages."""

    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()


class Concept(Entry):
    """A thing with an id and names."""

    prefix: ClassVar[str]
    id: Id
    names: Names

    @property
    def ref(self) -> str:
        """The full id, such as `finding:dyspnea`."""
        return f"{self.prefix}:{self.id}"

    def name(self, language: Language = "en") -> str:
        """The name that is shown."""
        return self.names.in_language(language)[0]


class Department(Concept):
    """A clinical department. covers: other departments whose diseases it sees as well. ages: years,
    of the people that it sees, where not everybody."""

    prefix: ClassVar[str] = "department"
    covers: tuple[str, ...] = ()
    ages: AgeBand | None = None


class Source(Entry):
    """A document that says something.

    checked: the document's text was at hand when the claim was written; `data` then names it as
    `file#document` under the data folder.
    """

    id: Id
    title: str
    publisher: str
    year: int | None = None
    url: str | None = None
    licence: str | None = None
    checked: bool = False
    data: str | None = None

    @model_validator(mode="after")
    def _checked_means_at_hand(self) -> "Source":
        if self.checked and not self.data:
            raise ValueError("a checked source names its document in `data`")
        return self


class Sourced(Entry):
    """Where a claim stands: a source, and the page or the section in it."""

    source: Id
    page: int | None = Field(default=None, ge=1)
    section: str | None = None


class Claim(Sourced, Text):
    """A sentence or two in our own words, in both languages, that its source supports."""


class Passage(Claim):
    """A claim that can be found and cited on its own."""

    id: str
    topic: Topic
    about: tuple[str, ...] = ()
    """Full ids of the concepts that it is about."""


class Rule(Entry):
    """Turns a measured number into a finding: all bounds given must hold."""

    quantity: Id
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    sex: Sex | None = None
    age: AgeBand | None = None
    """Years, both ends included."""
    one_way: bool = False
    """Whether a value outside rules nothing out."""
    near: float = Field(default=0.0, ge=0)
    """How far outside a value still rules nothing out: 37.9 °C is no fever by the book, and none denied."""

    def holds(self, value: float) -> bool:
        """Whether a value, in the quantity's unit, lies within all bounds."""
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
            and (self.below is None or value < self.below)
        )

    def leaves_open(self, value: float) -> bool:
        """Whether a value outside rules nothing out."""
        return self.one_way or self.holds(value - self.near) or self.holds(value + self.near)


COURSE = "course"
"""The quantity that is how long an illness has lasted; rules on it turn time into findings."""


class Quantity(Concept):
    """Something measured: unit, plausible range, and factors from other units to `unit`."""

    prefix: ClassVar[str] = "quantity"
    unit: str
    plausible: tuple[float, float]
    units: dict[str, float] = {}
    offsets: dict[str, float] = {}
    """Added after the factor (°F to °C)."""
    ask_unit: bool = False
    """Whether a number without a unit is commonly in one of several: what was assumed is said."""
    beside: Names | None = None
    """Other words beside which a number that the quantity can have is its value: "fever 39.4"."""
    with_unit: bool = False
    """Read only where a unit stands by the number: its names are everyday words."""
    share_of: Id | None = None
    """It is per cent of a whole of this quantity, as one's best or usual value."""
    whole: tuple[str, ...] = ()
    """Words, in any language, that stand before that whole."""


class Test(Concept):
    """An examination that can be ordered."""

    prefix: ClassVar[str] = "test"
    burden: Literal["none", "low", "medium", "high"] = "low"


class Finding(Concept):
    """A symptom, sign, vital sign, laboratory or imaging finding."""

    prefix: ClassVar[str] = "finding"
    kind: FindingKind
    question: Text
    parents: tuple[Id, ...] = ()
    hpo: str | None = Field(default=None, pattern=r"^HP:\d{7}$")
    leak: float | None = Field(default=None, gt=0, lt=1)
    measured: tuple[Rule, ...] = ()
    test: Id | None = None
    """The examination that shows it, for laboratory and imaging findings."""
    sex: Sex | None = None
    age: AgeBand | None = None
    """Asked only of people of this sex or age."""
    denied: Denials = Denials()
    """Words that say that it is absent."""
    volunteered: bool = False
    """Taken when told, never asked: it presupposes something, such as a treatment that was tried."""
    told: float | None = Field(default=None, gt=0, lt=1)
    """P(told unasked | present), for what nobody leaves out, such as an injury: that it was not told then speaks
    against what it belongs to."""
    told_by: tuple[Id, ...] = ()
    """Risk factors that tell of it in other words."""

    @property
    def leak_probability(self) -> float:
        """P(it | no modelled disease causes it) among people who seek care."""
        return self.leak if self.leak is not None else LEAK_BY_KIND[self.kind]


class QuestionGroup(Text):
    """A question with choices: findings that a person is asked about together."""

    id: Id
    of: tuple[Id, ...] = Field(min_length=2)
    """The choices, bare finding ids."""


class RiskFactor(Concept):
    """A habit, exposure, event or trait that makes a disease likelier before any finding.

    prevalence: share of people who seek care that have it. classes: of drugs; who takes one of them has it.
    """

    prefix: ClassVar[str] = "risk"
    question: Text
    classes: tuple[Id, ...] = ()
    prevalence: float = Field(default=0.05, gt=0, lt=1)
    sex: Sex | None = None
    age: AgeBand | None = None


class Criterion(Entry):
    """A condition on a case; every field given must hold. See knowledge/criteria.py."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    count: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)
    of: tuple[str, ...] = ()
    """`count` (at least so many) and `at_most` count the items of `of` that hold."""
    age: AgeBand | None = None
    sex: Sex | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Criterion":
        if (self.count is None and self.at_most is None) == bool(self.of):
            raise ValueError("`count` or `at_most` goes together with `of`")
        return self


class Target(Concept, Claim):
    """What a measured value should be. `limits` hold together; `when`: for whom; `instead_of`: the more
    general target that it replaces for them."""

    prefix: ClassVar[str] = "target"
    limits: tuple[Rule, ...] = Field(min_length=1)
    when: Criterion | None = None
    instead_of: Id | None = None


class RedFlag(Claim):
    """A rule that raises urgency before any model is asked. `en`, `zh`: the reason."""

    id: Id
    level: Urgency
    when: Criterion
    do: Text
