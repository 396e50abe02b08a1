"""Readings that a person takes at home: CSV, JSON or typed lines -> values in the pack's units, with their time.

Nothing is guessed: a value that cannot be, a quantity that is not known and a number whose unit is commonly
one of several are named in `doubts` with what to do, and are left out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from assistant.measures import Measures, converted
from assistant.reading_names import choices, names_of, names_unit, spelled, within_reason
from assistant.reading_rows import csv_rows, json_rows
from assistant.reading_times import Moment, day_in, moment_of
from knowledge.base import KnowledgeBase
from knowledge.concepts import Quantity
from knowledge.errors import AetiaError

Fault = Literal["impossible", "no_unit", "unknown_unit", "unknown", "no_number", "no_date", "crossed"]
MOST = 20_000
_PRESSURE = re.compile(r"\s*(\d{2,4})\s*[/／]\s*(\d{2,3})\s*(?:mm\s?hg)?\s*", re.IGNORECASE)
_VALUE = re.compile(r"\s*(?P<number>-?\d+(?:[.,]\d+)?)\s*(?P<unit>\D.*?)?\s*")
_HEADED = re.compile(r"(?P<name>[^(（\[]+?)\s*[(（\[](?P<unit>[^)）\]]+)[)）\]]\s*")

_PAIR = frozenset({"systolic_bp", "diastolic_bp"})


@dataclass(frozen=True)
class HomeReading:
    """A value in its quantity's unit, and when it was taken."""

    quantity: str
    value: float
    moment: Moment


@dataclass(frozen=True)
class Doubt:
    """What is asked about. row: counted from 1 as the person sees the file, without its heading. units: to
    choose from."""

    row: int
    text: str
    fault: Fault
    quantity: str | None = None
    units: tuple[str, ...] = ()


@dataclass
class ReadingLog:
    """What was read, in order of time, and what is asked about."""

    readings: list[HomeReading] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def of(self, quantity: str) -> list[HomeReading]:
        """The readings of one quantity, the earliest first."""
        return [r for r in self.readings if r.quantity == quantity]

    @property
    def quantities(self) -> tuple[str, ...]:
        """What was measured, in the order of first use."""
        return tuple(dict.fromkeys(r.quantity for r in self.readings))


class ReadingReader:
    """Reads logs with the quantities of a pack; made once. units: quantity -> the unit that the person says
    their bare numbers are in."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self._measures = Measures(base)
        self._named = dict(names_of(base))

    def read(self, text: str, today: date, units: Mapping[str, str] | None = None) -> ReadingLog:
        """A log as text: JSON when it begins with a bracket or brace, CSV when its first line holds names
        of columns, else typed lines such as `2026-11-01 evening BP 138/86, pulse 72`.

        Raises AetiaError for JSON that is none, for a log too long, and for a unit that is not known.
        """
        given = self._units(units or {})
        text = text.lstrip("\ufeff").strip()
        log = ReadingLog()
        if text.startswith(("[", "{")):
            self._rows(json_rows(text), given, log)
        elif (rows := csv_rows(text, lambda head: self._key(head)[0] is not None)) is not None:
            self._rows(rows, given, log)
        else:
            self._lines(text, today, given, log)
        log.readings = sorted(dict.fromkeys(log.readings), key=lambda r: r.moment.order)
        return log

    def _units(self, units: Mapping[str, str]) -> dict[str, str]:
        given: dict[str, str] = {}
        for name, unit in units.items():
            key = self._named.get(name.strip().lower())
            if key not in self._base.quantities:
                raise AetiaError(f"`{name}` is no quantity that I know; name one, as in glucose=mmol/L")
            if (known := spelled(self._base.quantities[key], unit)) is None:
                raise AetiaError(
                    f"`{unit}` is no unit of {name}; I know {', '.join(choices(self._base.quantities[key]))}"
                )
            given[key] = known
        return given

    def _key(self, head: str) -> tuple[str | None, str | None]:
        """What a column is about, and the unit that its heading gives in brackets."""
        if key := self._named.get(head.strip().lower()):
            return key, None
        headed = _HEADED.fullmatch(head)
        return (self._named.get(headed["name"].lower()), headed["unit"].strip()) if headed else (None, None)

    def _rows(self, rows: Iterable[Mapping[str, Any]], given: Mapping[str, str], log: ReadingLog) -> None:
        for number, row in enumerate(rows, 1):
            if number > MOST:
                raise AetiaError(f"the log has more than {MOST} rows; give the latest year alone")
            cells = [
                (head, str(value).strip()) for head, value in row.items() if head and value not in (None, "")
            ]
            named = {
                key: (value, unit) for head, value in cells if value for key, unit in [self._key(head)] if key
            }
            if not named and not cells:
                continue
            moment = moment_of(named.get("date", ("", None))[0], named.get("time", ("", None))[0])
            if moment is None:
                log.doubts.append(Doubt(number, ", ".join(value for _, value in cells), "no_date"))
                continue
            if "quantity" in named:
                self._long(number, named, moment, given, log)
                continue
            if named.keys() >= _PAIR:
                high, low = (named.pop(q)[0] for q in ("systolic_bp", "diastolic_bp"))
                self._pressure(number, f"{high}/{low}", moment, log)
            for key, (value, unit) in named.items():
                if key not in ("date", "time"):
                    self._cell(number, key, value, unit, moment, given, log)
            for head, value in cells:
                if self._key(head)[0] is None and re.search(r"\d", value):
                    log.doubts.append(Doubt(number, f"{head}: {value}", "unknown"))

    def _long(
        self,
        number: int,
        named: Mapping[str, tuple[str, str | None]],
        moment: Moment,
        given: Mapping[str, str],
        log: ReadingLog,
    ) -> None:
        """A row that names its quantity in a column."""
        called, value = named["quantity"][0], named.get("value", ("", None))[0]
        key = self._named.get(called.lower())
        if key is None or key in ("date", "time", "quantity", "value", "unit"):
            log.doubts.append(Doubt(number, f"{called}: {value}", "unknown"))
        else:
            self._cell(number, key, value, named.get("unit", (None, None))[0], moment, given, log)

    def _lines(self, text: str, today: date, given: Mapping[str, str], log: ReadingLog) -> None:
        """Typed lines; a line without a day is of the day of the line before, else of today."""
        day: date = today
        for number, line in enumerate((part for part in text.splitlines() if part.strip()), 1):
            found, rest = day_in(line)
            day = found or day
            moment = moment_of(day.isoformat(), rest) or Moment(day)
            measured, doubtful = self._measures.read(rest)
            log.doubts += [Doubt(number, words, "impossible") for words in doubtful]
            if _crossed({m.quantity: m.value for m in measured}):
                log.doubts.append(Doubt(number, line.strip(), "crossed", "systolic_bp"))
                continue
            for m in measured:
                entry = self._base.quantities[m.quantity]
                said = rest[m.start : m.end]
                if not entry.ask_unit or names_unit(entry, said):
                    self._keep(number, said, entry, m.value, moment, log)
                else:
                    bare = re.findall(r"\d+(?:[.,]\d+)?", said)[-1]
                    self._cell(number, m.quantity, bare, None, moment, given, log)
            if not measured and not doubtful:
                log.doubts.append(Doubt(number, line.strip(), "unknown"))

    def _cell(
        self,
        number: int,
        key: str,
        value: str,
        unit: str | None,
        moment: Moment,
        given: Mapping[str, str],
        log: ReadingLog,
    ) -> None:
        if key == "blood_pressure" or _PRESSURE.fullmatch(value):
            self._pressure(number, value, moment, log)
            return
        if key not in self._base.quantities:
            return
        entry = self._base.quantities[key]
        match = _VALUE.fullmatch(value)
        if match is None:
            log.doubts.append(Doubt(number, f"{entry.name()}: {value}", "no_number", key))
            return
        stated = match["unit"] or unit or given.get(key)
        known = spelled(entry, stated) if stated else None
        shown = f"{entry.name()}: {value} {unit or ''}".strip()
        if stated and known is None:
            log.doubts.append(Doubt(number, shown, "unknown_unit", key, choices(entry)))
        elif stated is None and entry.ask_unit:
            log.doubts.append(Doubt(number, shown, "no_unit", key, choices(entry)))
        else:
            amount = converted(entry, float(match["number"].replace(",", ".")), known or entry.unit)
            self._keep(number, shown, entry, amount, moment, log)

    def _pressure(self, number: int, value: str, moment: Moment, log: ReadingLog) -> None:
        match = _PRESSURE.fullmatch(value)
        if match is None:
            log.doubts.append(Doubt(number, value, "no_number", "systolic_bp"))
            return
        high, low = float(match[1]), float(match[2])
        quantities = self._base.quantities
        sound = [within_reason(quantities[q], v) for q, v in (("systolic_bp", high), ("diastolic_bp", low))]
        if not all(sound) or high <= low:
            fault: Fault = "crossed" if all(sound) else "impossible"
            log.doubts.append(Doubt(number, value.strip(), fault, "systolic_bp"))
            return
        log.readings.append(HomeReading("systolic_bp", high, moment))
        log.readings.append(HomeReading("diastolic_bp", low, moment))

    def _keep(
        self, number: int, shown: str, entry: Quantity, value: float | None, moment: Moment, log: ReadingLog
    ) -> None:
        if value is None or not within_reason(entry, value):
            log.doubts.append(Doubt(number, shown, "impossible", entry.id))
        else:
            log.readings.append(HomeReading(entry.id, value, moment))


def _crossed(values: Mapping[str, float]) -> bool:
    """Whether the lower number of a blood pressure is not below the upper one."""
    return values.keys() >= _PAIR and values["diastolic_bp"] >= values["systolic_bp"]
