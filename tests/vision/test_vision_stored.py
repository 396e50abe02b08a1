"""What a DICOM file stores, for a viewer's window: values after rescaling, their unit, and the file's own window."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.vision.test_vision_dicom import _write
from vision import Image, open_image, stored_shown
from vision.stored import Stored, Window, averaged, ct_windows

_CT = {"Modality": "CT", "RescaleIntercept": -1024, "RescaleSlope": 1, "WindowCenter": 40, "WindowWidth": 400}


@pytest.fixture
def levels(phantom: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return phantom.astype(np.uint16) * 16


def _stored(path: Path, levels: NDArray[np.uint16], **attributes: Any) -> Stored:
    stored = open_image(_write(path / "a.dcm", levels, **attributes)).stored
    assert stored is not None
    return stored


def test_values_are_those_of_the_file_after_rescaling(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    stored = _stored(tmp_path, levels, **{**_CT, "RescaleSlope": 2})
    assert np.allclose(stored.low + stored.step * stored.codes, levels * 2.0 - 1024)
    assert stored.high == levels.max() * 2 - 1024
    assert (stored.unit, stored.window, stored.table) == ("HU", Window(40, 400), False)
    assert [p.key for p in stored.presets] == ["lung", "mediastinum", "bone", "brain"]


@pytest.mark.parametrize(
    ("attributes", "unit"),
    [
        (_CT, "HU"),
        ({**_CT, "RescaleType": "HU"}, "HU"),
        ({**_CT, "RescaleType": "US"}, ""),
        ({**_CT, "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, ""),
        ({"Modality": "CT"}, ""),
        ({**_CT, "Modality": "DX"}, ""),
    ],
)
def test_hounsfield_units_only_where_they_are(
    tmp_path: Path, levels: NDArray[np.uint16], attributes: dict[str, Any], unit: str
) -> None:
    stored = _stored(tmp_path, levels, **attributes)
    assert stored.unit == unit and bool(stored.presets) == (unit == "HU")


def test_the_first_of_several_windows_and_its_function(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    several = {"WindowCenter": [-600, 40], "WindowWidth": [1500, 400], "VOILUTFunction": "SIGMOID"}
    assert _stored(tmp_path, levels, **several).window == Window(-600, 1500, "SIGMOID")


def test_without_a_window_the_whole_range_without_its_padding(
    tmp_path: Path, levels: NDArray[np.uint16]
) -> None:
    padded = levels + 100
    padded[:30] = 0
    stored = _stored(tmp_path, padded, PixelPaddingValue=0)
    low, high = int(padded[30:].min()), int(padded.max())
    assert (stored.low, stored.high) == (low, high) and (stored.codes[:30] == 0).all()
    assert stored.window == Window((low + high) / 2, high - low, "LINEAR_EXACT")


def test_a_table_is_told_and_no_window_stands_for_it(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    table = Dataset()
    table.LUTDescriptor = [4096, 0, 12]
    table.LUTData = np.arange(4096, dtype="<u2").tobytes()
    stored = _stored(tmp_path, levels, VOILUTSequence=Sequence([table]), WindowCenter=100, WindowWidth=50)
    assert stored.table and stored.window.width == np.ptp(levels)


def test_low_is_white_where_the_file_says_so(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    stored = _stored(tmp_path, levels, PhotometricInterpretation="MONOCHROME1")
    assert stored.inverted and stored.levels.flat[int(levels.argmin())] == 255


def test_a_large_picture_is_averaged(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 4000, (1700, 2100), dtype=np.uint16)
    pixels[:8, :8] = 4001
    stored = _stored(tmp_path, pixels)
    height, width = stored.codes.shape
    assert (width, height) == (1024, 829)
    values = stored.low + stored.step * stored.codes
    for row, column in [(0, 0), (3, 500), (400, 17), (828, 1023)]:
        part = pixels[
            row * 1700 // height : (row + 1) * 1700 // height,
            column * 2100 // width : (column + 1) * 2100 // width,
        ]
        assert values[row, column] == pytest.approx(part.mean(), abs=0.51)


@pytest.mark.parametrize("shape", [(5, 5), (640, 7), (67, 131), (1, 3)])
def test_every_pixel_counts_once_in_the_average(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(1).random(shape)
    assert (averaged(shape, lambda rows: values[rows], shape[::-1]) == values).all()
    one = averaged(shape, lambda rows: values[rows], (1, 1))
    assert one.shape == (1, 1) and one[0, 0] == pytest.approx(values.mean())


def test_what_is_packed_can_be_unpacked(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    stored = _stored(tmp_path, levels, **_CT)
    low, high = np.frombuffer(zlib.decompress(stored.packed), np.uint8).reshape(2, *stored.codes.shape)
    changes = low + 256 * high.astype(np.int64)
    assert (changes.cumsum(axis=1) % 65536 == stored.codes).all()


def test_text_is_gone_from_the_values_too(tmp_path: Path) -> None:
    """Bright letters on tissue that the file's window shows as white: only the whole range tells them apart."""
    picture = Pil.new("I;16", (600, 600), 1000)
    ink = Pil.new("L", picture.size)
    ImageDraw.Draw(ink).text((12, 10), "DOE JANE 1961", fill=255, font=ImageFont.load_default(18))
    pixels = np.asarray(picture).astype(np.uint16)
    pixels[300:] = 0
    letters = np.asarray(ink) > 128
    pixels[letters] = 4095
    image = open_image(_write(tmp_path / "a.dcm", pixels, **{**_CT, "WindowCenter": -600}))
    assert image.pixels[letters].min() == image.pixels[100, 300] == 255
    shown = stored_shown(image)
    assert shown is not None and (shown.codes[letters] == 0).all()
    assert image.stored is not None and (image.stored.codes[letters] == image.stored.codes.max()).all()
    assert (shown.codes[200:] == image.stored.codes[200:]).all()


def test_colour_and_one_level_have_no_window(tmp_path: Path, levels: NDArray[np.uint16]) -> None:
    assert open_image(_write(tmp_path / "a.dcm", levels * 0 + 7)).stored is None
    assert stored_shown(Image(np.zeros((200, 200), np.uint8), "PNG")) is None


def test_presets_have_names_and_a_source() -> None:
    presets, source = ct_windows()
    assert source["url"].startswith("https://")
    for preset in presets:
        assert preset.name("en") != preset.name("zh") and preset.window.width > 0
