"""`aetia picture` as another program meets it: words or JSON, files, refusals, exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

DATA = Path(os.environ.get("AETIA_DATA", "../shared/data")) / "images"


def picture(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assistant.cli", "picture", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)


@pytest.fixture(scope="module")
def lump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A breast ultrasound of a cancer."""
    import zipfile

    source = DATA / "breast_ultrasound.zip"
    if not source.exists():
        pytest.skip(f"{source} is not there; set AETIA_DATA to the folder that holds images/")
    path = tmp_path_factory.mktemp("pictures") / "lump.jpg"
    with zipfile.ZipFile(source) as archive:
        path.write_bytes(archive.read("images/malignant (101).jpg"))
    return path


def test_words_and_an_overlay(lump: Path, tmp_path: Path) -> None:
    done = picture(lump, "--out", tmp_path / "new" / "folder")
    assert done.returncode == 0, done.stderr
    assert "A breast ultrasound" in done.stdout and "suspicious of cancer" in done.stdout
    assert "research only" in done.stderr and "not kept" not in done.stderr
    assert f"the files in {tmp_path / 'new' / 'folder'} show it until you delete them" in done.stderr
    overlay = tmp_path / "new" / "folder" / "lump.overlay.png"
    assert str(overlay) in done.stdout
    with Pil.open(lump) as plain, Pil.open(overlay) as shown:
        difference = np.abs(np.asarray(shown.convert("L")).astype(int) - np.asarray(plain.convert("L")))
        assert shown.size == plain.size and not shown.info
    assert 0.001 < (difference > 25).mean() < 0.5


def test_many_as_json_with_one_refused(lump: Path, tmp_path: Path) -> None:
    noise = tmp_path / "noise.png"
    Pil.fromarray(np.random.default_rng(1).integers(0, 255, (300, 300), dtype=np.uint8)).save(noise)
    other = tmp_path / "lump.jpg"
    other.write_bytes(lump.read_bytes())
    done = picture(lump, noise, other, "--json", "--language", "zh", "--out", tmp_path / "o")
    assert done.returncode == 1
    first, refused, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["kind"] == "breast_ultrasound" and first["called"] == "malignant"
    assert sum(first["labels"].values()) == pytest.approx(1, abs=1e-3)
    assert first["regions"][0]["extent"]["longest_mm"] is None and "乳腺超声" in first["described"]
    assert refused["refused"] == "noise" and "噪声" in refused["error"] and "called" not in refused
    names = [Path(written).name for told in (first, second) for written in told["written"]]
    assert names == ["lump.overlay.png", "lump.jpg.overlay.png"]
    assert sorted(file.name for file in (tmp_path / "o").iterdir()) == sorted(names)


def test_without_files_no_picture_is_kept(lump: Path) -> None:
    done = picture(lump)
    assert done.returncode == 0 and "Pictures are not kept." in done.stderr
    assert "until you delete them" not in done.stderr


def test_dicom_gives_an_outline_and_a_report(lump: Path, tmp_path: Path) -> None:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, UltrasoundImageStorage, generate_uid

    levels = np.asarray(Pil.open(lump).convert("L"))
    path, meta = tmp_path / "scan.dcm", FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, UltrasoundImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = UltrasoundImageStorage, meta.MediaStorageSOPInstanceUID
    data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(), generate_uid()
    data.Rows, data.Columns, data.Modality, data.PatientName = *levels.shape, "US", "Doe^Jane"
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.PixelData = levels.tobytes()
    data.save_as(path, enforce_file_format=True)
    done = picture(path, "--out", tmp_path / "o")
    assert done.returncode == 0, done.stderr
    made = sorted((tmp_path / "o").iterdir())
    assert [file.name for file in made] == ["scan.overlay.png", "scan.seg.dcm", "scan.sr.dcm"]
    assert all(b"Doe" not in file.read_bytes() for file in made)


def test_faults_are_sentences(lump: Path, tmp_path: Path) -> None:
    gone = picture(tmp_path / "nothing.png")
    assert gone.returncode == 1 and "There is no file at nothing.png." in gone.stderr
    assert gone.stdout == "" and "Traceback" not in gone.stderr
    tongue = picture(lump, "--language", "fr")
    assert tongue.returncode == 1 and "give en or zh" in tongue.stderr
    (tmp_path / "file").write_text("in the way")
    place = picture(lump, "--out", tmp_path / "file" / "o")
    assert place.returncode == 1 and "name another with --out" in place.stderr
