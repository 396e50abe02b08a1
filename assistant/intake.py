"""Free text in English or Chinese -> observations with character spans.

The lexicon reads first; numbers become findings by thresholds; where the text model is at hand it
reads second, adds what is told in other words, and doubts what the lexicon took for something else.
"""

from collections.abc import Iterator, Mapping, Sequence

from assistant.context import Context, with_marks
from assistant.cues import says_negative, says_request, says_well
from assistant.denials import Denials
from assistant.durations import courses, is_lately, with_durations
from assistant.events import Measurement, Observation, Reading, State
from assistant.found import (
    Found,
    allergies,
    asked_about,
    family_risks,
    is_long,
    is_number,
    is_of_another,
    is_outright,
    is_used_up,
    latest,
    named,
    names_a_finding,
    names_medicine,
    of_sex,
    overlaps,
)
from assistant.intents import asked_whether
from assistant.levels import Levels, is_level
from assistant.life_stages import about_age, life_stage_in
from assistant.measures import Measures
from assistant.person import age_in, age_spans, department_spans, grade_near, language_of, sex_in, told_of
from assistant.second_reader import SecondReader
from assistant.text_model import ReadFinding
from knowledge.base import KnowledgeBase
from knowledge.concepts import COURSE, Language, Sex
from knowledge.lexicon import Lexicon

MAX_CHARACTERS = 20_000
_TESTS = ("laboratory", "imaging")


class Intake:
    """Reads what people write; made once for a knowledge base."""

    def __init__(self, base: KnowledgeBase, second: SecondReader | None = None) -> None:
        self._base = base
        self._lexicon = Lexicon(base)
        self._measures = Measures(base)
        self._denials = Denials(base)
        self._levels = Levels(base)
        self.second = second
        self._departments = {
            name.casefold(): d.id for d in base.departments.values() for name in (*d.names.en, *d.names.zh)
        }
        self._family = family_risks(base)
        self._of_time = frozenset(base.findings[f].ref for f in base.measured_by(COURSE))

    @property
    def lexicon(self) -> Lexicon:
        """The names that it reads by."""
        return self._lexicon

    @property
    def measures(self) -> Measures:
        """What turns numbers into findings."""
        return self._measures

    def read(
        self,
        text: str,
        said: int | None = None,
        language: Language | None = None,
        age: float | None = None,
        sex: Sex | None = None,
        put: Sequence[tuple[int, int]] = (),
        life_stage: str | None = None,
    ) -> Reading:
        """All that one utterance states; `age`, `sex` and `life_stage` are what is known from before. put: where words
        stand that the person left unsaid; a name that reaches into them is not doubted."""
        text = with_marks(text[:MAX_CHARACTERS])
        spoken = language or language_of(text)
        relative = told_of(text, beginning=not said)
        age_here = relative.age if relative and relative.age is not None else age_in(text, age is None)
        sex_here = (relative and relative.sex) or sex_in(text)
        measurements, doubtful = self._measures.read(text, said)
        departments = department_spans(text)
        taken = [*(m.span for m in measurements), *departments], age_spans(text)
        mentions = [m for m in self._lexicon.mentions(text) if not is_number(m, *taken, self._of_time)]
        context = Context(text, spoken, relative.word if relative else None, mentions)
        found = [
            Found(m, ref, context.senses(m.start, m.end, m.manner == "scattered", m.denies))
            for m in mentions
            for ref in m.refs
        ]
        stage_here = life_stage_in(text, relative.word if relative else None)
        known_age = about_age(age if age_here is None else age_here, stage_here or life_stage)
        read = self.second.read(text) if self.second else {}
        levels = list(self._levels.read(text, context, said))
        asked = asked_about(mentions, asked_whether(text), text)
        sure = [
            one
            for one in found
            if (overlaps(one.mention, put) or not self._doubted(one, read, context, text))
            and not is_level(one, levels)
            and (one.mention.start, one.mention.end) not in asked
        ]
        observations = [
            *self._from_words(sure, read, context, text, said),
            *self._denials.read(text, context, said),
            *levels,
            *self._from_second(read, found, text, context, said, asked, measurements),
            *self._from_numbers(measurements, known_age, sex_here or sex, text, said),
        ]
        told = of_sex(observations, sex_here or sex, self._base)
        dated = with_durations(told, text, [m.span for m in measurements if m.quantity != COURSE])
        return Reading(
            language=spoken,
            observations=latest([*dated, *self._from_course(dated, known_age, sex_here or sex)]),
            measurements=tuple(measurements),
            age=age_here,
            sex=sex_here,
            life_stage=stage_here,
            department=next(
                (self._departments.get(text[a:b].strip().casefold()) for a, b in departments), None
            ),
            allergies=allergies(found),
            doubtful=tuple(doubtful),
            asked=asked,
        )

    def _from_words(
        self,
        found: list[Found],
        read: Mapping[str, ReadFinding],
        context: Context,
        text: str,
        said: int | None,
    ) -> Iterator[Observation]:
        denied = frozenset(one.ref for one in found if "negation" in one.senses)
        for one in found:
            state = self._state(one, read, context, denied)
            if state is None:
                continue
            ref = one.ref
            if "family" in one.senses:
                family = self._family.get(ref.partition(":")[2])
                if family is None or state != "present":
                    continue
                ref = family
            mention = one.mention
            yield Observation(
                ref=ref,
                state=state,
                manner=mention.manner,
                text=text[mention.start : mention.end],
                said=said,
                start=mention.start,
                end=mention.end,
                grade=grade_near(text, mention.start, mention.end) if ref.startswith("finding:") else None,
            )

    def _state(
        self, one: Found, read: Mapping[str, ReadFinding], context: Context, denied_elsewhere: frozenset[str]
    ) -> State | None:
        """What a mention says of the patient; None when it says nothing."""
        finding = one.ref.startswith("finding:")
        if one.senses & {"asking", "allergy", *(("past", "occasion") if finding else ("likened",))}:
            return None
        if "tested" in one.senses and one.ref.startswith("disease:") and "negation" not in one.senses:
            return None
        if "family" in one.senses and one.ref.startswith(("finding:", "drug:")):
            return None
        if one.ref.startswith("disease:") and names_a_finding(one.mention) and "past" not in one.senses:
            return None
        if self._denied(one, read, context, denied_elsewhere):
            return None if finding and "elsewhere" in one.senses else "absent"
        return "unknown" if "uncertain" in one.senses else "present"

    def _denied(
        self, one: Found, read: Mapping[str, ReadFinding], context: Context, denied_elsewhere: frozenset[str]
    ) -> bool:
        """Whether a mention is denied: by a cue, unless that is no plain word before it and the second reader is sure
        of the contrary; without a cue only where the same is denied elsewhere and the second reader says so."""
        at_cue = "negation" in one.senses
        known = read.get(one.ref.partition(":")[2]) if one.ref.startswith("finding:") else None
        if self.second is None or known is None:
            return at_cue
        if at_cue and is_outright(one.mention, context):
            return True
        return (at_cue or one.ref in denied_elsewhere) and self.second.trust.is_name_denied(
            known.denied, at_cue
        )

    def _doubted(self, one: Found, read: Mapping[str, ReadFinding], context: Context, text: str) -> bool:
        """Whether the second reader, who knows the finding, does not find it in the text; not where a plain word
        denies it, and not a long name, which stands nowhere by chance."""
        prefix, _, bare = one.ref.partition(":")
        if one.mention.manner == "name" and (is_outright(one.mention, context) or is_long(one.mention, text)):
            return False
        if self.second is None or prefix != "finding" or not self.second.knows(bare):
            return False
        least = self.second.trust.doubts[one.mention.manner]
        return bare not in read or read[bare].probability < least

    def _from_second(
        self,
        read: Mapping[str, ReadFinding],
        found: list[Found],
        text: str,
        context: Context,
        said: int | None,
        asked: Sequence[tuple[int, int]],
        values: Sequence[Measurement],
    ) -> Iterator[Observation]:
        if self.second is None:
            return
        other = (f.mention for f in found if names_medicine(f.mention) or "occasion" in f.senses)
        elsewhere = [*asked, *age_spans(text), *((mention.start, mention.end) for mention in other)]
        for one in self.second.added(read, named(found)):
            if is_lately(text, one.at) or any(start <= one.at < end for start, end in elsewhere):
                continue
            if is_of_another(self._base.findings[one.finding], one.at, values):
                continue
            senses = context.senses(one.start, one.end, scattered=True)
            if senses & {"family", "past", "asking", "allergy"}:
                continue
            clause, language = text[one.start : one.end], context.language
            well = says_well(clause, language) and not one.finding.endswith("_normal")
            if well or says_request(clause, language):
                continue
            denied = (
                any(
                    f.mention.start <= one.at < f.mention.end and is_outright(f.mention, context)
                    for f in found
                )
                or context.denies_outright(one.start, one.end)
                or (says_negative(clause, language) and self._base.findings[one.finding].kind in _TESTS)
                or self.second.trust.is_denied(one.denied, "negation" in senses)
            )
            if (
                denied
                and one.probability < self.second.trust.refines
                and is_used_up(clause, one.start, found)
            ):
                continue
            yield Observation(
                ref=f"finding:{one.finding}",
                state="absent" if denied else "unknown" if "uncertain" in senses else "present",
                manner="meant",
                text=text[one.start : one.end],
                said=said,
                start=one.start,
                end=one.end,
                score=round(one.probability, 3),
            )

    def _from_numbers(
        self, measurements: list[Measurement], age: float | None, sex: Sex | None, text: str, said: int | None
    ) -> Iterator[Observation]:
        for measurement in measurements:
            start, end = measurement.span
            for finding, shown in self._measures.findings(measurement, age, sex):
                yield Observation(
                    ref=finding.ref,
                    state="present" if shown else "absent",
                    manner="measured",
                    text=text[start:end],
                    said=said,
                    start=start,
                    end=end,
                )

    def _from_course(
        self, observations: list[Observation], age: float | None, sex: Sex | None
    ) -> Iterator[Observation]:
        """What the length of the illness says: the longest time that a complaint has been there."""
        complaints = [
            o
            for o in observations
            if o.since_days is not None and o.state == "present" and o.ref.startswith("finding:")
        ]
        if not complaints or COURSE not in self._base.quantities:
            return
        longest = max(complaints, key=lambda o: o.since_days or 0.0)
        told, shorter, longer = (
            {finding.ref: shown for finding, shown in self._measures.findings(course, age, sex)}
            for course in courses(longest.since_days or 0.0)
        )
        for ref, shown in told.items():
            if not shown and (shorter[ref] or longer[ref]):
                continue
            state: State = "present" if shown else "absent"
            yield longest.model_copy(
                update={"ref": ref, "state": state, "manner": "course", "grade": None, "score": None}
            )
