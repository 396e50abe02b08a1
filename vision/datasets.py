"""Labelled pictures in zips with an `index.csv`, split so that no patient is on both sides."""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from knowledge.errors import AetiaError
from vision.geometry import Box, squared

Part = Literal["train", "validation", "test"]

_PART_OF_A_PAPER = re.compile(r"(\.pdf-|[._-](fig|figure|gr\d|fx\d)|[-_.]day\d).*$", re.IGNORECASE)

VALIDATION, TEST = 0.12, 0.15
"""Shares of the groups that are kept out of training."""


class DatasetFault(AetiaError):
    """A zip of pictures that cannot be used; the text says which row, and what was expected."""


@dataclass(frozen=True)
class Labelled:
    """One picture of a set.

    pixels: (S, S) uint8, grey, squeezed to a square.
    group: what must not be split: a patient, a lesion, a paper.
    size: (width, height) of the picture in the zip.
    boxes: regions that a reader marked, as fractions of the picture's width and height.
    """

    pixels: NDArray[np.uint8]
    label: str
    group: str
    source: str
    path: str
    size: tuple[int, int]
    boxes: tuple[Box, ...] = ()

    def part(self, seed: int) -> Part:
        """Which side of the split this picture's group is on; the same for the same seed, anywhere."""
        return part_of(self.group, seed)


def part_of(group: str, seed: int) -> Part:
    """Assign a group by the hash of its name, so that the split needs no list and no order."""
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    if share < TEST:
        return "test"
    return "validation" if share < TEST + VALIDATION else "train"


def read_zip(path: Path, side: int, limit: int | None = None, name: str | None = None) -> list[Labelled]:
    """Every picture of a zip, or an even sample of `limit`, as grey squares of `side` pixels.

    name: the set's, which decides the split with the groups; the zip's own name where it is left out.

    Raises DatasetFault when the zip or its index is not what it should be.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            rows = _index(archive, path)
            step = 1.0 if limit is None else max(1.0, len(rows) / limit)
            chosen = [rows[int(i * step)] for i in range(int(len(rows) / step))]
            return [_labelled(archive, row, name or path.stem, side) for row in chosen]
    except (OSError, zipfile.BadZipFile) as error:
        raise DatasetFault(f"{path} is not a readable zip of pictures: {error}") from error


def _index(archive: zipfile.ZipFile, path: Path) -> list[dict[str, str]]:
    if "index.csv" not in archive.namelist():
        raise DatasetFault(f"{path} has no index.csv; expected one with the columns path, label and group")
    rows = list(csv.DictReader(io.TextIOWrapper(archive.open("index.csv"), encoding="utf-8")))
    missing = {"path", "label", "group"} - set(rows[0] if rows else ())
    if missing:
        raise DatasetFault(f"{path}: index.csv lacks {', '.join(sorted(missing))}")
    return rows


def _labelled(archive: zipfile.ZipFile, row: dict[str, str], source: str, side: int) -> Labelled:
    try:
        with archive.open(row["path"]) as file, Pil.open(file) as picture:
            size = picture.size
            pixels = squared(np.asarray(picture.convert("L")), side)
    except (KeyError, OSError) as error:
        raise DatasetFault(f"{source}.zip: {row['path']}, which its index names, cannot be read") from error
    return Labelled(
        pixels=pixels,
        label=row["label"],
        group=f"{source}/{_merged(row['group'])}",
        source=source,
        path=row["path"],
        size=size,
        boxes=tuple(_boxes(row)),
    )


def _merged(group: str) -> str:
    """Pictures cut from one paper share the stem of their name, such as `ryct.2020200034.fig5-day7`."""
    return _PART_OF_A_PAPER.sub("", group) or group


def _boxes(row: dict[str, str]) -> Iterable[Box]:
    """The readers' boxes, which are in original pixels, as fractions of the picture.

    NIH's carry the name of a finding first; boxes of another finding are left out.
    """
    for box in json.loads(row.get("boxes") or "[]"):
        *name, x, y, width, height = box["xywh"]
        if name and name[0] != "Pneumonia":
            continue
        across, down = float(row["original_width"]), float(row["original_height"])
        yield Box(x / across, y / down, width / across, height / down)


def split(pictures: Sequence[Labelled], seed: int) -> dict[Part, list[Labelled]]:
    """The pictures of each part."""
    parts: dict[Part, list[Labelled]] = {"train": [], "validation": [], "test": []}
    for picture in pictures:
        parts[picture.part(seed)].append(picture)
    return parts
