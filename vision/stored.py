"""The values that a DICOM file stores, at the size in which it is shown, so that a viewer can window them.

DICOM PS3.3 C.11.1 (rescale, and its units) and C.11.2.1 (window and its functions).
"""

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml
from numpy.typing import NDArray

from vision.geometry import SHOWN_SIDE, within
from vision.levels import Used, Values, value_range
from vision.refusals import Language

Function = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]

_HIGHEST = 65535
_BAND = 64
"""Rows of the small picture that are made at a time: what they are made of is large."""


@dataclass(frozen=True)
class Window:
    """The part of the values that is spread from black to white, in their unit."""

    centre: float
    width: float
    function: Function = "LINEAR"


@dataclass(frozen=True)
class Preset:
    """A usual window for CT, from windows.yaml."""

    key: str
    window: Window
    names: dict[str, str]

    def name(self, language: Language) -> str:
        """What it is called on a button."""
        return self.names[language]


@dataclass(frozen=True)
class Stored:
    """Values after rescaling: `low + step * codes`.

    codes: (h, w) uint16. unit: "HU", or "" where the file names none that is known. window: what the file
    asks for; its values' whole range where it asks for nothing. table: whether the file asks for a look-up
    table, which no window repeats exactly. inverted: whether low values are white (MONOCHROME1).
    """

    codes: NDArray[np.uint16]
    low: float
    step: float
    unit: str
    window: Window
    table: bool = False
    inverted: bool = False

    @property
    def high(self) -> float:
        """The highest value."""
        return self.low + self.step * int(self.codes.max())

    @property
    def presets(self) -> tuple[Preset, ...]:
        """The usual windows that make sense for these values: those of CT for Hounsfield units."""
        return ct_windows()[0] if self.unit == "HU" else ()

    @property
    def levels(self) -> NDArray[np.uint8]:
        """(h, w) the whole range of values as grey levels, as seen."""
        grey = (self.codes.astype(np.float32) * (255 / max(int(self.codes.max()), 1))).astype(np.uint8)
        return 255 - grey if self.inverted else grey

    @cached_property
    def packed(self) -> bytes:
        """The codes for a browser: each less the one to its left, low bytes and then high bytes, deflated."""
        steps = np.diff(self.codes, axis=1, prepend=np.uint16(0))  # modulo 65536
        return zlib.compress(steps.astype("<u2").view(np.uint8).reshape(-1, 2).T.tobytes(), 6)


@cache
def ct_windows() -> tuple[tuple[Preset, ...], dict[str, str]]:
    """The usual windows, and the title and url of where they are from."""
    text = Path(__file__).with_name("windows.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    presets = (
        Preset(key, Window(row["centre"], row["width"]), row["name"]) for key, row in found["windows"].items()
    )
    return tuple(presets), found["source"]


def stored_values(
    header: Any,
    shape: tuple[int, int],
    values: Callable[[slice], Values],
    used: Callable[[slice], Used] | None,
) -> Stored | None:
    """What a viewer needs of a grey DICOM picture; None where all its values are the same.

    values: rows to their values after rescaling. used: rows to which of their pixels are no padding.
    """
    low, high = value_range(shape, values, used)
    if not low < high:
        return None
    step = max(_slope(header), (high - low) / _HIGHEST)
    small = averaged(shape, values, within((shape[1], shape[0]), SHOWN_SIDE))
    codes = np.rint((np.clip(np.nan_to_num(small, nan=low), low, high) - low) / step).astype(np.uint16)
    table = bool(header.get("VOILUTSequence"))
    window = None if table else _window(header)
    return Stored(
        codes=codes,
        low=low,
        step=step,
        unit=_unit(header),
        window=window or Window((low + high) / 2, high - low, "LINEAR_EXACT"),
        table=table,
        inverted=header.PhotometricInterpretation == "MONOCHROME1",
    )


def averaged(
    shape: tuple[int, int], values: Callable[[slice], Values], size: tuple[int, int]
) -> NDArray[np.float64]:
    """(h, w) of `size` (w, h): the mean of the pixels that fall into each."""
    rows, columns = (np.arange(m + 1) * n // m for n, m in zip(shape, size[::-1], strict=True))
    bands = []
    for first, last in pairwise([*range(0, size[1], _BAND), size[1]]):
        band = values(slice(int(rows[first]), int(rows[last])))
        sums = np.add.reduceat(band, rows[first:last] - rows[first], axis=0)
        bands.append(np.add.reduceat(sums, columns[:-1], axis=1))
    return np.asarray(np.concatenate(bands) / np.outer(np.diff(rows), np.diff(columns)))


def _slope(header: Any) -> float:
    """What one stored unit is worth."""
    slope = abs(float(header.get("RescaleSlope") or 1))
    return slope if math.isfinite(slope) and not header.get("ModalityLUTSequence") else 1.0


def _unit(header: Any) -> str:
    """Hounsfield units where the file says so, or where a CT says nothing else (PS3.3 C.11.1.1.2)."""
    named = str(header.get("RescaleType") or "").strip().upper()
    scout = "LOCALIZER" in (header.get("ImageType") or ())
    silent = not named and header.get("Modality") == "CT" and header.get("RescaleIntercept") is not None
    return "HU" if (named == "HU" or silent) and not scout else ""


def _window(header: Any) -> Window | None:
    """The first window that the file asks for."""
    centre, width = _first(header.get("WindowCenter")), _first(header.get("WindowWidth"))
    if centre is None or width is None or width <= 0:
        return None
    named = str(header.get("VOILUTFunction") or "LINEAR").strip().upper()
    function: Function = (
        "SIGMOID" if named == "SIGMOID" else "LINEAR_EXACT" if named == "LINEAR_EXACT" else "LINEAR"
    )
    return Window(centre, width, function)


def _first(value: Any) -> float | None:
    from pydicom.multival import MultiValue

    try:
        number = float(value[0] if isinstance(value, MultiValue) else value)
    except (TypeError, ValueError, IndexError):
        return None
    return number if math.isfinite(number) else None
