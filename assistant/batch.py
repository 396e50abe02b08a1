"""Many cases at once: a line of JSON in, a line of JSON out, in the order of the input.

A run that was killed goes on where it stopped: whole lines already written are kept, a torn last
line is written again.
"""

import gc
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.api import Assistant
from assistant.as_json import findings_json, hypothesis_json, triage_json
from assistant.case import Case
from assistant.diagnosis import Assessment
from assistant.differential import Hypothesis
from assistant.events import Described, Event, Observation, Reading, Said
from assistant.oddities import in_words, oddities
from assistant.phrases import say
from knowledge.concepts import Language, Sex
from knowledge.errors import AetiaError

SHOWN = 10
CHUNK = 50
"""Lines that are given out together."""
_PHRASES = 20_000
"""Phrases that are kept with what they were read as; many cases use the same words."""

Chunk = list[str]
Answering = Callable[[Iterable[Chunk]], Iterator[Chunk]]
"""Chunks of lines -> chunks of answers as JSON, in the same order (see also workers.py)."""


class CaseIn(BaseModel):
    """One line of the input."""

    model_config = ConfigDict(extra="forbid")
    id: str | int
    text: str | None = None
    age: float | None = Field(default=None, ge=0, le=120)
    sex: Sex | None = None
    language: Language | None = None
    findings_present: list[str] = []
    findings_absent: list[str] = []
    candidates: list[str] | None = None
    images: list[str] = []

    @model_validator(mode="after")
    def _says_something(self) -> "CaseIn":
        if not (self.text and self.text.strip()) and not (
            self.findings_present or self.findings_absent or self.images
        ):
            raise ValueError("a case needs `text`, `findings_present`, `findings_absent` or `images`")
        return self


class Batch:
    """Diagnoses lines. `assistant` has all witnesses, `graph_only` the graph alone; either is made
    when the first line needs it."""

    def __init__(self, full: Callable[[], Assistant], graph_only: Callable[[], Assistant]) -> None:
        self._make = {True: full, False: graph_only}
        self._made: dict[bool, Assistant] = {}

    def line(self, raw: str) -> dict[str, Any]:
        """The object to write for one line of input; a bad line gives an `error`."""
        given: Any = None
        try:
            given = json.loads(raw)
            case = CaseIn.model_validate(given)
            return self.diagnose(case)
        except ValidationError as fault:
            said = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'line'}: {e['msg']}" for e in fault.errors())
        except json.JSONDecodeError as fault:
            said = f"not JSON: {fault}"
        except AetiaError as fault:
            said = str(fault)
        return {"id": given.get("id") if isinstance(given, dict) else None, "error": said}

    def diagnose(self, given: CaseIn) -> dict[str, Any]:
        """The answer to one case. Raises AetiaError for what cannot be read."""
        began = time.perf_counter()
        assistant = self._assistant(bool(given.text))
        case, told, unread = _case(assistant, given)
        candidates = None if given.candidates is None else _resolved(assistant, given.candidates)
        known = None if candidates is None else [d for _, d in candidates if d]
        assessment = assistant.mind.assess(case, known)
        shown = (
            assessment.differential.hypotheses[:SHOWN]
            if candidates is None
            else _as_asked(assessment, candidates)
        )
        return {
            "id": given.id,
            "language": case.language,
            "findings": findings_json(case),
            "differential": [hypothesis_json(assistant, h) for h in shown],
            "triage": triage_json(assistant, assessment, case.language),
            "abstained": assessment.differential.abstained,
            "seconds": round(time.perf_counter() - began, 4),
            **({"not_understood": unread} if unread else {}),
            **_odd(told, case, assessment, assistant),
        }

    def _assistant(self, full: bool) -> Assistant:
        if full not in self._made:
            self._made[full] = self._make[full]()
            # The pack is millions of objects that live as long as this; the collector need not walk them
            # again and again, which took longer than the answers.
            gc.collect()
            gc.freeze()
        return self._made[full]


def one_by_one(batch: Batch) -> Answering:
    """Answers in this process, each by itself, so that a kill costs no more than one line."""
    return lambda chunks: (
        [json.dumps(batch.line(line), ensure_ascii=False)] for chunk in chunks for line in chunk
    )


def run(answering: Answering, source: Path, target: Path, done: Callable[[int], object]) -> int:
    """Answer every line of a file; the number of bad lines. `done` is told how many more are written."""
    written = _whole_lines(target)
    bad = sum(_is_bad(line) for line in written)
    done(len(written))
    with source.open(encoding="utf-8") as lines, target.open("a", encoding="utf-8") as out:
        open_ = islice(filter(str.strip, lines), len(written), None)
        for answers in answering(iter(lambda: list(islice(open_, CHUNK)), [])):
            bad += sum(_is_bad(line) for line in answers)
            out.write("".join(f"{line}\n" for line in answers))
            out.flush()
            done(len(answers))
    return bad


def _is_bad(answer: str) -> bool:
    return '"error"' in answer and "error" in json.loads(answer)


def _whole_lines(target: Path) -> list[str]:
    """The lines of an earlier run; a torn last one is cut off."""
    if not target.exists():
        return []
    content = target.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with target.open("r+b") as file:
            file.truncate(len(whole))
    return whole.decode("utf-8").splitlines()


def _odd(
    told: Sequence[Observation], case: Case, assessment: Assessment, assistant: Assistant
) -> dict[str, Any]:
    """What cannot be so together, in words; nothing for a case without."""
    base, language = assistant.base, case.language
    words = [in_words(oddity, base, language) for oddity in oddities(told, case.sex, base)]
    if assessment.reading and assessment.reading.findings_alone:
        words.append(say(language, "impossible"))
    return {"contradictions": words} if words else {}


def _case(assistant: Assistant, given: CaseIn) -> tuple[Case, list[Observation], list[str]]:
    """The case of a line, all that was told in it, and the listed phrases that were not understood."""
    events: list[Event] = [Described(age=given.age, sex=given.sex, language=given.language)]
    if given.text:
        reading = assistant.dialogue.intake.read(given.text, 0, given.language, given.age, given.sex)
        reading = reading.model_copy(
            update={
                "age": reading.age if given.age is None else given.age,
                "sex": given.sex or reading.sex,
            }
        )
        events.append(Said(text=given.text, reading=reading))
    listed, unread = _listed(assistant, given)
    if listed:
        language = given.language or (events[-1].reading.language if isinstance(events[-1], Said) else "en")
        events.append(Said(text="", reading=Reading(language=language, observations=tuple(listed))))
    for number, image in enumerate(given.images):
        events.append(assistant.pictures.read(Path(image), number, given.age))
    told = [o for e in events if isinstance(e, Said) for o in e.reading.observations]
    return assistant.dialogue.case_of(events), told, unread


def _listed(assistant: Assistant, given: CaseIn) -> tuple[list[Observation], list[str]]:
    """Findings given as ids or words, and the phrases that name none."""
    observations: list[Observation] = []
    unread: list[str] = []
    for words, present in ((given.findings_present, True), (given.findings_absent, False)):
        for phrase in words:
            # Age and sex matter to numbers alone; without them the same words are read once.
            person = (given.age, given.sex) if any(map(str.isdigit, phrase)) else (None, None)
            named = _named(assistant, phrase, given.language, *person)
            if not named:
                unread.append(phrase)
            for o in named:
                stated = present == (o.state == "present")
                observations.append(o.model_copy(update={"state": "present" if stated else "absent"}))
    return observations, unread


@lru_cache(maxsize=_PHRASES)
def _named(
    assistant: Assistant, phrase: str, language: Language | None, age: float | None, sex: Sex | None
) -> tuple[Observation, ...]:
    """What an id (`fever`, `finding:fever`) or a phrase says."""
    ref = assistant.base.observable(phrase.rpartition(":")[2])
    if ref and ref.endswith(phrase):
        return (Observation(ref=ref, state="present", manner="name"),)
    return assistant.dialogue.intake.read(phrase, None, language, age, sex).observations


def _resolved(assistant: Assistant, names: Sequence[str]) -> list[tuple[str, str | None]]:
    """Each candidate's words and bare disease id; a second name of one disease counts as unknown."""
    seen: set[str] = set()
    resolved: list[tuple[str, str | None]] = []
    for name in names:
        found = assistant.resolver.resolve(name)
        bare = found.disease.partition(":")[2] if found else None
        if bare in seen:
            bare = None
        if bare:
            seen.add(bare)
        resolved.append((name, bare))
    return resolved


def _as_asked(assessment: Assessment, candidates: Sequence[tuple[str, str | None]]) -> list[Hypothesis]:
    """One entry for each candidate, the unknown ones last under their own words."""
    unknown = [Hypothesis(None, words, 0.0, {}) for words, bare in candidates if bare is None]
    return [*assessment.differential.hypotheses, *unknown]
