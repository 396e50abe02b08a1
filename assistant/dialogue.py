"""One turn: events in, answer out.

`hear` turns what a person writes into events; `respond` folds all events into the case and says what
is to be said. Nothing is remembered outside the events.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answer import Answer, AskedQuestion, Statement
from assistant.case import Case, fold
from assistant.crisis import Crisis, emergency_number, hear
from assistant.cues import says_request
from assistant.diagnosis import Assessment, Diagnostician
from assistant.disagreement import Disagreement
from assistant.events import (
    Event,
    Excluded,
    Reading,
    Replied,
    Said,
)
from assistant.explain import Explainer
from assistant.followups import FollowUps
from assistant.gate import SupportGate
from assistant.inquiry import Inquiry
from assistant.intake import MAX_CHARACTERS, Intake
from assistant.intents import asks_what_may_be, is_question, last_clause, says_mine, says_yes_and_more
from assistant.oddities import in_words, oddities
from assistant.open_questions import leaves_open_which, open_asked, reply_to, takes_yes
from assistant.opening import open_question
from assistant.person import language_of
from assistant.phrases import level_in_words, listed, percent, say
from assistant.picture_remarks import latest_pictures, picture_remarks
from assistant.triage import LEVELS
from assistant.unsaid import Unsaid
from assistant.value_remarks import age_remarks, unit_remarks
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language
from vision.tasks import readable_findings

_TELLING = frozenset({"objection", "explain", "what_if", "exclude", "reconsider"})
"""Intents whose message names concepts without reporting them."""
_OF_A_CASE = frozenset({"next_test", "check_up", "treatment", "now", "serious", "outlook"})
"""Intents that ask about a case already weighed: what should I do?"""
_NOTED = 6
"""Most findings that are said to have been noted as absent."""
_SOCIAL = frozenset({"greeting", "thanks", "goodbye", "help"})


@dataclass(frozen=True)
class Dialogue:
    """The parts that a turn needs; made once."""

    base: KnowledgeBase
    intake: Intake
    unsaid: Unsaid
    mind: Diagnostician
    inquiry: Inquiry
    explainer: Explainer
    followups: FollowUps
    gate: SupportGate
    disagreement: Disagreement
    country: str

    def case_of(self, events: Sequence[Event]) -> Case:
        """The case that events amount to."""
        return fold(events, self.base.ancestors)

    def hear(self, text: str, events: Sequence[Event]) -> list[Event]:
        """The events in one message: a reply to the open question, an exclusion, or things told."""
        case = self.case_of(events)
        asked = open_asked(events, case)
        if asked and (replied := reply_to(asked, text)):
            return [replied]
        intent = self.followups.intent(text, case)
        if intent in ("exclude", "reconsider") and (disease := self.followups.meant.disease_in(text)):
            return [Excluded(disease=disease, excluded=intent == "exclude")]
        number = sum(isinstance(e, Said) for e in events)
        spoken = language_of(text, case.language)
        reading = self.intake.read(text, number, spoken, case.age, case.sex, life_stage=case.life_stage)
        if intent is None and not is_question(text):
            reading = self.unsaid.read(text, number, case, reading)
        if intent in _TELLING or (asks_what_may_be(text) and not case.is_empty):
            reading = reading.model_copy(update={"observations": ()})
        if is_question(text) and not case.is_empty:
            asked_of = intent in _OF_A_CASE and not says_mine(text)
            told = tuple(
                o
                for o in reading.observations
                if (o.start or 0) < last_clause(text)
                or not (o.manner == "meant" or (asked_of and o.ref.startswith("disease:")))
            )
            reading = reading.model_copy(update={"observations": told})
        if medicine := self.followups.medicines.questions.question_in(text, case):
            beside = self.followups.medicines.questions.without_asked(reading.observations, medicine)
            reading = reading.model_copy(update={"observations": beside})
        asks = not reading.observations and (
            intent is not None or (is_question(text) and not case.is_empty) or leaves_open_which(asked, text)
        )
        said = Said(text=text[:MAX_CHARACTERS], reading=reading, question=asks)
        if asked and takes_yes(asked) and says_yes_and_more(text):
            return [Replied(ref=asked.ref, value=True), said]
        return [said]

    def respond(self, events: Sequence[Event], text: str | None = None) -> Answer:
        """The answer to the latest events. text: the message that brought them, if there was one."""
        answer = self.gate.let_out(self._answer(events, text))
        told = (self.disagreement.told(s, answer.language) for s in answer.statements)
        return replace(answer, statements=tuple(told))

    def first_look(self, case: Case, assessment: Assessment) -> list[Statement]:
        """What is thought of a case, as far as passages support it."""
        statements = self.gate.supported(self.explainer.first_look(case, assessment), case.language)
        return [self.disagreement.told(statement, case.language) for statement in statements]

    def _answer(self, events: Sequence[Event], text: str | None) -> Answer:
        case = self.case_of(events)
        assessment = self.mind.assess(case)
        heard = events[-1] if events else None
        if text is not None and isinstance(heard, Said):
            if crisis := hear(text, heard.reading, case.language, self.country):
                return self._in_crisis(crisis, case, assessment)
            if trouble := _trouble(text, heard.reading, case.language):
                return self._only(trouble, "trouble", case, assessment)
            intent = self.followups.intent(text, case)
            if intent in _OF_A_CASE and _tells_a_case(heard.reading, events):
                return self._diagnose(events, text, case, assessment)
            if intent == "why_not" and heard.reading.observations:
                return self._diagnose(events, text, case, assessment)
            if intent in _SOCIAL and not heard.reading.observations:
                return self._only(say(case.language, intent), intent, case, assessment)
            if intent and (reply := self.followups.answer(intent, text, case, assessment)):
                return Answer(
                    case.language, intent, assessment.differential, assessment.triage,
                    reply.statements, reply.notes, self._again(events, case, assessment),
                )  # fmt: skip
            if heard.question and intent is None and text.strip() and not says_request(text, case.language):
                which = leaves_open_which(open_asked(events, case), text)
                found = () if which else self.followups.free(text, case, assessment)
                notes = () if found else (say(case.language, "card_which" if which else "no_source"),)
                return Answer(
                    case.language, "question", assessment.differential, assessment.triage,
                    found, notes, self._again(events, case, assessment),
                )  # fmt: skip
        return self._diagnose(events, text, case, assessment)

    def _diagnose(
        self, events: Sequence[Event], text: str | None, case: Case, assessment: Assessment
    ) -> Answer:
        notes = list(self._remarks(events[-1] if events else None, text, case))
        notes += picture_remarks(latest_pictures(events), case, assessment, self.mind)
        notes += self.followups.standing(text or "", case, assessment)
        if case.is_empty:
            flags = tuple(self.explainer.urgency(assessment.triage, case.language))
            if not notes:
                notes.append(say(case.language, "not_understood" if _is_telling(text) else "out_of_scope"))
            return Answer(
                case.language, "tell", assessment.differential, assessment.triage, flags, tuple(notes),
                open_question(case) if _is_telling(text) else None,
            )  # fmt: skip
        if assessment.reading and assessment.reading.findings_alone:
            notes.append(say(case.language, "impossible"))
        if assessment.differential.abstained:
            notes.append(say(case.language, "abstained", percent=percent(assessment.differential.other)))
        question = open_question(case) or self._closed_question(case, assessment)
        if question is None:
            notes.append(say(case.language, "done_asking"))
        elif question.finding.removeprefix("finding:") in readable_findings():
            notes.append(say(case.language, "picture_wanted"))
        return Answer(
            case.language,
            "diagnose",
            assessment.differential,
            assessment.triage,
            tuple(self.explainer.first_look(case, assessment)),
            tuple(notes),
            question,
        )

    def _again(self, events: Sequence[Event], case: Case, assessment: Assessment) -> AskedQuestion | None:
        """The open question, put once more after a question of the person's was answered."""
        asked = open_asked(events, case)
        if asked is None:
            return None
        earlier = case.model_copy(update={"asked": tuple(a for a in case.asked if a != asked.ref)})
        if openly := open_question(earlier):
            return openly
        choices = [ref.partition(":")[2] for ref in asked.refs]
        chosen = self.inquiry.again(case, assessment.differential, choices)
        return self.explainer.question(chosen, case.language) if chosen else None

    def _closed_question(self, case: Case, assessment: Assessment) -> AskedQuestion | None:
        chosen = self.inquiry.next_question(case, assessment.differential)
        return self.explainer.question(chosen, case.language) if chosen else None

    def _remarks(self, latest: Event | None, text: str | None, case: Case) -> list[str]:
        """What Aetia says of the message itself, before what it thinks of the case."""
        remarks: list[str] = []
        language = case.language
        if text is not None and len(text) > MAX_CHARACTERS:
            remarks.append(say(language, "too_long", length=len(text), limit=MAX_CHARACTERS))
        if isinstance(latest, Said):
            remarks += [say(language, "doubtful", what=what) for what in latest.reading.doubtful]
            remarks += unit_remarks(latest.text, latest.reading, self.base, language)
            remarks += age_remarks(latest.text, latest.reading, language)
            odd = oddities(latest.reading.observations, case.sex, self.base)
            remarks += [in_words(oddity, self.base, language) for oddity in odd]
            denied = [o for o in latest.reading.observations if o.state == "absent"]
            corrected = [o for o in denied if o.manner not in ("measured", "level", "course")]
            if len(case.texts) > 1 and corrected:
                absent = [self.explainer.name(o.ref, language) for o in corrected[:_NOTED]]
                remarks.append(say(language, "corrected", what=listed(language, absent)))
            asks = {(True, True): "ask_person", (True, False): "ask_age", (False, True): "ask_sex"}
            ask = asks.get((case.age is None, case.sex is None))
            if not case.is_empty and ask and len(case.texts) == 1:
                remarks.append(say(language, ask))
        if isinstance(latest, Excluded) and latest.excluded:
            name = self.explainer.name(f"disease:{latest.disease}", language)
            remarks.append(say(language, "excluded", disease=name))
        return remarks

    def _in_crisis(self, crisis: Crisis, case: Case, assessment: Assessment) -> Answer:
        passage = self.base.passages.get(f"red_flag/{crisis.flag}")
        statements = (self.explainer.quote(passage, case.language, "crisis", crisis.flag),) if passage else ()
        urgent = replace(assessment.triage, level=LEVELS[-1])
        return Answer(case.language, "crisis", assessment.differential, urgent, statements, (crisis.text,))

    def _only(self, note: str, intent: str, case: Case, assessment: Assessment) -> Answer:
        return Answer(case.language, intent, assessment.differential, assessment.triage, (), (note,))

    def urgency_in_words(self, answer: Answer) -> str:
        """The level of an answer, as it is said to a person."""
        number = emergency_number(answer.language, self.country)
        return level_in_words(answer.language, answer.triage.level, number)


def _trouble(text: str, reading: Reading, language: Language) -> str | None:
    """What is wrong with a message that cannot be read."""
    if not text.strip():
        told = reading.observations or reading.measurements or reading.allergies
        return None if told else say(language, "empty")
    odd = sum(unicodedata.category(ch) in ("Cc", "Cn", "Co", "Cs") and ch not in "\n\r\t" for ch in text)
    if odd * 5 > len(text):
        return say(language, "unreadable")
    letters = [ch for ch in text if ch.isalpha()]
    foreign = [ch for ch in letters if not ("LATIN" in (n := unicodedata.name(ch, "")) or "CJK" in n)]
    if letters and len(foreign) * 2 > len(letters) and not reading.observations:
        return say(language, "other_language")
    return None


def _tells_a_case(reading: Reading, events: Sequence[Event]) -> bool:
    """Whether the first message tells more than one thing that is there: it is weighed before what it asks is answered."""
    first = sum(isinstance(event, Said) for event in events) == 1
    return (
        first and sum(o.state == "present" and o.ref.startswith("finding:") for o in reading.observations) > 1
    )


def _is_telling(text: str | None) -> bool:
    return text is not None and len(text.split()) + sum("\u4e00" <= ch <= "\u9fff" for ch in text) > 3
