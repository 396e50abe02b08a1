"""DICOM: levels as a reader sees them, spacing with its basis, nobody's name."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, generate_uid

from vision import ImageRefused, open_image
from vision.images import Spacing
from vision.scope import check_header


def _write(path: Path, pixels: NDArray[np.uint16], **attributes: Any) -> Path:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.Rows, data.Columns = pixels.shape[-2:]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.Modality, data.PatientName = "DX", "Doe^Jane"
    if pixels.ndim == 3:
        data.NumberOfFrames = len(pixels)
    for name, value in attributes.items():
        setattr(data, name, value)
    data.PixelData = pixels.tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def levels(phantom: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return phantom.astype(np.uint16) * 16


def _refusal(path: Path) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        open_image(path)
    return caught.value


def test_levels_and_spacing(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    image = open_image(_write(tmp_path / "a.dcm", levels, PixelSpacing=[0.2, 0.1], BodyPartExamined="CHEST"))
    assert image.spacing == Spacing(down=0.2, across=0.1, basis="patient")
    assert (image.size, image.modality, image.body_part) == ((300, 320), "DX", "CHEST")
    stretched = (levels - levels.min()) / np.ptp(levels) * 255
    assert np.abs(image.pixels - stretched).max() <= 1


def test_no_name_is_kept(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    image = open_image(_write(tmp_path / "a.dcm", levels, PatientAge="045Y"))
    assert "Doe" not in repr(image) and "45" not in repr(image).replace(str(image.pixels), "")
    assert image.population == "adult"


@pytest.mark.filterwarnings("ignore:Invalid value for VR AS")
@pytest.mark.parametrize(
    ("age", "population"),
    [("008M", "child"), ("018Y", "adult"), ("017Y", "child"), ("", None), ("0x5Y", None)],
)
def test_population_of_age(
    tmp_path: Path, levels: NDArray[np.uint16], age: str, population: str | None
) -> None:
    assert open_image(_write(tmp_path / "a.dcm", levels, PatientAge=age)).population == population


def test_monochrome1_is_inverted(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    plain = open_image(_write(tmp_path / "a.dcm", levels)).pixels
    inverse = open_image(_write(tmp_path / "b.dcm", levels, PhotometricInterpretation="MONOCHROME1")).pixels
    assert (inverse == 255 - plain).all()


def test_window_clips(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    image = open_image(_write(tmp_path / "a.dcm", levels, WindowCenter=1500, WindowWidth=1000))
    assert (image.pixels[levels > 2000] == 255).all() and (image.pixels[levels < 1000] == 0).all()


def test_middle_frame(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    frames = np.stack([levels * 0, levels, levels * 0])
    assert np.ptp(open_image(_write(tmp_path / "a.dcm", frames)).pixels) == 255


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, None),
        ({"ImagerPixelSpacing": [0.15, 0.15]}, Spacing(0.15, 0.15, "detector")),
        (
            {"ImagerPixelSpacing": [0.15, 0.15], "EstimatedRadiographicMagnificationFactor": 1.5},
            Spacing(pytest.approx(0.1), pytest.approx(0.1), "patient"),
        ),
        ({"PixelSpacing": [0, 0.1]}, None),
    ],
)
def test_spacing(
    tmp_path: Path, levels: NDArray[np.uint16], attributes: dict[str, Any], expected: Spacing | None
) -> None:
    assert open_image(_write(tmp_path / "a.dcm", levels, **attributes)).spacing == expected


def test_too_many_pixels_are_refused_unread(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    path = _write(tmp_path / "a.dcm", levels, Rows=12_000, Columns=9_000)
    assert _refusal(path).reason == "too_many_pixels"


def test_truncated_pixels(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    path = _write(tmp_path / "a.dcm", levels)
    path.write_bytes(path.read_bytes()[:-5000])
    assert _refusal(path).reason == "damaged"


def test_deflated_is_not_inflated(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    path = _write(tmp_path / "a.dcm", levels)
    data = pydicom.dcmread(path)
    data.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    data.save_as(path)
    assert _refusal(path).reason == "deflated"


def test_no_picture_inside(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    path = _write(tmp_path / "a.dcm", levels)
    data = pydicom.dcmread(path)
    del data.PixelData, data.Rows
    data.save_as(path)
    assert _refusal(path).reason == "no_pixels"


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"Modality": "MR"}, "modality"),
        ({"BodyPartExamined": "KNEE"}, "body_part"),
        ({"ViewPosition": "LL"}, "view"),
    ],
)
def test_what_the_file_says_of_itself(
    tmp_path: Path, levels: NDArray[np.uint16], attributes: dict[str, Any], reason: str
) -> None:
    image = open_image(_write(tmp_path / "a.dcm", levels, **attributes))
    with pytest.raises(ImageRefused) as caught:
        check_header(image, "chest_xray_adult")
    assert caught.value.reason == reason


def test_a_real_big_endian_slice(real_dicom: Path) -> None:
    image = open_image(real_dicom)
    assert image.size == (512, 512) and image.modality == "CT"
    assert image.spacing is not None and image.spacing.across == pytest.approx(0.746, abs=1e-3)


def test_burnt_in_text_is_noted(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    assert open_image(_write(tmp_path / "a.dcm", levels, BurnedInAnnotation="YES")).burnt_in
    assert not open_image(_write(tmp_path / "b.dcm", levels, BurnedInAnnotation="NO")).burnt_in
    assert not open_image(_write(tmp_path / "c.dcm", levels)).burnt_in


def _sample(name: str) -> Path:
    """A file that pydicom brings along."""
    path = get_testdata_file(name, download=False)
    assert path is not None
    return Path(str(path))


@pytest.mark.parametrize("name", ["RLE", "jp2klossless", "jpeg_ls_lossless", "bigendian", "implicit"])
def test_compressed_without_loss_reads_the_same(name: str) -> None:
    plain = open_image(_sample("MR_small.dcm"))
    assert (open_image(_sample(f"MR_small_{name}.dcm")).pixels == plain.pixels).all()


@pytest.mark.parametrize("name", ["MR_small_RLE", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless"])
@pytest.mark.parametrize("spoilt", ["cut short", "overwritten"])
def test_damaged_is_told_from_a_compression_that_is_not_known(tmp_path: Path, name: str, spoilt: str) -> None:
    data = pydicom.dcmread(_sample(f"{name}.dcm"))
    frame = next(generate_frames(data.PixelData, number_of_frames=1))
    kept = len(frame) // 4 * 2
    data.PixelData = encapsulate([frame[:kept] if spoilt == "cut short" else frame[:20] + bytes(kept)])
    data.save_as(tmp_path / "spoilt.dcm")
    refusal = _refusal(tmp_path / "spoilt.dcm")
    assert refusal.reason == "damaged" and "cut short" in str(refusal)


def test_a_depth_that_no_decoder_knows_is_not_called_damaged() -> None:
    path = _sample("JPGExtended.dcm")  # 12 bits in a JPEG, which wants pylibjpeg
    if find_spec("libjpeg"):
        assert open_image(path).size == (1024, 256)
    else:
        assert _refusal(path).reason == "codec"


def test_a_compression_without_decoder_says_what_to_install() -> None:
    path = _sample("SC_rgb_jpeg_gdcm.dcm")  # JPEG lossless, which wants gdcm
    if find_spec("gdcm"):
        assert open_image(path).size == (100, 100)
    else:
        refusal = _refusal(path)
        assert refusal.reason == "codec" and "aetia[dicom]" in str(refusal)
        assert "aetia[dicom]" in refusal.text("zh")
