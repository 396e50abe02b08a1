"""Window and level of a DICOM picture as the page offers them: sliders and buttons over its stored values."""

import base64
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from knowledge.concepts import Language

if TYPE_CHECKING:
    from vision.stored import Stored

_STEPS = 500
"""Positions of a slider, unless whole units are coarser."""


def window_slots(stored: "Stored", language: Language) -> dict[str, Any]:
    """What the template says of a picture's values and windows; numbers are in the values' unit."""
    from vision.stored import ct_windows

    windows = [stored.window, *(preset.window for preset in stored.presets)]
    low = min(stored.low, *(w.centre for w in windows))
    high = max(stored.high, *(w.centre for w in windows))
    step = _step(stored)
    return {
        "data": base64.b64encode(stored.packed).decode(),
        "height": stored.codes.shape[0],
        "width": stored.codes.shape[1],
        "low": stored.low,
        "step": stored.step,
        "unit": stored.unit,
        "inverted": stored.inverted,
        "table": stored.table,
        "function": stored.window.function,
        "slider": {
            "low": _multiple(floor(low / step), step),
            "high": _multiple(ceil(high / step), step),
            "widest": _multiple(
                ceil(max(stored.high - stored.low, *(w.width for w in windows)) / step), step
            ),
            "step": step,
        },
        "centre": stored.window.centre,
        "window": stored.window.width,
        "presets": [(p.name(language), p.window.centre, p.window.width) for p in stored.presets],
        "source": ct_windows()[1],
    }


def _step(stored: "Stored") -> float:
    """One unit where values are counted in units, else a small part of their range."""
    return 1.0 if stored.step >= 1 else float(f"{(stored.high - stored.low) / _STEPS:.1g}")


def _multiple(count: int, step: float) -> float:
    return float(f"{count * step:.9g}")
