"""The built-in models on real pictures that they were not trained on, of every kind."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

import vision
from vision import Image, ImageReader, Spacing, WeightsMissing, described, layer_png, open_image, overlay_png
from vision.reading import read_picture
from vision.saved import BUILTIN, read_card

Extract = Callable[[str, str], Path]

HELD_OUT = [
    (
        "chest_xray_children",
        "images/PNEUMONIA/person10_bacteria_43.jpeg",
        "pneumonia",
        "opacity_on_chest_imaging",
    ),
    ("chest_xray_children", "images/NORMAL/IM-0031-0001.jpeg", "normal", None),
    ("chest_xray_adults", "Pneumonia/00001529_002.jpg", "pneumonia", "opacity_on_chest_imaging"),
    ("breast_ultrasound", "images/malignant (101).jpg", "malignant", "breast_imaging_suspicious"),
    ("brain_mri", "Training/glioma_tumor/gg (142).jpg", "glioma", "brain_mass_on_imaging"),
    ("knee_xray", "test/4/9012867R.jpg", "KL4", "osteophytes_on_x_ray"),
    ("skin_lesions", "images/ISIC_0027000.jpg", "nv", None),
    ("fundus", "cataract/1144_left.jpg", "cataract", "lens_opacity"),
    ("lung_ct", "CT_NonCOVID/0.jpg", "not_covid19", None),
]
"""Set, picture of the held-out part, what it is, and the finding that it must speak for."""


@pytest.mark.parametrize(("name", "path", "label", "finding"), HELD_OUT)
def test_a_picture_of_every_kind(
    reader: ImageReader, real_picture: Extract, name: str, path: str, label: str, finding: str | None
) -> None:
    file = real_picture(name, path)
    reading = reader.read(file)
    assert reading.task == name and reading.called == label
    assert sum(reading.labels.values()) == pytest.approx(1)
    ratios = {sign.finding: sign.likelihood_ratio for sign in reading.signs}
    assert all(1 / 20 <= ratio <= 20 for ratio in ratios.values())
    if finding:
        assert ratios[finding] > 2
    else:
        assert max(ratios.values()) < 1
    assert reader.read(file).labels == reading.labels


def test_a_lesion_is_outlined_where_there_were_masks_to_learn_from(
    reader: ImageReader, real_picture: Extract
) -> None:
    image = open_image(real_picture("breast_ultrasound", "images/malignant (101).jpg"))
    reading = reader.read_image(image)
    assert reading.basis == "outline" and reading.regions[0].name == "lesion"
    extent = reading.regions[0].extent
    assert extent is not None and 0 < extent.share < 0.6 and extent.across <= extent.longest
    assert extent.longest_mm is None and "not known" in described(reading)
    spaced = reader.read_image(Image(image.pixels, "DICOM", spacing=Spacing(0.1, 0.1)))
    assert spaced.regions[0].extent is not None
    assert spaced.regions[0].extent.longest_mm == pytest.approx(extent.longest * 0.1)
    assert "millimetres" in described(spaced) and "毫米" in described(spaced, "zh")


def test_where_there_were_none_a_map_shows_where_it_looked(
    reader: ImageReader, real_picture: Extract
) -> None:
    reading = reader.read(real_picture("knee_xray", "test/4/9012867R.jpg"))
    assert reading.basis == "activation" and reading.regions[0].extent is None
    assert 0 <= reading.cells.min() <= reading.cells.max() <= 1
    assert "not an outline" in described(reading) and "并非病灶轮廓" in described(reading, "zh")


def test_terms_of_the_weights_are_told_wherever_restricted_ones_were_used(
    reader: ImageReader, real_picture: Extract
) -> None:
    child = open_image(real_picture("chest_xray_children", "images/NORMAL/IM-0031-0001.jpeg"))
    model = reader.model("chest_xray_children")
    assert read_picture(child, model).notices == ()
    with_lungs = reader.read_as(child, "chest_xray_children")
    assert with_lungs.notices == ("restricted",)
    assert "research only" in described(with_lungs) and "仅限研究" in described(with_lungs, "zh")
    assert reader.read(real_picture("knee_xray", "test/4/9012867R.jpg")).notices == ()


def test_age_decides_whose_chest_it_is(reader: ImageReader, real_picture: Extract) -> None:
    file = real_picture("chest_xray_adults", "Pneumonia/00000310_001.jpg")
    assert reader.read(file, "child").task == "chest_xray_children"
    assert reader.read(file, "adult").task == "chest_xray_adults"


def test_what_is_shown_has_no_metadata_and_the_pictures_shape(
    reader: ImageReader, real_picture: Extract
) -> None:
    image = open_image(real_picture("breast_ultrasound", "images/malignant (101).jpg"))
    reading = reader.read_image(image)
    for content, mode in ((overlay_png(image, reading), "RGB"), (layer_png(image, reading), "RGBA")):
        with Pil.open(io.BytesIO(content)) as shown:
            assert shown.size == image.size and shown.mode == mode and not shown.info
    wide = Image(np.repeat(np.repeat(image.grey, 4, 0), 4, 1), "PNG")
    with Pil.open(io.BytesIO(overlay_png(wide, reader.read_image(wide)))) as shown:
        assert max(shown.size) == 1024


def test_open_sets_make_open_weights_and_others_are_restricted() -> None:
    files = [file for file in BUILTIN.rglob("*.safetensors") if file.stem != "router"]
    assert len(files) == 10 and sum(f.stat().st_size for f in BUILTIN.rglob("*.safetensors")) < 40e6
    for file in files:
        card = read_card(file)
        free = card["spec"]["source"]["licence"] == "CC BY 4.0"
        assert free == (file.parent.name != "restricted") == (not card["spec"]["restricted"])
        assert file.with_suffix(".md").is_file()


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"no card at .*router\.json"):
        ImageReader.load(tmp_path)


def test_importing_vision_does_not_load_torch() -> None:
    code = "import sys, vision; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_all_that_is_exported_is_there() -> None:
    assert all(getattr(vision, name) is not None for name in vision.__all__)
