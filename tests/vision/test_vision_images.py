"""Opening pictures: every format, and every way in which a file can be bad."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pil

from vision import ImageRefused, open_image
from vision.images import sniffed
from vision.levels import scaled_to_bytes


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims, and unpacks to, width × height pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * min((width + 1) * height, 10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _refusal(path: Path) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        open_image(path)
    return caught.value


@pytest.mark.parametrize(
    ("suffix", "name", "exact"),
    [(".png", "PNG", True), (".jpg", "JPEG", False), (".tiff", "TIFF", True), (".webp", "WEBP", False)],
)
def test_formats_open(
    tmp_path: Path, phantom: NDArray[np.uint8], suffix: str, name: str, exact: bool
) -> None:
    path = tmp_path / f"p{suffix}"
    Pil.fromarray(phantom).save(path)
    image = open_image(path)
    assert (image.format, image.size, image.spacing) == (name, (300, 320), None)
    assert np.abs(image.grey.astype(int) - phantom).mean() <= (0 if exact else 3)


def test_sixteen_bits_keep_their_order(tmp_path: Path) -> None:
    ramp = np.linspace(3000, 60000, 256 * 256).reshape(256, 256).astype(np.uint16)
    Pil.fromarray(ramp).save(tmp_path / "p.png")
    pixels = open_image(tmp_path / "p.png").pixels
    assert pixels[0, 0] == 0 and pixels[-1, -1] == 255
    assert (np.diff(pixels.ravel().astype(int)) >= 0).all()


def test_transparency_becomes_black(tmp_path: Path) -> None:
    Pil.new("RGBA", (200, 200), (255, 255, 255, 0)).save(tmp_path / "p.png")
    assert open_image(tmp_path / "p.png").pixels.max() == 0


def test_exif_orientation_is_applied(tmp_path: Path, phantom: NDArray[np.uint8]) -> None:
    exif = Pil.Exif()
    exif[0x0112] = 6  # the camera was turned: show it turned clockwise
    Pil.fromarray(phantom).save(tmp_path / "p.jpg", exif=exif, quality=95)
    image = open_image(tmp_path / "p.jpg")
    assert image.size == (320, 300)
    assert np.abs(image.grey.astype(int) - np.rot90(phantom, -1)).mean() < 3


def test_no_suffix_is_fine(tmp_path: Path, png_bytes: bytes) -> None:
    (tmp_path / "scan").write_bytes(png_bytes)
    assert open_image(tmp_path / "scan").format == "PNG"


def test_gif_named_png_is_refused_in_both_languages(tmp_path: Path, phantom: NDArray[np.uint8]) -> None:
    Pil.fromarray(phantom).save(tmp_path / "p.gif")
    (tmp_path / "p.gif").rename(tmp_path / "p.png")
    refusal = _refusal(tmp_path / "p.png")
    assert refusal.reason == "wrong_suffix"
    assert "ends in .png" in str(refusal) and "a GIF" in str(refusal)
    assert ".png" in refusal.text("zh") and "改名" in refusal.text("zh")


def test_jpeg_named_png_is_refused(tmp_path: Path, phantom: NDArray[np.uint8]) -> None:
    Pil.fromarray(phantom).save(tmp_path / "p.png", format="JPEG")
    assert _refusal(tmp_path / "p.png").reason == "wrong_suffix"


@pytest.mark.parametrize("content", [b"%PDF-1.7 ...", b"PK\x03\x04....", b"hello", b"<svg/>"])
def test_other_files_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f").write_bytes(content)
    refusal = _refusal(tmp_path / "f")
    assert refusal.reason == "unknown_format" and "PNG, JPEG, TIFF, WebP and DICOM" in str(refusal)


def test_missing_empty_and_folder(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    assert _refusal(tmp_path / "none.png").reason == "missing"
    assert _refusal(tmp_path / "empty.png").reason == "empty"
    assert _refusal(tmp_path).reason == "not_a_file"


def test_hundred_megapixels_are_refused_before_decoding(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(_bomb(10_000, 10_000))
    refusal = _refusal(path)
    assert refusal.reason == "too_many_pixels" and "100 megapixels" in str(refusal)


def test_a_real_hundred_megapixel_jpeg_is_refused(tmp_path: Path) -> None:
    Pil.new("L", (12_500, 8_000), 90).save(tmp_path / "p.jpg")
    assert _refusal(tmp_path / "p.jpg").reason == "too_many_pixels"


def test_a_bomb_that_pillow_itself_stops(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(_bomb(60_000, 60_000))
    assert _refusal(path).reason == "too_many_pixels"


def test_too_large_a_file(tmp_path: Path) -> None:
    with (tmp_path / "p.png").open("wb") as file:
        file.truncate(300_000_000)  # sparse: takes no room
    assert _refusal(tmp_path / "p.png").reason == "too_large"


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_truncated(tmp_path: Path, phantom: NDArray[np.uint8], kind: str, share: float) -> None:
    buffer = io.BytesIO()
    Pil.fromarray(phantom).save(buffer, kind)
    path = tmp_path / "p"
    path.write_bytes(buffer.getvalue()[: int(len(buffer.getvalue()) * share)])
    refusal = _refusal(path)
    assert refusal.reason == "damaged" and kind in str(refusal)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(8, 3000), value=st.integers(0, 255))
def test_a_spoilt_byte_opens_or_is_refused(tmp_path: Path, png_bytes: bytes, at: int, value: int) -> None:
    spoilt = bytearray(png_bytes)
    spoilt[at % len(spoilt)] = value
    path = tmp_path / "spoilt"
    path.write_bytes(spoilt)
    try:
        assert open_image(path).pixels.dtype == np.uint8
    except ImageRefused as refusal:
        assert refusal.text("zh") != refusal.text("en")


def test_scaling_leaves_padding_out() -> None:
    values = np.array([[-2000.0, 0.0], [50.0, 100.0]])
    levels = scaled_to_bytes(values, used=values > -2000)
    assert levels.tolist() == [[0, 0], [128, 255]]


def test_nothing_but_nan_is_black() -> None:
    assert scaled_to_bytes(np.full((3, 3), np.nan)).max() == 0


def test_webp_is_told_from_other_riff() -> None:
    assert sniffed(b"RIFF\0\0\0\0WEBPVP8 ") == "WEBP"
    assert sniffed(b"RIFF\0\0\0\0WAVEfmt ") == "other"
