"""Labelled pictures in zips or folders, split so that no patient is on both sides."""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from knowledge.errors import AetiaError
from vision.geometry import Box
from vision.tasks import Task

Part = Literal["train", "validation", "test"]

_PART_OF_A_PAPER = re.compile(r"(\.pdf-|[._-](fig|figure|gr\d|fx\d)|[-_.]day\d).*$", re.IGNORECASE)

VALIDATION, TEST = 0.08, 0.12
"""Shares of the groups that are kept out of training."""

_Row = TypeVar("_Row")

_PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"}


class DatasetFault(AetiaError):
    """A set of pictures that cannot be used; the text says which row, and what was expected."""


@dataclass(frozen=True)
class Labelled:
    """One picture of a set.

    pixels: (H, W, 3) or, where the task has no colour, (H, W), uint8, squeezed to the task's size.
    group: what must not be split: a patient, a lesion, a paper.
    size: (width, height) of the picture in the zip.
    masks: (M, h, w) uint8, 0 or 1, in the set's own size, or None where none is given.
    boxes: regions that a reader marked, as fractions of the picture's width and height.
    person: age group and sex where the set names them, for measures by subgroup.
    """

    pixels: NDArray[np.uint8]
    label: str
    group: str
    path: str
    size: tuple[int, int]
    masks: NDArray[np.uint8] | None = None
    boxes: tuple[Box, ...] = ()
    person: dict[str, str] = field(default_factory=dict)

    def part(self, seed: int) -> Part:
        """Which side of the split this picture's group is on; the same for the same seed, anywhere."""
        return part_of(self.group, seed)

    def fold(self, folds: int, seed: int) -> int:
        """Which of `folds` equal parts the group falls into."""
        return int(_share(self.group, seed) * folds)


def part_of(group: str, seed: int) -> Part:
    """Assign a group by the hash of its name, so that the split needs no list and no order."""
    share = _share(group, seed)
    if share < TEST:
        return "test"
    return "validation" if share < TEST + VALIDATION else "train"


def _share(group: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def read_set(path: Path, task: Task, limit: int | None = None, name: str | None = None) -> list[Labelled]:
    """Every picture of a set whose label the task knows, or an even sample of `limit`.

    path: a zip or a folder with an `index.csv` (columns path, label, group), or with a folder for each
    label; or an .npz in MedMNIST's form, of which the pictures of its every part are taken. name: the set's,
    which decides the split together with the groups; the file's own where it is left out.

    Raises DatasetFault when the set is not what it should be.
    """
    if path.suffix == ".npz":
        return _sampled(_read_npz(path, task, name or path.stem), limit)
    source = name or path.stem
    try:
        if path.is_dir():
            return _read(lambda file: (path / file).read_bytes(), _names_in(path), path, task, limit, source)
        with zipfile.ZipFile(path) as archive:
            return _read(archive.read, archive.namelist(), path, task, limit, source)
    except (OSError, zipfile.BadZipFile) as error:
        raise DatasetFault(f"{path} is not a readable zip or folder of pictures: {error}") from error


def labels_in(path: Path) -> tuple[str, ...]:
    """The labels of a set, sorted."""
    if path.is_dir():
        rows = _rows(lambda name: (path / name).read_bytes(), _names_in(path), path)
    else:
        with zipfile.ZipFile(path) as archive:
            rows = _rows(archive.read, archive.namelist(), path)
    return tuple(sorted({row["label"] for row in rows}))


def _names_in(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def _read(
    read: Callable[[str], bytes],
    names: Sequence[str],
    path: Path,
    task: Task,
    limit: int | None,
    source: str,
) -> list[Labelled]:
    rows = [row for row in _rows(read, names, path) if not task.labels or row["label"] in task.labels]
    return [_labelled(read, row, source, task) for row in _sampled(rows, limit)]


def _sampled(rows: list[_Row], limit: int | None) -> list[_Row]:
    step = 1.0 if limit is None else max(1.0, len(rows) / limit)
    return [rows[int(i * step)] for i in range(int(len(rows) / step))]


def _rows(read: Callable[[str], bytes], names: Sequence[str], path: Path) -> list[dict[str, str]]:
    if "index.csv" not in names:
        return _by_folder(names, path)
    try:
        reader = csv.DictReader(io.StringIO(read("index.csv").decode("utf-8-sig")))
        rows = list(reader)
    except UnicodeDecodeError as error:
        raise DatasetFault(f"{path}: index.csv is not in UTF-8; save it so") from error
    if missing := {"path", "label", "group"} - set(reader.fieldnames or ()):
        raise DatasetFault(f"{path}: index.csv lacks {', '.join(sorted(missing))}")
    if not rows:
        raise DatasetFault(f"{path}: index.csv names no picture")
    return rows


def _by_folder(names: Sequence[str], path: Path) -> list[dict[str, str]]:
    """A folder for each label; a picture is a group of its own, because nothing says whose it is."""
    pictures = [Path(name) for name in names if Path(name).suffix.lower() in _PICTURES]
    rows = [{"path": str(p), "label": p.parent.name, "group": p.stem} for p in pictures if p.parent.name]
    if not rows:
        raise DatasetFault(f"{path} has neither an index.csv nor a folder of pictures for each label")
    return rows


def _labelled(read: Callable[[str], bytes], row: dict[str, str], source: str, task: Task) -> Labelled:
    try:
        with Pil.open(io.BytesIO(read(row["path"]))) as picture:
            size, pixels = picture.size, sized(picture, task)
        masks = _masks(read, row, task)
    except (KeyError, OSError) as error:
        raise DatasetFault(f"{source}: {row['path']}, which its index names, cannot be read") from error
    return Labelled(
        pixels=pixels,
        label=row["label"],
        group=f"{source}/{_merged(row['group'])}",
        path=row["path"],
        size=size,
        masks=masks,
        boxes=tuple(_boxes(row)),
        person=_person(row),
    )


def sized(picture: Pil.Image, task: Task) -> NDArray[np.uint8]:
    """The pixels that the network sees: the task's colours, squeezed to its size."""
    height, width = task.size
    mode = "RGB" if task.colour else "L"
    kept = picture if picture.mode == mode else picture.convert(mode)  # a copy may be 240 MB
    return np.asarray(kept.resize((width, height), Pil.Resampling.BILINEAR))


def _masks(read: Callable[[str], bytes], row: dict[str, str], task: Task) -> NDArray[np.uint8] | None:
    """(M, h, w): each outline is the union of its masks; a set's only mask may have any name."""
    if not task.masks or not row.get("mask"):
        return None
    found = []
    for path in row["mask"].split("|"):
        with Pil.open(io.BytesIO(read(path))) as picture:
            found.append((path, (np.asarray(picture.convert("L")) > 127).astype(np.uint8)))
    empty = np.zeros_like(found[0][1])
    outlines = []
    for wanted in task.masks.values():
        parts = [m for p, m in found if "__" not in p or Path(p).stem.split("__")[-1] in wanted]
        outlines.append(np.maximum.reduce(parts) if parts else empty)
    return np.stack(outlines)


def _person(row: dict[str, str]) -> dict[str, str]:
    person = {"sex": row["sex"]} if row.get("sex") in ("male", "female") else {}
    if row.get("age"):
        person["age"] = "under 50" if float(row["age"]) < 50 else "50 and over"
    return person


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


def _read_npz(path: Path, task: Task, source: str) -> list[Labelled]:
    try:
        arrays: dict[str, Any] = dict(np.load(path, allow_pickle=False))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise DatasetFault(f"{path} is not a readable .npz of pictures: {error}") from error
    found = []
    for part in ("train", "val", "test"):
        if f"{part}_images" not in arrays:
            continue
        for i, (pixels, label) in enumerate(
            zip(arrays[f"{part}_images"], arrays[f"{part}_labels"].ravel(), strict=True)
        ):
            name = f"{part}/{i}"
            picture = Pil.fromarray(pixels)
            found.append(
                Labelled(
                    sized(picture, task), task.labels[int(label)], f"{source}/{name}", name, picture.size
                )
            )
    if not found:
        raise DatasetFault(f"{path} holds no array such as train_images")
    return found


def split(pictures: Sequence[Labelled], seed: int) -> dict[Part, list[Labelled]]:
    """The pictures of each part."""
    parts: dict[Part, list[Labelled]] = {"train": [], "validation": [], "test": []}
    for picture in pictures:
        parts[picture.part(seed)].append(picture)
    return parts
