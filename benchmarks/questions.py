"""Questions one at a time beside questions with choices: how often the diagnosis leads after so many turns.

    python -m benchmarks.questions --people 200

The people are drawn from the pack's own diseases: each tells age, sex and one complaint, and then knows
every answer. So this measures the way of asking and not the medicine, for the pack is right by
construction; what it knows of real people is measured by benchmarks/vignettes.py.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from assistant.api import Assistant
from assistant.events import Chose, Described, Event, Observation, Reading, Said
from assistant.inquiry import Inquiry
from assistant.questions import Question
from benchmarks.measure import RESULTS, interval, write
from knowledge.diseases import Disease
from knowledge.sampling import Sampler

ASKABLE = frozenset({"symptom", "vital"})


@dataclass(frozen=True)
class Person:
    """Somebody with one disease (bare id). there: bare ids of all findings that they have."""

    disease: str
    age: float
    sex: str
    complaint: str
    there: frozenset[str]

    def begins(self) -> list[Event]:
        """What they tell unasked."""
        told = Observation(ref=f"finding:{self.complaint}", state="present", manner="name")
        return [
            Described.model_validate({"age": self.age, "sex": self.sex}),
            Said(text="", reading=Reading(language="en", observations=(told,))),
        ]

    def answers(self, asked: tuple[str, ...]) -> Chose:
        """Yes to what they have, no to all else."""
        refs = {f: f"finding:{f}" for f in asked}
        return Chose(
            yes=tuple(ref for f, ref in refs.items() if f in self.there),
            no=tuple(ref for f, ref in refs.items() if f not in self.there),
        )


def people(assistant: Assistant, count: int, seed: int) -> Iterator[Person]:
    """Draws of diseases that have a complaint to begin with, each disease at most once in turn."""
    base, rng = assistant.base, np.random.default_rng(seed)
    draw, found = Sampler(rng), 0
    usual = [d for d in base.diseases.values() if not d.traditional_pattern]
    while found < count:
        disease: Disease = usual[rng.integers(len(usual))]
        there, _ = draw.shown(disease)
        complaints = [f for f in there if base.findings[f].kind == "symptom"]
        if complaints:
            age, sex = draw.person(disease)
            above = (base.ancestors[f] for f in there)
            yield Person(disease.id, age, sex, complaints[0], frozenset(there).union(*above))
            found += 1


def ask(assistant: Assistant, person: Person, most: int, cards: bool) -> tuple[list[bool], int, int]:
    """Whether the disease leads before any question and after each of `most`; the turns, and the findings
    asked about in them."""
    inquiry = Inquiry(assistant.graph)
    events, leads, turns, items = person.begins(), [], 0, 0
    while True:
        case = assistant.dialogue.case_of(events)
        differential = assistant.mind.assess(case).differential
        leads.append(next(h.disease for h in differential.hypotheses if h.disease) == person.disease)
        question = inquiry.next_question(case, differential) if turns < most else None
        if question is None:
            return leads + leads[-1:] * (most + 1 - len(leads)), turns, items
        asked = _asked(question, cards)
        events.append(person.answers(asked))
        turns, items = turns + 1, items + len(asked)


def _asked(question: Question, cards: bool) -> tuple[str, ...]:
    return question.card.choices if cards and question.card else (question.finding,)


def measured(assistant: Assistant, drawn: list[Person], most: int, cards: bool) -> dict[str, Any]:
    """One way of asking."""
    runs = [ask(assistant, person, most, cards) for person in tqdm(drawn, mininterval=5)]
    leads = np.array([lead for lead, _, _ in runs])
    return {
        "first_after": {str(n): round(float(share), 4) for n, share in enumerate(leads.mean(axis=0))},
        "first_in_the_end_interval": interval(leads[:, -1].tolist()),
        "turns_mean": round(float(np.mean([turns for _, turns, _ in runs])), 2),
        "asked_about_mean": round(float(np.mean([items for _, _, items in runs])), 2),
    }


def main() -> None:
    """Measure both ways on the same people."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--most", type=int, default=12, help="questions put to a person")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=RESULTS / "questions.json")
    options = parser.parse_args()
    assistant = Assistant.graph_only()
    drawn = list(people(assistant, options.people, options.seed))
    result = {"benchmark": "questions", "people": options.people, "seed": options.seed}
    for key, cards in (("one_at_a_time", False), ("with_choices", True)):
        result[key] = measured(assistant, drawn, options.most, cards)
    print(json.dumps(result, indent=1))
    write(result, options.out)


if __name__ == "__main__":
    main()
