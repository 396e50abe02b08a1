"""Numbers with quantities: `T 38.9`, `BP 88/50`, `SpO2 86%`, `WBC 18`, `体温39度`."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property

from assistant.events import Measurement
from assistant.numerals import in_figures
from knowledge.base import KnowledgeBase
from knowledge.concepts import Finding, Quantity, Rule, Sex
from knowledge.criteria import within

_LINK = (
    r"(?:\s|[:：=]|is|was|of|at|about|around|up to|to|reads|reading|measured|on room air"
    r"|为|是|到|达|高达|约|在|量了|测得|升至|显示)*"
)
_NUMBER = r"(?P<number>\d{1,6}(?:[.,]\d{1,3})?)"
_PRESSURE = re.compile(
    r"(?:\bbp\b|blood pressure|血压)[^\d\n]{0,15}(?P<high>\d{2,4})\s*[/／]\s*(?P<low>\d{2,3})", re.IGNORECASE
)
_BARE_PRESSURE = re.compile(
    r"(?<![\d/.,])(?P<high>[89]\d|1\d\d|2[0-4]\d)(?:\s?[/／]\s?|\sover\s)(?P<low>[4-9]\d|1[0-3]\d)"
    r"(?![\d/／.%]|\s?(?:mg|mcg|µg|ug|微克|毫克|分|次|points?)\b)"
)
"""As it is told without a word for it: 160/95."""
_SPOKEN_PRESSURE = re.compile(
    r"(?:\bbp\b|blood pressure|血压)[^\d\n]{0,15}(?P<high>[89]\d|1\d\d|2[0-4]\d)\s*(?:,|，|、|and|和|比|到|低压)\s*"
    r"(?P<low>[4-9]\d|1[0-3]\d)(?![\d.%]|\s?(?:years?\b|year-|y/?o\b|岁|次|bpm|beats))",
    re.IGNORECASE,
)
"""As it is said aloud: 血压160，95."""
_PULSE_PRESSURE = (20, 120)
"""Least and most between both values of a blood pressure, mmHg; a ratio or a score is not taken for one."""
_NO_BODY = r"(?<![角弯曲屈展])(?<!抬高)(?<!外旋)(?<!内旋)(?<!旋转)(?<!后伸)(?<!内收)(?<!上举)(?<!气温)(?<!室温)(?<!水温)"
"""Before degrees that are an angle's, or the weather's."""
_BARE_TEMPERATURE = re.compile(
    _NO_BODY + r"(?<![\d.])(?P<number>\d{2,3}(?:\.\d)?)\s*(?P<unit>°\s?[CF]|℃|℉|摄氏度|度(?!数|房))",
    re.IGNORECASE,
)
_SPOKEN_TEMPERATURE = re.compile(
    _NO_BODY + r"(?P<whole>[34]\d)度(?P<tenth>[1-9一二三四五六七八九])(?!\d|[十百个分])"
)
"""As it is said aloud: 37度8, 三十八度五."""
_BARE_DEGREES = re.compile(
    r"(?P<other>(?:angle|flex|extension|bend|bent|rais|rotat|cobb|abduct|tilt|outside|outdoors|weather|water|room|heat|\bin\s)"
    r"[^.;\n]{0,40}?)?(?<![\d.])(?P<number>(?:3[4-9]|4[0-2]|9[5-9]|10\d)(?:\.\d)?)\s*degrees"
    r"(?=\s*(?:[,.;!?)\n]|$|(?:and|since|this|last|today|at night|in the|for|now|but|yesterday)\b))",
    re.IGNORECASE,
)
"""A temperature that stands alone, "by noon 40 degrees"; other: what the degrees are of, where no fever."""
_DIGITS = "零一二三四五六七八九"
_NO_TIME = r"(?!\d|\s*-?\s*(?:[dhx×]\b|days?|hours?|hrs?|weeks?|months?|times|多?[天周日月年岁次]|小时|个))"
"""Behind a number that is no length of time."""
_ADULT = 40.0
_LETTER_AND_NUMBER = re.compile(r"\s*[A-Za-z]\d+\s*")
"""What is no value that cannot be right: the T2 of T2DM, the P1 of G2P1."""
_NEAR = 30
_HOTTEST = 45
"""No person is hotter in degrees Celsius."""
"""Letters between a value, the word for its whole, and the whole."""


class Measures:
    """Reads numbers, and turns them into findings by the rules of the pack."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base

    def read(self, text: str, said: int | None = None) -> tuple[list[Measurement], list[str]]:
        """The measurements in a text, and those that cannot be right, in the text's own words."""
        found: dict[str, Measurement] = {}
        doubtful: list[str] = []
        figures, places = in_figures(text)
        for quantity, number, unit, first, behind in self._candidates(figures):
            start, end = places[first], places[behind]
            value = converted(quantity, number, unit)
            if value is None:
                if not _LETTER_AND_NUMBER.fullmatch(text[start:end]):
                    doubtful.append(text[start:end])
            else:
                found.setdefault(
                    quantity.id,
                    Measurement(quantity=quantity.id, value=value, said=said, start=start, end=end),
                )
        for share in self._shares(figures, places, found):
            found.setdefault(share.quantity, share)
        if (index := body_mass_index({m.quantity: m.value for m in found.values()})) and "bmi" not in found:
            found["bmi"] = found["weight"].model_copy(update={"quantity": "bmi", "value": index})
        return list(found.values()), doubtful

    def findings(
        self, measurement: Measurement, age: float | None, sex: Sex | None
    ) -> Iterator[tuple[Finding, bool]]:
        """The findings that a measurement shows (True) or rules out (False)."""
        for finding in self._base.findings.values():
            rules = [
                rule
                for rule in finding.measured
                if rule.quantity == measurement.quantity and _applies(rule, age, sex)
            ]
            shown = any(rule.holds(measurement.value) for rule in rules)
            if shown or not all(rule.leaves_open(measurement.value) for rule in rules):
                yield finding, shown

    def _candidates(self, text: str) -> Iterator[tuple[Quantity, float, str | None, int, int]]:
        quantities = self._base.quantities
        taken: list[tuple[int, int]] = []
        if {"systolic_bp", "diastolic_bp"} <= quantities.keys():
            spoken = (m for p in (_BARE_PRESSURE, _SPOKEN_PRESSURE) for m in p.finditer(text))
            for match in [*_PRESSURE.finditer(text), *filter(_is_pressure, spoken)]:
                taken.append(match.span())
                yield quantities["systolic_bp"], float(match["high"]), None, *match.span()
                yield quantities["diastolic_bp"], float(match["low"]), None, *match.span()
        if "temperature" in quantities:
            for match in _SPOKEN_TEMPERATURE.finditer(text):
                taken.append(match.span())
                yield quantities["temperature"], _spoken(match), "℃", *match.span()

        def is_free(match: re.Match[str]) -> bool:
            return not any(a < match.end() and match.start() < b for a, b in taken)

        for pattern, quantity in self._patterns:
            for match in filter(is_free, pattern.finditer(text)):
                taken.append(match.span())
                yield quantity, _number(match["number"]), match["unit"], *match.span()
        for pattern, quantity in self._beside:
            for match in filter(is_free, pattern.finditer(text)):
                number = _number(match["number"])
                if converted(quantity, number, match["unit"]) is not None:
                    taken.append(match.span())
                    yield quantity, number, match["unit"], *match.span()
        if "temperature" in quantities:
            for match in filter(is_free, _BARE_TEMPERATURE.finditer(text)):
                yield quantities["temperature"], _number(match["number"]), match["unit"], *match.span()
            for match in filter(is_free, _BARE_DEGREES.finditer(text)):
                unit = "℃" if (number := _number(match["number"])) < _HOTTEST else "℉"
                if not match["other"]:
                    yield quantities["temperature"], number, unit, *match.span()

    def _shares(
        self, text: str, places: list[int], found: Mapping[str, Measurement]
    ) -> Iterator[Measurement]:
        """What is per cent of a whole that the text tells next: "peak flow 280, my best is 430"."""
        for quantity in self._base.quantities.values():
            part = found.get(quantity.share_of or "")
            if not part:
                continue
            words = "|".join(map(re.escape, quantity.whole))
            told = re.compile(
                rf"[^\d\n]{{0,{_NEAR}}}?(?:{words})[^\d\n]{{0,{_NEAR}}}?{_NUMBER}", re.IGNORECASE
            )
            match = told.match(text, bisect_left(places, part.end or 0))
            whole = match and converted(self._base.quantities[part.quantity], _number(match["number"]), None)
            if match and whole and (share := converted(quantity, round(100 * part.value / whole, 1), None)):
                yield part.model_copy(
                    update={"quantity": quantity.id, "value": share, "end": places[match.end()]}
                )

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], Quantity]]:
        """Longer names first, so that "direct bilirubin" is not read as "bilirubin"; a share before what it is of."""
        quantities = self._base.quantities.values()
        named = [(name, q, q.with_unit) for q in quantities for name in _names(q)]
        parts = [(self._base.quantities[q.share_of], q) for q in quantities if q.share_of]
        named += [(name, share, True) for part, share in parts for name in _names(part)]
        named.sort(key=lambda row: (-len(row[0]), not row[2]))
        before = [(_before(name, q), q) for q in quantities if q.with_unit for name in _names(q)]
        return [*((_pattern(*row), row[1]) for row in named), *before]

    @cached_property
    def _beside(self) -> list[tuple[re.Pattern[str], Quantity]]:
        return [
            (re.compile(_pattern(name, quantity, False).pattern + _NO_TIME, re.IGNORECASE), quantity)
            for quantity in self._base.quantities.values()
            if quantity.beside
            for name in sorted((*quantity.beside.en, *quantity.beside.zh), key=len, reverse=True)
        ]


def _names(quantity: Quantity) -> tuple[str, ...]:
    return (*quantity.names.en, *quantity.names.zh)


def _pattern(name: str, quantity: Quantity, with_unit: bool) -> re.Pattern[str]:
    """Of a name and a number; with_unit: only where its unit is told."""
    unit = _units(quantity)
    case = 0 if len(name) <= 2 else re.IGNORECASE
    return re.compile(
        rf"{whole(name)}{_LINK}{_NUMBER}(?![\d/])"
        rf"\s*(?P<unit>(?:{unit})(?![A-Za-z])){'' if with_unit else '?'}",
        case,
    )


def _before(name: str, quantity: Quantity) -> re.Pattern[str]:
    """Of a number with its unit that stands before a name: "30 weeks pregnant"."""
    return re.compile(
        rf"(?<![\d.]){_NUMBER}[\s-]*(?P<unit>{_units(quantity)})[\s-]*(?:of\s+)?{whole(name)}", re.IGNORECASE
    )


def _units(quantity: Quantity) -> str:
    """Its units, the longest first."""
    units = sorted({quantity.unit, *quantity.units}, key=len, reverse=True)
    return "|".join(re.escape(u).replace(r"\ ", r"\s*") for u in units)


def whole(word: str) -> str:
    """A pattern of a word as a whole, beside Chinese characters too where it is written in letters."""
    left = r"(?<![A-Za-z])" if word[0].isascii() and word[0].isalnum() else ""
    right = r"(?![A-Za-z])" if word[-1].isascii() and word[-1].isalnum() else ""
    return f"{left}{re.escape(word)}{right}"


def _is_pressure(match: re.Match[str]) -> bool:
    least, most = _PULSE_PRESSURE
    return least <= int(match["high"]) - int(match["low"]) <= most


def _spoken(match: re.Match[str]) -> float:
    """Degrees of a temperature as it is said aloud."""
    tenth = match["tenth"]
    return float(f"{match['whole']}.{tenth if tenth.isdecimal() else _DIGITS.index(tenth)}")


def _number(words: str) -> float:
    """Decimal point or comma; a comma before three digits parts thousands."""
    if re.fullmatch(r"\d{1,3},\d{3}", words):
        return float(words.replace(",", ""))
    return float(words.replace(",", "."))


def body_mass_index(values: Mapping[str, float]) -> float | None:
    """kg/m², where weight (kg) and height (cm) are known."""
    if not {"weight", "height"} <= values.keys():
        return None
    return round(values["weight"] / (values["height"] / 100) ** 2, 1)


def converted(quantity: Quantity, number: float, unit: str | None) -> float | None:
    """The value in the quantity's unit; None when no reading of it is plausible.

    Without a unit the number is taken in the quantity's own, else in the one other unit that makes
    it plausible.
    """
    low, high = quantity.plausible
    spelled = {u.replace(" ", "").casefold(): u for u in quantity.units}
    if unit and (known := spelled.get(unit.replace(" ", "").casefold())):
        value = number * quantity.units[known] + quantity.offsets.get(known, 0.0)
        return round(value, 4) if low <= value <= high else None
    if low <= number <= high:
        return number
    others = {
        round(value, 4)
        for u, factor in quantity.units.items()
        if low <= (value := number * factor + quantity.offsets.get(u, 0.0)) <= high
    }
    return others.pop() if len(others) == 1 and unit is None else None


def _applies(rule: Rule, age: float | None, sex: Sex | None) -> bool:
    if rule.age is not None and not within(_ADULT if age is None else age, rule.age):
        return False
    return rule.sex is None or rule.sex == sex
