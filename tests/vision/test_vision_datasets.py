"""Sets of pictures: reading, grouping, splitting, and faults that name themselves."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from vision.datasets import DatasetFault, labels_in, part_of, read_set, split
from vision.geometry import Box
from vision.tasks import Task, UnknownTask, own_task, readable_findings, task_named, tasks

HEAD = "path,label,group,original_width,original_height,boxes\n"
PLAIN = "path,label,group\n"


def _task(*labels: str, **changes: object) -> Task:
    return own_task("set", labels or ("a",)).model_copy(update={"size": (16, 24), "colour": False, **changes})


def _picture(level: int, size: tuple[int, int] = (40, 20)) -> bytes:
    buffer = io.BytesIO()
    Pil.new("L", size, level).save(buffer, "PNG")
    return buffer.getvalue()


def _zip(path: Path, index: str, pictures: int = 0, **more: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("index.csv", index)
        for i in range(pictures):
            archive.writestr(f"{i}.png", _picture(10 * i))
        for name, content in more.items():
            archive.writestr(f"{name}.png", content)
    return path


def test_reading_and_boxes(tmp_path: Path) -> None:
    boxes = '"[{""source"": ""nih"", ""xywh"": [""Pneumonia"", 10, 20, 30, 40]}, {""xywh"": [""Mass"", 1, 2, 3, 4]}]"'
    path = _zip(tmp_path / "set.zip", HEAD + f"0.png,yes,p1,100,200,{boxes}\n1.png,no,p2,100,200,\n", 2)
    first, second = read_set(path, _task("no", "yes"))
    assert first.pixels.shape == (16, 24) and first.pixels.dtype == np.uint8
    assert first.size == (40, 20) and first.masks is None
    assert first.boxes == (Box(0.1, 0.1, 0.3, 0.2),) and second.boxes == ()
    assert (first.group, first.label, second.pixels[0, 0]) == ("set/p1", "yes", 10)
    assert read_set(path, _task("no", "yes", colour=True))[0].pixels.shape == (16, 24, 3)


def test_labels_that_the_task_does_not_know_are_left_out(tmp_path: Path) -> None:
    path = _zip(tmp_path / "s.zip", PLAIN + "0.png,a,1\n1.png,b,2\n", 2)
    assert [p.label for p in read_set(path, _task("b"))] == ["b"]
    assert labels_in(path) == ("a", "b")


def test_outlines_are_unions_of_the_masks_that_the_task_names(tmp_path: Path) -> None:
    left, right = np.zeros((20, 40), np.uint8), np.zeros((20, 40), np.uint8)
    left[:, :10], right[:, 30:] = 255, 255
    made = {}
    for name, mask in (("x__One", left), ("x__Two", right), ("x__Three", left | right)):
        buffer = io.BytesIO()
        Pil.fromarray(mask).save(buffer, "PNG")
        made[name] = buffer.getvalue()
    rows = "path,label,group,mask\n0.png,a,1,x__One.png|x__Two.png|x__Three.png\n1.png,a,2,\n"
    path = _zip(tmp_path / "s.zip", rows, 2, **made)
    masks = {"either": ("One", "Two"), "second": ("Two",), "missing": ("Four",)}
    first, second = read_set(path, _task("a", masks=masks))
    assert first.masks is not None and first.masks.shape == (3, 20, 40)
    np.testing.assert_array_equal(first.masks[0], (left | right) > 0)
    np.testing.assert_array_equal(first.masks[1], right > 0)
    assert not first.masks[2].any() and second.masks is None


def test_a_folder_for_each_label(tmp_path: Path) -> None:
    for name in ("cats/1.png", "cats/2.png", "dogs/3.png"):
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / name).write_bytes(_picture(9))
    (tmp_path / "pets" / "dogs" / "notes.txt").write_text("no picture")
    assert labels_in(tmp_path / "pets") == ("cats", "dogs")
    found = read_set(tmp_path / "pets", _task("cats", "dogs"))
    assert [(p.label, p.group) for p in found] == [
        ("cats", "pets/1"), ("cats", "pets/2"), ("dogs", "pets/3"),
    ]  # fmt: skip


def test_a_folder_with_an_index_reads_like_its_zip(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "s.zip", PLAIN + "0.png,a,1\n1.png,a,2\n", 2)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "s")
    from_zip, from_folder = read_set(archive, _task()), read_set(tmp_path / "s", _task())
    assert [(p.path, p.group) for p in from_zip] == [(p.path, p.group) for p in from_folder]
    assert all((a.pixels == b.pixels).all() for a, b in zip(from_zip, from_folder, strict=True))


def test_npz_in_the_form_of_medmnist(tmp_path: Path) -> None:
    images = np.arange(5 * 28 * 28, dtype=np.uint32).reshape(5, 28, 28).astype(np.uint8)
    labels = np.array([[0], [1], [1], [0], [1]])
    path = tmp_path / "mnist.npz"
    np.savez(
        path, train_images=images[:3], train_labels=labels[:3], val_images=images[3:], val_labels=labels[3:]
    )
    found = read_set(path, _task("no", "yes", size=(28, 28)))
    assert [p.label for p in found] == ["no", "yes", "yes", "no", "yes"]
    assert (found[3].pixels == images[3]).all()
    assert len({p.group for p in found}) == 5


def test_an_even_sample(tmp_path: Path) -> None:
    path = _zip(tmp_path / "s.zip", PLAIN + "".join(f"{i}.png,a,{i}\n" for i in range(10)), 10)
    assert [p.path for p in read_set(path, _task(), limit=5)] == [f"{i}.png" for i in range(0, 10, 2)]
    assert len(read_set(path, _task(), limit=50)) == 10


def test_pictures_of_one_paper_stay_together(tmp_path: Path) -> None:
    names = ["ryct.2020.fig5-day7", "ryct.2020.fig6", "a-main.pdf-002-a1", "a-main.pdf-003-b1", "person9"]
    rows = "".join(f"{i}.png,a,{name}\n" for i, name in enumerate(names))
    groups = [p.group for p in read_set(_zip(tmp_path / "s.zip", PLAIN + rows, 5), _task())]
    assert groups[0] == groups[1] and groups[2] == groups[3] and len(set(groups)) == 3


def test_who_is_shown(tmp_path: Path) -> None:
    rows = "path,label,group,age,sex\n0.png,a,1,49.0,female\n1.png,a,2,50,unknown\n2.png,a,3,,\n"
    found = read_set(_zip(tmp_path / "s.zip", rows, 3), _task())
    assert [p.person for p in found] == [{"sex": "female", "age": "under 50"}, {"age": "50 and over"}, {}]


def test_groups_never_straddle_and_shares_are_kept() -> None:
    parts = [part_of(f"set/{i}", seed=7) for i in range(20_000)]
    assert parts == [part_of(f"set/{i}", seed=7) for i in range(20_000)]
    shares = {part: parts.count(part) / len(parts) for part in ("train", "validation", "test")}
    assert shares == pytest.approx({"train": 0.80, "validation": 0.08, "test": 0.12}, abs=0.01)
    assert parts != [part_of(f"set/{i}", seed=8) for i in range(20_000)]


def test_split_and_folds_by_group(tmp_path: Path) -> None:
    rows = PLAIN + "".join(f"{i}.png,a,{i % 12}\n" for i in range(25))
    pictures = read_set(_zip(tmp_path / "s.zip", rows, 25), _task())
    groups = [{p.group for p in part} for part in split(pictures, seed=1).values()]
    assert sum(map(len, groups)) == len(set().union(*groups)) == 12
    folds = {(p.group, p.fold(5, 1)) for p in pictures}
    assert len(folds) == 12 and {fold for _, fold in folds} <= set(range(5))


def test_faults_name_themselves(tmp_path: Path) -> None:
    with pytest.raises(DatasetFault, match="lacks group, label"):
        read_set(_zip(tmp_path / "a.zip", "path\nx.png\n"), _task())
    (tmp_path / "b.zip").write_bytes(b"no zip")
    with pytest.raises(DatasetFault, match="not a readable zip or folder"):
        read_set(tmp_path / "b.zip", _task())
    with pytest.raises(DatasetFault, match="not a readable zip or folder"):
        read_set(tmp_path / "missing.zip", _task())
    with zipfile.ZipFile(tmp_path / "c.zip", "w"):
        pass
    with pytest.raises(DatasetFault, match=r"neither an index\.csv nor a folder"):
        read_set(tmp_path / "c.zip", _task())
    with pytest.raises(DatasetFault, match=r"9\.png, which its index names"):
        read_set(_zip(tmp_path / "d.zip", PLAIN + "9.png,a,1\n"), _task())
    with pytest.raises(DatasetFault, match=r"0\.png, which its index names"):
        read_set(_zip(tmp_path / "e.zip", PLAIN + "0.png,a,1\n", **{"0": b"no picture"}), _task())


def test_faults_of_npz(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"no arrays")
    with pytest.raises(DatasetFault, match=r"not a readable \.npz"):
        read_set(tmp_path / "a.npz", _task())
    np.savez(tmp_path / "b.npz", x=np.zeros(3))
    with pytest.raises(DatasetFault, match="holds no array such as train_images"):
        read_set(tmp_path / "b.npz", _task())


def test_tasks_name_what_they_can_show() -> None:
    for name, task in tasks().items():
        assert task_named(name) is task
        assert task.labels or task.masks
        assert all(set(labels) <= set(task.labels) for labels in task.findings.values()), name
        assert task.auc_of is None or task.auc_of in task.labels
        assert task.labels[:1] not in task.findings.values(), f"{name}: the normal label shows a finding"
    assert {"opacity_on_chest_imaging", "breast_imaging_suspicious"} <= readable_findings()
    with pytest.raises(UnknownTask, match="knee_xray"):
        task_named("appendicitis")


def test_findings_of_the_tasks_are_the_graphs(core: object) -> None:
    assert readable_findings() <= core.findings.keys()  # type: ignore[attr-defined]
