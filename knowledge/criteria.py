"""Conditions on a case in Kleene's three-valued logic: true, false, or not known (None).

An item is the bare id of a finding, risk factor or disease, or a comparison such as
"respiratory_rate >= 30" or "age >= 65". What nobody mentioned is not known, never absent.
"""

import operator
import re
from collections.abc import Callable, Iterable

from knowledge.concepts import Criterion, Sex

Truth = bool | None

_COMPARISON = re.compile(
    r"^\s*(?P<name>[a-z][a-z0-9_]*)\s*(?P<sign><=|>=|<|>)\s*(?P<bound>-?\d+(\.\d+)?)\s*$"
)
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def names_in(criterion: Criterion) -> list[str]:
    """The ids and quantities that a criterion mentions; comparisons give `quantity:<name>`."""
    names = []
    for item in (*criterion.all, *criterion.any, *criterion.none, *criterion.of):
        comparison = _COMPARISON.match(item)
        names.append(f"quantity:{comparison['name']}" if comparison else item)
    return names


def within(age: float, band: str) -> bool:
    """Whether an age in years lies in a band such as "0-4" (until the fifth birthday) or "65+"."""
    low, end = ends(band)
    if end is None:
        return age >= low
    return low <= age and (age < end if _in_whole_years(band) else age <= end)


def ends(band: str) -> tuple[float, float | None]:
    """Where a band begins and ends, in years: "0-4" ends at 5, "0-0.9" at 0.9, "65+" nowhere."""
    low, _, high = band.rstrip("+").partition("-")
    if band.endswith("+"):
        return float(low), None
    return float(low), float(high) + _in_whole_years(band)


def _in_whole_years(band: str) -> bool:
    last = float(band.partition("-")[2])
    return last.is_integer() and last >= 1


class Judge:
    """Applies criteria to one case.

    state: bare id -> True, False, or None when not known. value: quantity -> number or None;
    `age` is asked of it too.
    """

    def __init__(
        self,
        state: Callable[[str], Truth],
        value: Callable[[str], float | None],
        sex: Sex | None,
    ) -> None:
        self._state = state
        self._value = value
        self._sex = sex

    def item(self, item: str) -> Truth:
        """The truth of one item."""
        if not (comparison := _COMPARISON.match(item)):
            return self._state(item)
        number = self._value(comparison["name"])
        return None if number is None else _SIGNS[comparison["sign"]](number, float(comparison["bound"]))

    def holds(self, criterion: Criterion) -> Truth:
        """The truth of a criterion: all its parts must hold."""
        return _all(self._parts(criterion))

    def _parts(self, criterion: Criterion) -> Iterable[Truth]:
        if criterion.age is not None:
            age = self._value("age")
            yield None if age is None else within(age, criterion.age)
        if criterion.sex is not None:
            yield None if self._sex is None else self._sex == criterion.sex
        yield from map(self.item, criterion.all)
        if criterion.any:
            yield _not(_all(_not(self.item(i)) for i in criterion.any))
        yield from (_not(self.item(i)) for i in criterion.none)
        if criterion.of:
            yield from self._counted(criterion)

    def _counted(self, criterion: Criterion) -> Iterable[Truth]:
        truths = [self.item(i) for i in criterion.of]
        sure, possible = truths.count(True), truths.count(True) + truths.count(None)
        if criterion.count is not None:
            yield True if sure >= criterion.count else (None if possible >= criterion.count else False)
        if criterion.at_most is not None:
            yield False if sure > criterion.at_most else (None if possible > criterion.at_most else True)


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _all(truths: Iterable[Truth]) -> Truth:
    unknown = False
    for truth in truths:
        if truth is False:
            return False
        unknown = unknown or truth is None
    return None if unknown else True
