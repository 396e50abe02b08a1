"""Hospital records -> a case: FHIR Bundles and plain notes.

What was understood is a `RecordReading`: shown first, used when the person agrees. What has no known
code or name is listed, never dropped; a number without a unit or beyond belief is asked about.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from assistant.events import Described, Event, Measurement, Observation, Reading, Said, Shown, State
from assistant.fhir_bundle import Bundle, Json, codings, read_bundle
from assistant.intake import Intake
from assistant.measures import converted
from assistant.record_attachments import Attached, Attachments
from assistant.record_codes import listed, record_codes, status, when, without_tag, words
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Sex
from knowledge.errors import AetiaError
from knowledge.lexicon import Lexicon
from knowledge.resolve import Resolver

_OVER = frozenset({"resolved", "inactive", "remission"})
_NOT_SO = frozenset({"refuted", "entered-in-error"})
_NOT_TAKEN = frozenset(
    {"stopped", "completed", "cancelled", "entered-in-error", "not-taken", "draft", "on-hold"}
)
_UNTRUE = frozenset({"entered-in-error", "cancelled"})
_DAYS_A_YEAR = 365.25
_LARGEST = 50_000_000
_MOST = 0.6
"""Share of the words of a code that a name must make up to be what the code means."""


@dataclass
class RecordReading:
    """What was understood. unknown: codes and words that nothing of the pack matches. doubtful: numbers to
    be asked about. past: conditions that are over. refused: resources that break the standard. images: the
    pictures inside. elsewhere: what is linked to and not inside; it is not fetched."""

    age: float | None = None
    sex: Sex | None = None
    observations: dict[str, Observation] = field(default_factory=dict)
    measurements: dict[str, Measurement] = field(default_factory=dict)
    allergies: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    images: list[Attached] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    past: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def add(self, ref: str, text: str, state: State = "present") -> None:
        """Take an observation in (full id)."""
        self.observations[ref] = Observation(ref=ref, state=state, manner="record", text=text)


class RecordReader:
    """Reads records with the names of a pack; made once."""

    def __init__(self, base: KnowledgeBase, intake: Intake) -> None:
        self._base = base
        self._intake = intake
        self._resolver = Resolver(base)
        self._medicines = Lexicon(base, ("drug", "class"))
        self._conditions = Lexicon(base, ("disease", "finding", "risk"))
        self._codes = {code: q for code, q in record_codes()["loinc"].items() if q in base.quantities}

    def read_file(self, path: Path, today: date) -> RecordReading:
        """A file: a FHIR Bundle when it begins with a brace, else a note. Raises AetiaError."""
        try:
            if path.stat().st_size > _LARGEST:
                raise AetiaError(
                    f"{path.name} has more than {_LARGEST // 1_000_000} MB; give a smaller record"
                )
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise AetiaError(f"{path.name} cannot be read as text: {type(fault).__name__}") from fault
        return self.read(text, today)

    def read(self, text: str, today: date) -> RecordReading:
        """The text of a record. today: ages are counted to it. Raises AetiaError."""
        if not text.lstrip("\ufeff \t\r\n").startswith("{"):
            reading = RecordReading(notes=[text])
        else:
            reading = self._bundle(read_bundle(text.lstrip("\ufeff")), today)
        for note in reading.notes:
            self._note(note, reading)
        return reading

    def events(self, reading: RecordReading, language: Language, shown: Sequence[Shown] = ()) -> list[Event]:
        """What the reading adds to a conversation, once the person agrees to it. shown: its pictures, read."""
        text = "\n".join(reading.notes)
        understood = Reading(
            language=language,
            observations=(*self._measured(reading), *reading.observations.values()),
            measurements=tuple(reading.measurements.values()),
            allergies=tuple(dict.fromkeys(reading.allergies)),
            doubtful=tuple(reading.doubtful),
        )
        described = Described(age=reading.age, sex=reading.sex)
        told = text.strip() or understood.observations or understood.measurements or understood.allergies
        if shown and not told and not understood.doubtful:
            return [described, *shown]
        return [described, *shown, Said(text=text, reading=understood, question=not text.strip())]

    def _bundle(self, bundle: Bundle, today: date) -> RecordReading:
        reading = RecordReading(
            refused=list(bundle.refused),
            passed_over=[f"{kind} ({count})" for kind, count in bundle.passed_over],
        )
        medications = {str(r.get("id")): r for r in bundle.resources if r["resourceType"] == "Medication"}
        attached = Attachments()
        for resource in sorted(bundle.resources, key=when):
            match resource["resourceType"]:
                case "Patient":
                    self._patient(resource, today, reading)
                case "Condition":
                    self._condition(resource, reading)
                case "Observation":
                    self._observation(resource, reading)
                case "MedicationStatement" | "MedicationRequest":
                    self._medication(resource, medications, reading)
                case "AllergyIntolerance":
                    self._allergy(resource, reading)
                case "DiagnosticReport" | "DocumentReference" | "Media" if (
                    status(resource, "status") not in _UNTRUE
                ):
                    if conclusion := resource.get("conclusion"):
                        reading.notes.append(conclusion)
                    attached.take(resource, bundle.linked)
        attached.take_rest(bundle.resources)
        reading.notes.extend(attached.notes)
        reading.images.extend(attached.pictures)
        reading.refused.extend(attached.broken)
        reading.unknown.extend(attached.unread)
        reading.elsewhere.extend(attached.elsewhere)
        return reading

    def _patient(self, patient: Json, today: date, reading: RecordReading) -> None:
        if patient.get("gender") in ("female", "male"):
            reading.sex = patient["gender"]
        born = str(patient.get("birthDate") or "")
        parts = [int(part) for part in born.split("-")] if born else []
        if parts:
            day = date(parts[0], *(parts[1:] + [7, 1][len(parts) - 1 :])) if len(parts) < 3 else date(*parts)
            age = round((today - day).days / _DAYS_A_YEAR, 1)
            if 0 <= age <= 120:
                reading.age = age
            else:
                reading.doubtful.append(f"birthDate {born}")

    def _condition(self, condition: Json, reading: RecordReading) -> None:
        said = words(condition.get("code"))
        if status(condition, "verificationStatus") in _NOT_SO:
            return
        if status(condition, "clinicalStatus") in _OVER or condition.get("abatementDateTime"):
            reading.past.append(said)
            return
        if ref := self._condition_in(condition.get("code")):
            reading.add(ref, said)
        else:
            reading.unknown.append(listed(condition.get("code")))

    def _condition_in(self, code: Json | None) -> str | None:
        """Full id of what a code or its words mean: by ICD-10 code, by name, then by what the words name."""
        named = list(codings(code))
        for system, value, _ in named:
            shorter = (value[:end] for end in range(len(value), 2, -1)) if "icd-10" in system else ()
            if found := next((r for code in shorter if (r := self._resolver.resolve(code))), None):
                return found.disease
        for _, _, name in named:
            plain = without_tag(name)
            if found := self._resolver.resolve(plain):
                return found.disease
            mentions = self._conditions.mentions(plain)
            whole = [m for m in mentions if m.manner == "name" and m.end - m.start >= _MOST * len(plain)]
            if whole:
                return whole[0].refs[0]
        return None

    def _observation(self, observation: Json, reading: RecordReading) -> None:
        if observation.get("status") in _UNTRUE:
            return
        parts = observation.get("component") or ()
        if not parts and not observation.get("valueQuantity"):
            name = words(observation.get("code"))
            said = observation.get("valueString") or words(observation.get("valueCodeableConcept"))
            reading.unknown.append(f"{name}: {said}" if said else name)
        for part in (*parts, observation):
            if quantity := part.get("valueQuantity"):
                self._value(part.get("code"), quantity, reading)

    def _value(self, code: Json | None, quantity: Json, reading: RecordReading) -> None:
        known = next((self._codes[c] for s, c, _ in codings(code) if "loinc" in s and c in self._codes), None)
        number = quantity.get("value")
        spelled = str(quantity.get("code") or quantity.get("unit") or "")
        if known is None or number is None:
            reading.unknown.append(f"{listed(code)} = {number} {spelled}".strip())
            return
        entry = self._base.quantities[known]
        shown = f"{entry.name('en')} {number} {spelled}".strip()
        unit = str(record_codes()["ucum"].get(spelled, spelled))
        units = {u.casefold(): u for u in (*entry.units, entry.unit)}
        if not spelled or (unit.casefold() not in units and unit not in ("", "1")):
            reading.doubtful.append(shown)
            return
        value = converted(entry, float(number), units.get(unit.casefold(), entry.unit))
        if value is None:
            reading.doubtful.append(shown)
        else:
            reading.measurements[known] = Measurement(quantity=known, value=value)

    def _medication(self, resource: Json, medications: dict[str, Json], reading: RecordReading) -> None:
        code = resource.get("medicationCodeableConcept") or resource.get("medication")
        pointer = (resource.get("medicationReference") or (code or {}).get("reference") or {}).get(
            "reference", ""
        )
        if not code or not list(codings(code)):
            code = medications.get(
                pointer.rpartition("/")[2].removeprefix("urn:uuid:").rpartition(":")[2], {}
            ).get("code")
        if resource.get("status") in _NOT_TAKEN:
            return
        refs = [ref for ref in self._medicines_in(code) if ref.startswith("drug:")]
        for ref in refs:
            reading.add(ref, words(code))
        if not refs:
            reading.unknown.append(listed(code) or f"medication {pointer}")

    def _allergy(self, allergy: Json, reading: RecordReading) -> None:
        if status(allergy, "verificationStatus") in _NOT_SO or status(allergy, "clinicalStatus") in _OVER:
            return
        refs = self._medicines_in(allergy.get("code"))
        reading.allergies.extend(refs)
        if not refs:
            reading.unknown.append(f"allergy: {listed(allergy.get('code'))}")

    def _medicines_in(self, code: Json | None) -> list[str]:
        """The drugs that a medicine's words name, else the classes."""
        found = [
            r
            for _, _, w in codings(code)
            for m in self._medicines.mentions(w)
            if m.manner == "name"
            for r in m.refs
        ]
        return list(dict.fromkeys([r for r in found if r.startswith("drug:")] or found))

    def _note(self, note: str, reading: RecordReading) -> None:
        """What a note says stands behind what is coded."""
        read = self._intake.read(note, age=reading.age, sex=reading.sex)
        reading.age = read.age if reading.age is None else reading.age
        reading.sex = read.sex if reading.sex is None else reading.sex
        reading.allergies.extend(read.allergies)
        reading.doubtful.extend(read.doubtful)
        for measurement in read.measurements:
            reading.measurements.setdefault(
                measurement.quantity, measurement.model_copy(update={"start": None, "end": None})
            )
        for observation in read.observations:
            plain = observation.model_copy(update={"start": None, "end": None, "manner": "record"})
            reading.observations.setdefault(observation.ref, plain)

    def _measured(self, reading: RecordReading) -> Iterator[Observation]:
        """The findings that the measured values show or rule out."""
        for measurement in reading.measurements.values():
            for finding, shown in self._intake.measures.findings(measurement, reading.age, reading.sex):
                state: State = "present" if shown else "absent"
                yield Observation(ref=finding.ref, state=state, manner="record")
