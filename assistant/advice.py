"""How to stay well: what the rules (rules/advice.yaml) tell this person, each with its passage."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import TypeAdapter

from assistant.drug_safety import Patient
from assistant.measures import body_mass_index
from knowledge.base import KnowledgeBase
from knowledge.concepts import Criterion, Entry
from knowledge.criteria import Judge, names_in
from knowledge.errors import AetiaError

Topic = Literal[
    "safety", "measuring", "smoking", "alcohol", "eating", "moving", "sleeping", "vaccination", "screening"
]
TOPICS: tuple[Topic, ...] = (
    "safety", "measuring", "eating", "moving", "sleeping", "smoking", "alcohol", "vaccination", "screening",
)  # fmt: skip


class Advice(Entry):
    """A passage for those of whom `when` holds. habit: something to take up, step by step."""

    topic: Topic
    passage: str
    when: Criterion
    habit: bool = False

    def because(self) -> tuple[str, ...]:
        """The conditions and quantities that it hangs on."""
        return tuple(names_in(self.when))


class Adviser:
    """Holds the rules against people; made once. Raises AetiaError for a rule without its passage."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self.rules = tuple(rule for rule in _written() if rule.passage in base.passages)

    def advise(self, patient: Patient, averages: Mapping[str, float]) -> tuple[Advice, ...]:
        """What holds for a person, the weightiest first, each passage once. averages: quantity -> value,
        which stand before single values of the case."""
        values = dict(patient.values) | dict(averages)
        if "bmi" not in values and (index := body_mass_index(values)):
            values["bmi"] = index

        def value(quantity: str) -> float | None:
            return patient.age if quantity == "age" else values.get(quantity)

        judge = Judge(lambda bare: bare in patient.conditions, value, patient.sex)
        told: dict[str, Advice] = {}
        for rule in self.rules:
            if judge.holds(rule.when) is True:
                told.setdefault(rule.passage, rule)
        return tuple(told.values())

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """Ids in the rules that this pack does not hold; its rules never fire."""
        return tuple(dict.fromkeys(self._unknown()))

    def _unknown(self) -> Iterator[str]:
        for rule in self.rules:
            for name in names_in(rule.when):
                kind, _, bare = name.rpartition(":")
                known = bare in self._base.quantities if kind else self._base.observable(bare)
                if not known and bare != "age":
                    yield name


def _written() -> tuple[Advice, ...]:
    raw = yaml.safe_load((files("assistant") / "rules" / "advice.yaml").read_text(encoding="utf-8"))
    try:
        return TypeAdapter(tuple[Advice, ...]).validate_python(raw)
    except ValueError as fault:
        raise AetiaError(f"rules/advice.yaml: {fault}") from fault
