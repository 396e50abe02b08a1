"""What a clinical score is, as data: items that give points or a formula, and bands that say what the
sum means. How to write one: knowledge/scores/README.md.
"""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from knowledge import concepts as c


class Option(c.Text):
    """One of an item's answers; the first whose condition holds gives its points.

    The only one without `when`, in an item where others have one, is the rest; where several have none, only
    the person can choose among them.
    """

    points: float
    when: c.Criterion | None = None


class Item(c.Text):
    """One line of a score; `en` and `zh` are its label.

    Exactly one of: points (a yes or no), options (a choice), answers (lowest and highest number that may
    be given for it), formula (over quantities in the pack's units, `age`, `female`, earlier `let` names).
    """

    id: c.Id
    points: float | None = None
    when: c.Criterion | None = None
    options: tuple[Option, ...] = ()
    answers: tuple[int, int] | None = None
    repeat: int = Field(default=1, ge=1)
    """So many items alike, numbered `<id>1`, `<id>2`, …; `{n}` in the label is the number."""
    formula: str | None = None
    let: dict[str, str] = {}

    @model_validator(mode="after")
    def _one_kind(self) -> "Item":
        kinds = [self.points is not None, bool(self.options), self.answers is not None, bool(self.formula)]
        if sum(kinds) != 1:
            raise ValueError("an item has one of `points`, `options`, `answers`, `formula`")
        return self

    @property
    def choices(self) -> tuple[Option, ...]:
        """Its options; a yes or no is two of them."""
        if self.points is None:
            return self.options
        no = Option(points=0, en="no", zh="否")
        return (Option(points=self.points, when=self.when, en="yes", zh="是"), no)

    def numbered(self) -> tuple["Item", ...]:
        """The items that it stands for."""
        if self.repeat == 1:
            return (self,)
        return tuple(
            self.model_copy(
                update={
                    "id": f"{self.id}{n}", "repeat": 1,
                    "en": self.en.format(n=n), "zh": self.zh.format(n=n),
                }
            )
            for n in range(1, self.repeat + 1)
        )  # fmt: skip


class Band(c.Text):
    """What a value of `at_least` this, up to the next band, means, by the score's source or its own.

    level: the urgency that it sets in triage. part: it concerns a single item that gives so many points.
    """

    at_least: float
    level: c.Urgency | None = None
    source: c.Id | None = None
    page: int | None = None
    section: str | None = None


class Score(c.Concept, c.Sourced):
    """A clinical score, formula or decision rule.

    kind: `points` are counted, a `value` has a unit, of a `rule` only the band matters. diseases: those
    (bare ids) for whose course or diagnosis it is used. gives: the quantity that it computes. single:
    what one item with that many points means by itself, as in NEWS2.
    """

    prefix: ClassVar[str] = "score"
    kind: Literal["points", "value", "rule"] = "points"
    for_: c.Text = Field(alias="for")
    diseases: tuple[c.Id, ...] = ()
    age: c.AgeBand | None = None
    sex: c.Sex | None = None
    unless: c.Criterion | None = None
    """Whom it is not meant for."""
    unit: str = ""
    digits: int = 0
    combine: Literal["sum", "highest"] = "sum"
    gives: c.Id | None = None
    items: tuple[Item, ...] = Field(min_length=1)
    bands: tuple[Band, ...] = Field(min_length=1)
    single: Band | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Score":
        starts = [band.at_least for band in self.bands]
        if starts != sorted(set(starts)):
            raise ValueError("bands rise")
        ids = [item.id for item in self.lines]
        if len(ids) != len(set(ids)):
            raise ValueError("an item's id stands twice")
        return self

    @property
    def lines(self) -> tuple[Item, ...]:
        """Every item, those that repeat written out."""
        return tuple(line for item in self.items for line in item.numbered())

    def passage(self, band: Band) -> c.Passage:
        """A band as a passage that can be cited."""
        own = band.source is not None
        number = "single" if band is self.single else str(self.bands.index(band) + 1)
        return c.Passage(
            id=f"score/{self.id}/{number}",
            topic="severity",
            about=tuple(f"disease:{d}" for d in self.diseases),
            en=band.en,
            zh=band.zh,
            source=band.source or self.source,
            page=band.page if own else self.page,
            section=band.section if own else self.section,
        )

    @property
    def passages(self) -> tuple[c.Passage, ...]:
        """Its bands, each as a passage."""
        bands = (*self.bands, self.single) if self.single else self.bands
        return tuple(self.passage(band) for band in bands)
