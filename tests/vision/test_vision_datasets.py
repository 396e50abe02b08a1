"""Sets of pictures: reading, grouping, splitting, and faults that name themselves."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from vision.datasets import DatasetFault, part_of, read_zip, split
from vision.geometry import Box
from vision.tasks import OpacityTask, UnknownTask, task_named

HEAD = "path,label,group,original_width,original_height,boxes\n"


def _zip(path: Path, index: str, pictures: int = 0) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("index.csv", index)
        for i in range(pictures):
            buffer = io.BytesIO()
            Pil.new("L", (40, 20), 10 * i).save(buffer, "PNG")
            archive.writestr(f"{i}.png", buffer.getvalue())
    return path


def test_reading_and_boxes(tmp_path: Path) -> None:
    boxes = '"[{""source"": ""nih"", ""xywh"": [""Pneumonia"", 10, 20, 30, 40]}, {""xywh"": [""Mass"", 1, 2, 3, 4]}]"'
    path = _zip(tmp_path / "set.zip", HEAD + f"0.png,yes,p1,100,200,{boxes}\n1.png,no,p2,100,200,\n", 2)
    first, second = read_zip(path, 16)
    assert first.pixels.shape == (16, 16) and first.size == (40, 20)
    assert first.boxes == (Box(0.1, 0.1, 0.3, 0.2),) and second.boxes == ()
    assert (first.group, first.label, second.pixels[0, 0]) == ("set/p1", "yes", 10)


def test_an_even_sample(tmp_path: Path) -> None:
    path = _zip(tmp_path / "s.zip", "path,label,group\n" + "".join(f"{i}.png,a,{i}\n" for i in range(10)), 10)
    assert [picture.path for picture in read_zip(path, 8, limit=5)] == [f"{i}.png" for i in range(0, 10, 2)]


def test_pictures_of_one_paper_stay_together(tmp_path: Path) -> None:
    names = ["ryct.2020.fig5-day7", "ryct.2020.fig6", "nejmc1-b", "person9"]
    rows = "".join(f"{i}.png,a,{name}\n" for i, name in enumerate(names))
    groups = [p.group for p in read_zip(_zip(tmp_path / "s.zip", "path,label,group\n" + rows, 4), 8)]
    assert groups[0] == groups[1] and len(set(groups)) == 3


def test_groups_never_straddle_and_shares_are_kept() -> None:
    parts = [part_of(f"set/{i}", seed=7) for i in range(20_000)]
    assert parts == [part_of(f"set/{i}", seed=7) for i in range(20_000)]
    shares = {part: parts.count(part) / len(parts) for part in ("train", "validation", "test")}
    assert shares == pytest.approx({"train": 0.73, "validation": 0.12, "test": 0.15}, abs=0.01)
    assert parts != [part_of(f"set/{i}", seed=8) for i in range(20_000)]


def test_split_by_group(tmp_path: Path) -> None:
    rows = "path,label,group\n" + "".join(f"{i}.png,a,{i % 5}\n" for i in range(30))
    parts = split(read_zip(_zip(tmp_path / "s.zip", rows, 30), 8), seed=1)
    groups = [{picture.group for picture in pictures} for pictures in parts.values()]
    assert sum(map(len, groups)) == len(set().union(*groups)) == 5


def test_faults_name_themselves(tmp_path: Path) -> None:
    with pytest.raises(DatasetFault, match="lacks group, label"):
        read_zip(_zip(tmp_path / "a.zip", "path\nx.png\n"), 8)
    (tmp_path / "b.zip").write_bytes(b"no zip")
    with pytest.raises(DatasetFault, match="not a readable zip"):
        read_zip(tmp_path / "b.zip", 8)
    with zipfile.ZipFile(tmp_path / "c.zip", "w"):
        pass
    with pytest.raises(DatasetFault, match=r"no index\.csv"):
        read_zip(tmp_path / "c.zip", 8)


def test_a_picture_that_the_index_promises(tmp_path: Path) -> None:
    with pytest.raises(DatasetFault, match=r"9\.png"):
        read_zip(_zip(tmp_path / "s.zip", "path,label,group\n9.png,a,1\n"), 8)


def test_tasks() -> None:
    task = task_named("pneumonia_children")
    assert isinstance(task, OpacityTask) and not task.restricted
    assert task.sets == ["chest_xray_children"]
    with pytest.raises(UnknownTask, match="pneumonia_children"):
        task_named("appendicitis")


def test_grey_levels_are_uint8(tmp_path: Path) -> None:
    path = _zip(tmp_path / "s.zip", "path,label,group\n0.png,a,1\n", 1)
    assert read_zip(path, 8)[0].pixels.dtype == np.uint8
