"""The reader with the built-in weights, on made pictures and on real ones."""

import io
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from vision import Image, ImageReader, ImageRefused, Reading, Spacing, WeightsMissing, described, overlay_png
from vision.drawn import KINDS, drawn
from vision.images import open_image
from vision.saved import BUILTIN, read_card

Extract = Callable[[str, str], Path]

CHILD_NORMAL = ("chest_xray_children", "images/NORMAL/IM-0031-0001.jpeg")
CHILD_PNEUMONIA = ("chest_xray_children", "images/PNEUMONIA/person9_bacteria_41.jpeg")
ADULT = ("chest_xray_adults", "Pneumonia/00012229_003.jpg")


@pytest.fixture(scope="module")
def pneumonia(reader: ImageReader, real_picture: Extract) -> tuple[Image, Reading]:
    image = open_image(real_picture(*CHILD_PNEUMONIA))
    return image, reader.read_image(image, "child")


def test_importing_vision_does_not_load_torch() -> None:
    code = "import sys, vision; vision.open_image; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_all_that_is_exported_is_there() -> None:
    import vision

    assert all(getattr(vision, name) for name in vision.__all__)
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        vision.__getattr__("nothing_of_the_kind")


def test_missing_weights(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="no card at"):
        ImageReader.load(tmp_path)
    (tmp_path / "restricted").mkdir()
    card = (BUILTIN / "restricted/pneumonia.json").read_text(encoding="utf-8")
    (tmp_path / "restricted/pneumonia.json").write_text(card, encoding="utf-8")
    with pytest.raises(WeightsMissing, match=r"no weights at .*aetia train image"):
        ImageReader.load(tmp_path)


def test_a_card_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text("{", encoding="utf-8")
    with pytest.raises(WeightsMissing, match="is not JSON"):
        read_card(tmp_path / "w.safetensors")
    (tmp_path / "w.json").write_text("{}", encoding="utf-8")
    with pytest.raises(WeightsMissing, match="lacks sha256, task"):
        read_card(tmp_path / "w.safetensors")


def test_the_weights_are_small_and_say_what_they_are() -> None:
    files = list(BUILTIN.rglob("*.safetensors"))
    assert sum(file.stat().st_size for file in files) < 25e6
    for file in files:
        card = read_card(file)
        open_licence = all(source["licence"].startswith("CC BY 4.0") for source in card["data"].values())
        assert open_licence or file.parent.name == "restricted"
        assert file.with_suffix(".md").is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_drawn_gets_a_diagnosis(reader: ImageReader, kind: str, tmp_path: Path) -> None:
    made = [pixels for name, pixels in drawn(6 * len(KINDS), 320, seed=2026) if name == kind]
    for pixels in made:
        Pil.fromarray(pixels).save(tmp_path / "p.png")
        with pytest.raises(ImageRefused):
            reader.read(tmp_path / "p.png")


@pytest.mark.parametrize("seed", range(5))
def test_coarse_noise_gets_no_diagnosis(reader: ImageReader, seed: int) -> None:
    coarse = np.random.default_rng(seed).integers(0, 256, (4 + 9 * seed, 4 + 9 * seed), dtype=np.uint8)
    pixels = np.asarray(Pil.fromarray(coarse).resize((400, 400), Pil.Resampling.BICUBIC))
    with pytest.raises(ImageRefused):
        reader.read_image(Image(pixels, "PNG"))


def test_a_child_with_pneumonia(pneumonia: tuple[Image, Reading]) -> None:
    image, reading = pneumonia
    assert reading.probability > 0.9 and reading.likelihood_ratio > 3
    assert (reading.finding, reading.basis, reading.population) == (
        "opacity_on_chest_imaging", "activation", "child",
    )  # fmt: skip
    assert reading.heat_map.shape == image.grey.shape
    assert 0 <= reading.heat_map.min() < reading.heat_map.max() <= 1
    assert reading.region is not None and reading.region.size_mm is None
    box = reading.region.box
    assert 0 <= box.left <= box.left + box.width <= image.size[0] + 1e-6


def test_a_child_without(reader: ImageReader, real_picture: Extract) -> None:
    reading = reader.read(real_picture(*CHILD_NORMAL))
    assert reading.probability < 0.5 and reading.likelihood_ratio < 1


def test_an_adult_is_in_scope(reader: ImageReader, real_picture: Extract) -> None:
    reading = reader.read(real_picture(*ADULT), "adult")
    assert reading.population == "adult" and reading.scope > 0.9


def test_what_must_be_said(reader: ImageReader, pneumonia: tuple[Image, Reading]) -> None:
    image, with_age = pneumonia
    without_age = reader.read_image(image)
    assert with_age.notices == ("restricted",) and without_age.notices == ("age_unknown", "restricted")
    assert without_age.population == "any" and "The age is not known" in described(without_age)


def test_the_childrens_model_says_that_it_saw_no_adult(
    pneumonia: tuple[Image, Reading], one_thread: None
) -> None:
    reading = ImageReader.load(children_only=True).read_image(pneumonia[0], "adult")
    assert reading.notices == ("adult_unseen",) and "仅用儿童" in described(reading, "zh")
    assert reading.likelihood_ratio == 1 and reading.region is None


def test_spacing_gives_millimetres(reader: ImageReader, pneumonia: tuple[Image, Reading]) -> None:
    image, without = pneumonia
    reading = reader.read_image(Image(image.pixels, "DICOM", spacing=Spacing(0.5, 0.25)), "child")
    assert reading.region and without.region and reading.region.size_mm
    assert reading.region.size_mm[0] == pytest.approx(without.region.box.width * 0.25)
    assert "millimetres" in described(reading) and "毫米" in described(reading, "zh")


def test_the_same_picture_gives_the_same_reading(
    reader: ImageReader, pneumonia: tuple[Image, Reading]
) -> None:
    assert reader.read_image(pneumonia[0], "child").probability == pneumonia[1].probability


def test_upside_down_and_negative_are_refused(reader: ImageReader, pneumonia: tuple[Image, Reading]) -> None:
    grey = pneumonia[0].grey
    for wrong, reason in ((grey[::-1], "turned"), (np.rot90(grey), "turned"), (255 - grey, "negative")):
        with pytest.raises(ImageRefused) as caught:
            reader.read_image(Image(np.ascontiguousarray(wrong), "PNG"))
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("archive", "name"),
    [
        ("knee_xray", "test/0/9527882R.jpg"),
        ("brain_mri", "Training/glioma_tumor/gg (1).jpg"),
        ("breast_ultrasound", "images/benign (1).jpg"),
        ("skin_lesions", "images/ISIC_0027419.jpg"),
        ("fundus", "cataract/103_left.jpg"),
        ("lung_ct", "CT_COVID/2020.01.24.919183-p27-132.jpg"),
    ],
)
def test_other_parts_of_the_body_are_refused(
    reader: ImageReader, real_picture: Extract, archive: str, name: str
) -> None:
    with pytest.raises(ImageRefused) as caught:
        reader.read(real_picture(archive, name))
    assert "not judged" in str(caught.value)


def test_a_ct_slice_is_refused_for_what_it_says(reader: ImageReader, real_dicom: Path) -> None:
    with pytest.raises(ImageRefused, match="this is CT, not a plain X-ray"):
        reader.read(real_dicom)


def test_a_picture_takes_less_than_400_ms(reader: ImageReader, real_picture: Extract) -> None:
    path = real_picture(*ADULT)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        reader.read(path)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.4


def test_overlay_and_words(pneumonia: tuple[Image, Reading]) -> None:
    image, reading = pneumonia
    large = Image(np.kron(image.grey, np.ones((10, 10), np.uint8)), "PNG")
    with Pil.open(io.BytesIO(overlay_png(image, reading))) as picture:
        assert picture.size == image.size and picture.mode == "RGB" and not picture.info
        colours = np.asarray(picture).astype(int)
    assert (colours[..., 0] - colours[..., 2]).max() > 50, "no orange"
    assert (colours == (86, 180, 233)).all(axis=-1).any(), "no blue box"
    with Pil.open(io.BytesIO(overlay_png(large, reading))) as picture:
        assert max(picture.size) == 1024
    english, chinese = described(reading), described(reading, "zh")
    assert "percent" in english and "where the model looked" in english and "zone" in english
    assert "并非病灶轮廓" in chinese and "像素间距未知" in chinese
