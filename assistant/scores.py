"""Scores of a case: computed from what it says, and from values that a person gives by name."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from assistant.case import Case
from assistant.events import Measurement, Observation, State
from assistant.measures import Measures, converted
from assistant.view import judge_of
from knowledge.base import KnowledgeBase
from knowledge.concepts import Sex
from knowledge.errors import AetiaError
from knowledge.scoring import Facts, Item, Result, Score, ScoreLibrary, evaluate

_OLDEST = 120.0
_VALUE = re.compile(r"\s*(?P<number>-?\d+(?:[.,]\d+)?)\s*(?P<unit>.*?)\s*")
_TRUTHS = {
    "yes": True, "true": True, "present": True, "y": True, "是": True, "有": True,
    "no": False, "false": False, "absent": False, "n": False, "否": False, "无": False,
}  # fmt: skip
_SEXES: dict[str, Sex] = {
    "female": "female", "f": "female", "woman": "female", "女": "female",
    "male": "male", "m": "male", "man": "male", "男": "male",
}  # fmt: skip

Given = Mapping[str, str | float | bool]


class Scorer:
    """Computes scores; made once."""

    def __init__(self, base: KnowledgeBase, library: ScoreLibrary | None = None) -> None:
        self._base = base
        self.library = library or ScoreLibrary(base)
        self._measures = Measures(base)

    @cached_property
    def watched(self) -> tuple[Score, ...]:
        """Scores of which a band sets an urgency."""
        return tuple(
            score
            for score in self.library.scores.values()
            if any(band.level for band in (*score.bands, *filter(None, [score.single])))
        )

    def of_case(self, score: Score, case: Case, answers: Mapping[str, float] | None = None) -> Result:
        """A score by what a case says. answers: item id -> points that a person gave for it."""
        return self._evaluated(score, self._completed(case), answers or {})

    def of_values(self, name: str, given: Given) -> Result:
        """A score by values that a person gives: `age`, `sex`, quantities (with a unit or in the pack's
        own), findings, risk factors and diseases (yes or no), and items of the score (yes, no, points).

        Raises AetiaError when the score or a key is not known or a value cannot be.
        """
        score = self.library.find(name)
        items = {item.id: item for item in score.lines}
        case = Case()
        answers: dict[str, float] = {}
        for key, value in given.items():
            if key in items:
                answers[key] = _points(items[key], value)
            else:
                case = self._with(case, key, value, score)
        return self.of_case(score, self._with_findings(case), answers)

    def relevant(self, diseases: Iterable[str], case: Case) -> list[Result]:
        """Scores that serve any of some diseases (bare ids), of which something is known and that are
        meant for this person."""
        scores = {s.id: s for disease in diseases for s in self.library.about(disease)}
        results = [self.of_case(score, case) for score in scores.values()]
        return [result for result in results if result.known and result.applies is not False]

    def _evaluated(self, score: Score, case: Case, answers: Mapping[str, float]) -> Result:
        def value(quantity: str) -> float | None:
            if quantity == "age":
                return case.age
            measured = case.measurements.get(quantity)
            return measured.value if measured else None

        return evaluate(score, Facts(judge_of(case, self._base), value, case.sex, answers))

    def _completed(self, case: Case) -> Case:
        """The case with the quantities that scores compute from it, such as a BMI."""
        measured = dict(case.measurements)
        for quantity, score in self.library.giving.items():
            result = self._evaluated(score, case, {}) if quantity not in measured else None
            if result and result.complete and result.applies is True and not result.missing:
                measured[quantity] = Measurement(quantity=quantity, value=result.low)
        return case.model_copy(update={"measurements": measured})

    def _with(self, case: Case, key: str, value: str | float | bool, score: Score) -> Case:
        if key == "age":
            return case.model_copy(update={"age": _age(value)})
        if key == "sex":
            return case.model_copy(update={"sex": _sex(value)})
        if key in self._base.quantities:
            measured = Measurement(quantity=key, value=self._number(key, value))
            return case.model_copy(update={"measurements": case.measurements | {key: measured}})
        if ref := self._base.observable(key):
            state: State = "present" if _truth(key, value) else "absent"
            stated = Observation(ref=ref, state=state, manner="asked")
            return case.model_copy(update={"observations": case.observations | {ref: stated}})
        raise AetiaError(
            f"`{key}` is nothing that {score.name()} is computed from; give age, sex, a quantity, a finding "
            f"or one of its items: {', '.join(item.id for item in score.lines)}"
        )

    def _number(self, key: str, value: str | float | bool) -> float:
        quantity = self._base.quantities[key]
        match = _VALUE.fullmatch(str(value))
        low, high = quantity.plausible
        wanted = f"a number from {low:g} to {high:g} {quantity.unit}"
        if match is None:
            raise AetiaError(f"{key}: `{value}` is no number; expected {wanted}")
        number, unit = float(match["number"].replace(",", ".")), match["unit"] or None
        known = {u.replace(" ", "").casefold() for u in (quantity.unit, *quantity.units)}
        if unit and unit.replace(" ", "").casefold() not in known:
            units = ", ".join(dict.fromkeys((quantity.unit, *quantity.units)))
            raise AetiaError(f"{key}: `{unit}` is no unit of it that I know; I know {units}")
        if (found := converted(quantity, number, unit)) is None:
            raise AetiaError(f"{key}: {value} cannot be right; expected {wanted}")
        return found

    def _with_findings(self, case: Case) -> Case:
        """The case with the findings that its numbers show or rule out."""
        read = {
            finding.ref: Observation(
                ref=finding.ref, state="present" if shown else "absent", manner="measured"
            )
            for measurement in case.measurements.values()
            for finding, shown in self._measures.findings(measurement, case.age, case.sex)
        }
        return case.model_copy(update={"observations": read | case.observations})


def _points(item: Item, value: str | float | bool) -> float:
    """The points that an answer gives an item. Raises AetiaError when it is none of its answers."""
    truth = _TRUTHS.get(str(value).strip().casefold())
    if item.points is not None and truth is not None:
        return item.points if truth else 0.0
    match = _VALUE.fullmatch(str(value))
    number = float(match["number"].replace(",", ".")) if match and not match["unit"] else None
    if item.answers is not None:
        low, high = item.answers
        if number is not None and low <= number <= high and number.is_integer():
            return number
        raise AetiaError(f"{item.id}: `{value}` is no whole number from {low} to {high}")
    if number is not None and number in {option.points for option in item.choices}:
        return number
    ways = (
        "; ".join(f"{option.points:g}: {option.en}" for option in item.choices) or "a number by its formula"
    )
    raise AetiaError(f"{item.id}: `{value}` is none of its answers; {ways}")


def _age(value: str | float | bool) -> float:
    match = _VALUE.fullmatch(str(value))
    if match is None or match["unit"] or not 0 <= (age := float(match["number"])) <= _OLDEST:
        raise AetiaError(f"age: `{value}` is no age in years from 0 to {_OLDEST:g}")
    return age


def _sex(value: str | float | bool) -> Sex:
    sex = _SEXES.get(str(value).strip().casefold())
    if sex is None:
        raise AetiaError(f"sex: `{value}` is neither female nor male")
    return sex


def _truth(key: str, value: str | float | bool) -> bool:
    truth = _TRUTHS.get(str(value).strip().casefold())
    if truth is None:
        raise AetiaError(f"{key}: `{value}` is neither yes nor no")
    return truth
