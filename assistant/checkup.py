"""A look at somebody's readings: what is urgent, averages against their targets, advice, and the plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from assistant.advice import Advice, Adviser
from assistant.answer import Statement
from assistant.api import Assistant
from assistant.averages import Summary, summaries
from assistant.case import Case
from assistant.drug_safety import Patient
from assistant.events import Measurement, Observation
from assistant.measures import Measures
from assistant.plan import Plan, Review, made_plan, reviewed
from assistant.readings import ReadingLog, ReadingReader
from knowledge.concepts import Language


@dataclass(frozen=True)
class Checkup:
    """case: the person with the latest values. urgent: red flags that hold now. reviews: the goals of an
    earlier plan."""

    case: Case
    log: ReadingLog
    summaries: tuple[Summary, ...]
    urgent: tuple[Statement, ...]
    advice: tuple[Advice, ...]
    plan: Plan
    reviews: tuple[Review, ...]


class Checkups:
    """Makes them; made once."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._reader = ReadingReader(assistant.base)
        self._measures = Measures(assistant.base)
        self._adviser = Adviser(assistant.base)

    def person(self, about: str, known: Case, language: Language) -> Case:
        """What a person tells of themselves in words, added to what is known."""
        session = self._assistant.start(language)
        if about.strip():
            session.events.extend(self._assistant.dialogue.hear(about, session.events))
        told = session.case
        return known.model_copy(
            update={
                "language": language,
                "language_chosen": True,
                "age": known.age if told.age is None else told.age,
                "sex": known.sex if told.sex is None else told.sex,
                "observations": known.observations | told.observations,
                "measurements": known.measurements | told.measurements,
            }
        )

    def of(
        self,
        text: str,
        person: Case,
        today: date,
        units: Mapping[str, str] | None = None,
        earlier: Plan | None = None,
    ) -> Checkup:
        """A log as text, for a person. units: quantity -> the unit of bare numbers. earlier: the plan made at
        the visit before. Raises AetiaError for a log that cannot be read."""
        log = self._reader.read(text, today, units)
        case = self._with_latest(person, log)
        patient = Patient.of(case, self._assistant.base)
        found = summaries(log, patient, self._assistant.base)
        advice = self._adviser.advise(patient, {s.quantity: s.average.value for s in found})
        since = _since(log, earlier.made) if earlier else log
        return Checkup(
            case,
            log,
            found,
            self._urgent(case),
            advice,
            made_plan(found, advice, today),
            reviewed(earlier, summaries(since, patient, self._assistant.base)) if earlier else (),
        )

    def _with_latest(self, person: Case, log: ReadingLog) -> Case:
        """The person with the latest value of each quantity, and what those show or rule out."""
        latest = {r.quantity: Measurement(quantity=r.quantity, value=r.value) for r in log.readings}
        shown = {
            finding.ref: Observation(
                ref=finding.ref, state="present" if holds else "absent", manner="measured"
            )
            for measurement in latest.values()
            for finding, holds in self._measures.findings(measurement, person.age, person.sex)
        }
        return person.model_copy(
            update={
                "measurements": person.measurements | latest,
                "observations": person.observations | shown,
            }
        )

    def _urgent(self, case: Case) -> tuple[Statement, ...]:
        dialogue = self._assistant.dialogue
        triage = self._assistant.mind.assess(case).triage
        told = dialogue.explainer.urgency(triage, case.language) if triage.flags else ()
        return tuple(dialogue.gate.supported(told, case.language))


def _since(log: ReadingLog, day: date) -> ReadingLog:
    """What was measured from a day on."""
    return ReadingLog([r for r in log.readings if r.moment.day >= day])
