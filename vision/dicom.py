"""DICOM files: the levels as a reader would see them, the spacing, and nothing about the person.

DICOM PS3.3 C.7.6.3 (pixels), C.11.1 and C.11.2 (modality and VOI look-up), C.8.7.1 and C.8.11
(spacing at the detector).
"""

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.images import Image, Population, Spacing, check_pixels
from vision.levels import scaled_in_strips
from vision.refusals import ImageRefused
from vision.stored import Stored, stored_values

_DEFLATED = {"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1"}
"""Transfer syntaxes that would be inflated, whatever their size, before anything is known."""

ADULT = 18
"""Years from which the adults' calibration applies."""


def open_dicom(path: Path) -> Image:
    """Read a DICOM picture; of several frames the middle one.

    Rescale, VOI look-up or window and MONOCHROME1 are applied. Raises ImageRefused.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of values that bend the standard and still read
        header = _header(path)
        _check(header)
        pixels, stored = _pixels(path, header)
    return Image(
        pixels=pixels,
        format="DICOM",
        spacing=spacing_of(header),
        modality=_text(header, "Modality"),
        body_part=_text(header, "BodyPartExamined"),
        view=_text(header, "ViewPosition"),
        population=_population(_text(header, "PatientAge")),
        burnt_in=_text(header, "BurnedInAnnotation") == "YES",
        stored=stored,
    )


def _header(path: Path) -> Any:
    """The data set without its pixels."""
    import pydicom
    from pydicom.filereader import read_file_meta_info

    try:
        syntax = str(read_file_meta_info(path).get("TransferSyntaxUID", ""))
        if syntax in _DEFLATED:
            raise ImageRefused("deflated")
        return pydicom.dcmread(path, stop_before_pixels=True)
    except ImageRefused:
        raise
    except Exception as error:  # a damaged file can make the parser raise nearly anything
        raise ImageRefused("damaged", format="DICOM") from error


def _check(header: Any) -> None:
    rows, columns = header.get("Rows"), header.get("Columns")
    if not rows or not columns:
        raise ImageRefused("no_pixels")
    check_pixels(int(columns), int(rows))


def _pixels(path: Path, header: Any) -> tuple[NDArray[np.uint8], Stored | None]:
    import pydicom
    from pydicom.pixels.utils import pixel_array

    try:
        data = pydicom.dcmread(path)
        if "PixelData" not in data:
            raise ImageRefused("no_pixels")
        return _as_seen(pixel_array(data, index=frame_read(data)), data)
    except ImageRefused:
        raise
    except Exception as error:
        syntax = getattr(header.file_meta, "TransferSyntaxUID", None)
        if syntax is None or _can_decode(syntax, header):
            raise ImageRefused("damaged", format="DICOM") from error
        raise ImageRefused("codec", syntax=getattr(syntax, "name", "unknown")) from error


def _can_decode(syntax: Any, header: Any) -> bool:
    """Whether a decoder is installed for a file's compression, in the depth that it has."""
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import JPEG2000TransferSyntaxes, JPEGExtended12Bit

    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        return False
    deep = int(header.get("BitsStored") or 8) > 8
    colour = int(header.get("SamplesPerPixel") or 1) > 1
    lost: set[str] = set()  # the decoders that know the compression, and not at this depth
    if deep and syntax == JPEGExtended12Bit:
        lost = {"pillow", "gdcm"}
    elif deep and colour and syntax in JPEG2000TransferSyntaxes:
        lost = {"pillow"}
    return decoder.is_native or bool(set(decoder.available_plugins) - lost)


def frame_read(header: Any) -> int:
    """Which frame is read, from 0: of several the middle one."""
    return (int(header.get("NumberOfFrames") or 1) - 1) // 2


def _as_seen(stored: NDArray[Any], data: Any) -> tuple[NDArray[np.uint8], Stored | None]:
    """Stored values to the levels that a screen shows, and, of a grey picture, to what a viewer can window."""
    from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut

    if data.PhotometricInterpretation == "PALETTE COLOR":
        stored = apply_color_lut(stored, data)
    if stored.ndim == 3:
        return scaled_in_strips(stored.shape, lambda rows: stored[rows].astype(np.float64)), None

    def rescaled(rows: slice) -> NDArray[np.float64]:
        return np.asarray(apply_modality_lut(stored[rows], data), dtype=np.float64)

    def seen(rows: slice) -> NDArray[np.float64]:
        return np.asarray(apply_voi_lut(apply_modality_lut(stored[rows], data), data), dtype=np.float64)

    def used(rows: slice) -> NDArray[np.bool_]:
        return np.asarray(stored[rows] != data.PixelPaddingValue)

    counted = used if "PixelPaddingValue" in data else None
    levels = scaled_in_strips(stored.shape, seen, counted)
    if data.PhotometricInterpretation == "MONOCHROME1":
        np.subtract(255, levels, out=levels)
    return levels, stored_values(data, stored.shape, rescaled, counted)


def spacing_of(header: Any) -> Spacing | None:
    """The spacing in the patient, else at the detector, less its stated magnification; else None."""
    if pair := _two_lengths(header.get("PixelSpacing")):
        return Spacing(*pair, basis="patient")
    for name in ("ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        if pair := _two_lengths(header.get(name)):
            factor = float(header.get("EstimatedRadiographicMagnificationFactor") or 1)
            return Spacing(pair[0] / factor, pair[1] / factor, "patient" if factor > 1 else "detector")
    return None


def _two_lengths(value: Any) -> tuple[float, float] | None:
    """(down, across), the order in which DICOM gives them; None when absent or not lengths."""
    try:
        down, across = (float(length) for length in value)
    except (TypeError, ValueError):
        return None
    good = all(math.isfinite(length) and length > 0 for length in (down, across))
    return (down, across) if good else None


def _population(age: str | None) -> Population | None:
    """Of a DICOM age such as `045Y` or `008M`."""
    a_year = {"Y": 1, "M": 12, "W": 52, "D": 365}.get(age[-1]) if age else None
    if not age or not a_year or not age[:-1].isdigit():
        return None
    return "adult" if int(age[:-1]) / a_year >= ADULT else "child"


def _text(header: Any, name: str) -> str | None:
    return str(header.get(name) or "").strip().upper() or None
