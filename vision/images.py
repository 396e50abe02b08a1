"""Opening a picture that a stranger made: PNG, JPEG, TIFF, WebP or DICOM to grey or colour levels.

The content decides what a file is, its size is checked before anything is decoded, and nothing that
names a person is kept.
"""

import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageOps

from vision.levels import grey_of, levels_of
from vision.refusals import ImageRefused
from vision.stored import Stored

Population = Literal["child", "adult"]

MEGAPIXELS = 60
"""More than any detector has; 60 megapixels in colour are 180 MB."""

MEGABYTES = 256
"""The largest file that is opened."""

_SUFFIXES = {
    "PNG": {".png"},
    "JPEG": {".jpg", ".jpeg", ".jpe", ".jfif"},
    "TIFF": {".tif", ".tiff"},
    "WEBP": {".webp"},
    "DICOM": {".dcm", ".dicom", ".dic", ".ima"},
}

READABLE = frozenset(_SUFFIXES)
"""The formats that are read, as `sniffed` names them."""

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, struct.error, zlib.error)
"""What Pillow raises on damaged files, depending on where the damage is."""


@dataclass(frozen=True)
class Spacing:
    """Millimetres from one pixel's middle to the next.

    basis: "patient" where the file says so; "detector" where only the detector's spacing is known,
    so that sizes in the body are somewhat smaller.
    """

    down: float
    across: float
    basis: Literal["patient", "detector"] = "patient"


@dataclass(frozen=True)
class Image:
    """A decoded picture, without its file's other contents.

    pixels: (H, W) grey or (H, W, 3) colour, uint8, the right way up as the file says.
    format: "PNG", "JPEG", "TIFF", "WEBP" or "DICOM".
    modality, body_part, view: as a DICOM file states them, such as "DX", "CHEST", "PA".
    population: whose calibration applies, from the age in a DICOM file; the age itself is dropped.
    burnt_in: whether the file says that text, which may name a person, is part of the picture.
    stored: the values of a grey DICOM picture, for a viewer; text that is burnt in is still in them.
    """

    pixels: NDArray[np.uint8]
    format: str
    spacing: Spacing | None = None
    modality: str | None = None
    body_part: str | None = None
    view: str | None = None
    population: Population | None = None
    burnt_in: bool = False
    stored: Stored | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def grey(self) -> NDArray[np.uint8]:
        """(H, W) grey levels."""
        if self.pixels.ndim == 2:
            return self.pixels
        return grey_of(self.pixels)


def open_image(path: str | Path) -> Image:
    """Read a picture file.

    Raises ImageRefused, with a sentence for people, when the file is missing, damaged, too large, of
    another kind than its name says, or of a kind that is not read.
    """
    path = Path(path)
    kind = _kind_checked(path)
    if kind == "DICOM":
        from vision.dicom import open_dicom

        return open_dicom(path)
    return _open_raster(path, kind)


def _kind_checked(path: Path) -> str:
    kind = sniffed(_head(path))
    if kind not in _SUFFIXES:
        if path.suffix.lower() in set().union(*_SUFFIXES.values()) and kind != "other":
            raise ImageRefused("wrong_suffix", suffix=path.suffix, found=kind)
        raise ImageRefused("unknown_format", found=kind)
    if path.suffix and path.suffix.lower() not in _SUFFIXES[kind]:
        raise ImageRefused("wrong_suffix", suffix=path.suffix, found=kind)
    return kind


def _head(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if path.is_file() and size == 0:
            raise ImageRefused("empty")
        if size > MEGABYTES * 1e6:
            raise ImageRefused("too_large", megabytes=round(size / 1e6), limit=MEGABYTES)
        with path.open("rb") as file:
            return file.read(512)
    except FileNotFoundError as error:
        raise ImageRefused("missing", path=path.name) from error
    except OSError as error:
        raise ImageRefused("not_a_file", path=path.name, detail=error.strerror or error) from error


def sniffed(head: bytes) -> str:
    """The format that a file's first 512 bytes show: a key of the readable formats or of `found`."""
    if head[128:132] == b"DICM":
        return "DICOM"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return "HEIC"
    starts = {
        b"\x89PNG\r\n\x1a\n": "PNG",
        b"\xff\xd8\xff": "JPEG",
        b"II*\x00": "TIFF",
        b"MM\x00*": "TIFF",
        b"GIF8": "GIF",
        b"BM": "BMP",
        b"%PDF": "PDF",
        b"PK\x03\x04": "ZIP",
        b"<": "SVG",
    }
    return next((kind for start, kind in starts.items() if head.startswith(start)), "other")


def check_pixels(width: int, height: int) -> None:
    """Raise ImageRefused when so many pixels are too many to decode."""
    if width * height > MEGAPIXELS * 1e6:
        count = round(width * height / 1e6)
        raise ImageRefused("too_many_pixels", megapixels=count, width=width, height=height, limit=MEGAPIXELS)


def _open_raster(path: Path, kind: str) -> Image:
    try:
        with warnings.catch_warnings():
            # Pillow warns of sizes that are checked here, and of odd metadata that is not kept.
            warnings.simplefilter("ignore")
            with Pil.open(path, formats=[kind]) as file:
                check_pixels(*file.size)
                file.load()
                ImageOps.exif_transpose(file, in_place=True)
                return Image(levels_of(file), kind)
    except Pil.DecompressionBombError as error:
        raise ImageRefused(
            "too_many_pixels", megapixels="far too many", width="?", height="?", limit=MEGAPIXELS
        ) from error
    except (*_BROKEN, MemoryError) as error:
        raise ImageRefused("damaged", format=kind) from error
