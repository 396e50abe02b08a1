"""Readings drawn as an SVG: values over time, the target shaded, the trend as a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.panels import render
from knowledge.concepts import Language, Rule

_WIDTH, _HEIGHT = 640, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 12, 26
_ROOM = 0.08
"""Share of the range that is left free above and below."""


@dataclass(frozen=True)
class Line:
    """Values over time (days, value), with their name."""

    name: str
    points: Sequence[tuple[float, float]]


def chart_svg(
    title: str,
    unit: str,
    lines: Sequence[Line],
    language: Language,
    limits: Sequence[Rule] = (),
    trend: tuple[float, float] | None = None,
) -> str:
    """A chart of lines in one unit. limits: the target, shaded where it is bounded. trend: the line's value at
    the first and the last time."""
    days = [x for line in lines for x, _ in line.points]
    values = [y for line in lines for _, y in line.points] + _bounds(limits)
    frame = _Frame(min(days), max(days), min(values), max(values))
    return render(
        "readings.svg",
        language,
        title=title,
        unit=unit,
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        bottom=_HEIGHT - _BOTTOM,
        lines=[frame.drawn(line, n) for n, line in enumerate(lines)],
        band=frame.band(limits),
        trend=frame.trend(trend),
        grid=[{"y": round(frame.y(v), 1), "label": f"{v:g}"} for v in frame.ticks()],
        ends=[date.fromordinal(int(x)).isoformat() for x in (frame.x0, frame.x1)],
    )


class _Frame:
    """Places values on the drawing."""

    def __init__(self, x0: float, x1: float, low: float, high: float) -> None:
        self.x0, self.x1 = x0, x1
        room = (high - low) * _ROOM or max(abs(high) * _ROOM, 1.0)
        self.low, self.high = low - room, high + room

    def x(self, day: float) -> float:
        share = (day - self.x0) / (self.x1 - self.x0) if self.x1 > self.x0 else 0.5
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def drawn(self, line: Line, number: int) -> dict[str, Any]:
        places = [(round(self.x(x), 1), round(self.y(y), 1)) for x, y in sorted(line.points)]
        titles = [f"{date.fromordinal(int(x)).isoformat()}: {y:g}" for x, y in sorted(line.points)]
        return {
            "name": line.name,
            "number": number,
            "path": " ".join(f"{x},{y}" for x, y in places),
            "dots": [{"x": x, "y": y, "title": t} for (x, y), t in zip(places, titles, strict=True)],
        }

    def band(self, limits: Sequence[Rule]) -> dict[str, float] | None:
        """Where the target lies; open ends reach to the edge."""
        if not limits:
            return None
        lows = [b for r in limits for b in (r.at_least, r.above) if b is not None]
        highs = [b for r in limits for b in (r.at_most, r.below) if b is not None]
        top = self.y(min(highs)) if highs else float(_TOP)
        bottom = self.y(max(lows)) if lows else float(_HEIGHT - _BOTTOM)
        return {"y": round(top, 1), "height": round(max(bottom - top, 0.0), 1)}

    def trend(self, ends: tuple[float, float] | None) -> dict[str, float] | None:
        if ends is None:
            return None
        first, last = ends
        return {
            "x1": round(self.x(self.x0), 1),
            "y1": round(self.y(first), 1),
            "x2": round(self.x(self.x1), 1),
            "y2": round(self.y(last), 1),
        }

    def ticks(self) -> list[float]:
        """Three values in round numbers."""
        step = (self.high - self.low) / 2
        digits = 0 if step >= 4 else 1
        return [round(self.low + share * (self.high - self.low), digits) for share in (0.1, 0.5, 0.9)]


def _bounds(limits: Sequence[Rule]) -> list[float]:
    return [b for r in limits for b in (r.at_least, r.above, r.at_most, r.below) if b is not None]
