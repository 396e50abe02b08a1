"""DICOM files made of a reading, read back with highdicom and pydicom: outlines, sizes, references, nobody's name."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from PIL import Image as Pil
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.sr.codedict import codes as dictionary
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from vision import Image, ImageReader, Reading, open_image
from vision.codes import Codes
from vision.export import DicomExport, ExportFault, dicom_export

Extract = Callable[[str, str], Path]
Made = Callable[..., Path]

DX, US, US_LOOP = "1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.3.1"
_PERSON = {
    "PatientName": "Doe^Jane",
    "PatientID": "MRN4711",
    "PatientBirthDate": "19610203",
    "AccessionNumber": "ACC815",
    "InstitutionName": "Town Clinic",
    "StudyDate": "20260102",
}


@pytest.fixture
def dicom_of(tmp_path: Path) -> Made:
    """(pixels, class, attributes) to a DICOM file of them, with a person's name."""

    def write(levels: Any, sop_class: str = DX, **attributes: Any) -> Path:
        path = tmp_path / "picture.dcm"
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, generate_uid()
        data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
        data.SOPClassUID, data.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
        data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(), generate_uid()
        data.Rows, data.Columns = levels.shape[-2:]
        if levels.ndim == 3:
            data.NumberOfFrames = len(levels)
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
        for name, value in {**_PERSON, **attributes}.items():
            setattr(data, name, value)
        data.PixelData = levels.tobytes()
        data.save_as(path, enforce_file_format=True)
        return path

    return write


@pytest.fixture
def chest(real_picture: Extract) -> Any:
    """A real chest X-ray with an opacity, grey levels."""
    return np.asarray(Pil.open(real_picture("chest_xray_adults", "Pneumonia/00001529_002.jpg")).convert("L"))


@pytest.fixture
def breast(real_picture: Extract) -> Any:
    return np.asarray(Pil.open(real_picture("breast_ultrasound", "images/malignant (101).jpg")).convert("L"))


def _exported(
    reader: ImageReader, path: Path, task: str, **options: Any
) -> tuple[Image, Reading, DicomExport]:
    image = open_image(path)
    reading = reader.read_as(image, task)
    return image, reading, dicom_export(path, image, reading, **options)


def _outline(export: DicomExport, folder: Path) -> Any:
    """The only outline's group in the report, from disk."""
    (group,) = hd.sr.srread(export.write(folder, "back")[-1]).content.get_planar_roi_measurement_groups()
    return group


def _measures(group: Any) -> dict[str, tuple[float, str]]:
    return {m.name.meaning: (float(m.value), m.unit.value) for m in group.get_measurements()}


def test_the_outline_comes_back_pixel_for_pixel(
    reader: ImageReader, dicom_of: Made, chest: Any, tmp_path: Path
) -> None:
    path = dicom_of(chest, PixelSpacing=[0.9, 0.8])
    image, reading, export = _exported(reader, path, "chest_xray_adults")
    assert reading.basis == "outline"
    written = export.write(tmp_path, "name")
    assert [file.name for file in written] == ["name.seg.dcm", "name.sr.dcm"]
    back = hd.seg.segread(written[0])
    source = pydicom.dcmread(path)
    assert back.pixel_array.shape == (source.Rows, source.Columns)
    extent = reading.regions[0].extent
    assert extent is not None
    assert back.pixel_array.sum() == pytest.approx(extent.area, rel=0.02)
    outline = Pil.fromarray(reading.outlines["opacity"]).resize(image.size, Pil.Resampling.NEAREST)
    assert (back.pixel_array.astype(bool) == np.asarray(outline)).all()
    assert back.get_segment_description(1).segmented_property_type == dictionary.DCM.Opacity
    assert back.StudyInstanceUID == source.StudyInstanceUID
    assert back.SeriesInstanceUID != source.SeriesInstanceUID
    referred = back.ReferencedSeriesSequence[0]
    assert referred.SeriesInstanceUID == source.SeriesInstanceUID
    assert referred.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID


def test_the_report_says_how_probable_and_how_large(
    reader: ImageReader, dicom_of: Made, chest: Any, tmp_path: Path
) -> None:
    path = dicom_of(chest, PixelSpacing=[0.9, 0.8])
    _, reading, export = _exported(reader, path, "chest_xray_adults")
    seg, report = export.write(tmp_path, "name")
    back = hd.sr.srread(report)
    assert back.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    assert back.CompletionFlag == "COMPLETE" and back.VerificationFlag == "UNVERIFIED"
    findings = back.content.get_image_measurement_groups()
    said = {g.finding_type.value: _measures(g)["Certainty of Finding"] for g in findings}
    for label, probability in reading.labels.items():
        assert said[label] == (pytest.approx(100 * probability, abs=0.01), "%")
    assert findings[0].finding_type.value == max(reading.labels, key=reading.labels.__getitem__)
    named = [
        g.finding_type.value
        for g in findings
        if g.get_qualitative_evaluations(Codes().measure("named"))[0].value == dictionary.SCT.Yes
    ]
    assert named == [reading.called]
    (outline,) = back.content.get_planar_roi_measurement_groups()
    extent = reading.regions[0].extent
    assert extent is not None and extent.longest_mm is not None and extent.across_mm is not None
    sizes = _measures(outline)
    assert sizes["Long axis"] == (pytest.approx(extent.longest_mm, abs=0.01), "mm")
    assert sizes["Short axis"] == (pytest.approx(extent.across_mm, abs=0.01), "mm")
    assert sizes["Area"] == (pytest.approx(extent.area * 0.9 * 0.8, abs=0.01), "mm2")
    assert sizes["Share of both lungs"] == (pytest.approx(100 * extent.share, abs=0.01), "%")
    referred = outline.referenced_segmentation_frame[0].ReferencedSOPSequence[0]
    assert referred.ReferencedSOPInstanceUID == pydicom.dcmread(seg).SOPInstanceUID
    assert outline.tracking_uid == hd.seg.segread(seg).get_segment_description(1).tracking_uid


def test_sizes_are_pixels_without_spacing_and_say_so_at_the_detector(
    reader: ImageReader, dicom_of: Made, chest: Any, tmp_path: Path
) -> None:
    plain = _outline(_exported(reader, dicom_of(chest), "chest_xray_adults")[2], tmp_path)
    assert {unit for _, unit in _measures(plain).values()} == {"{pixels}", "%"}
    path = dicom_of(chest, ImagerPixelSpacing=[0.9, 0.9])
    detector = _outline(_exported(reader, path, "chest_xray_adults")[2], tmp_path)
    methods = {m.name.meaning: m.method for m in detector.get_measurements()}
    assert methods["Long axis"].value == "at_detector" and methods["Share of both lungs"] is None


def test_of_a_loop_the_frame_that_was_read_is_named(
    reader: ImageReader, dicom_of: Made, breast: Any, tmp_path: Path
) -> None:
    path = dicom_of(np.stack([breast] * 5), US_LOOP)
    export = _exported(reader, path, "breast_ultrasound")[2]
    seg, report = export.write(tmp_path, "loop")
    frame = hd.seg.segread(seg).PerFrameFunctionalGroupsSequence[0]
    source = frame.DerivationImageSequence[0].SourceImageSequence[0]
    assert (source.ReferencedFrameNumber, source.ReferencedSOPClassUID) == (3, US_LOOP)
    (outline,) = hd.sr.srread(report).content.get_planar_roi_measurement_groups()
    assert outline.referenced_segmentation_frame[1].ReferencedSOPSequence[0].ReferencedFrameNumber == 3


def test_where_nothing_is_outlined_there_is_a_report_alone(
    reader: ImageReader, dicom_of: Made, real_picture: Extract, tmp_path: Path
) -> None:
    knee = np.asarray(Pil.open(real_picture("knee_xray", "test/4/9012867R.jpg")).convert("L"))
    export = _exported(reader, dicom_of(knee), "knee_xray")[2]
    assert export.segmentation is None
    (report,) = export.write(tmp_path, "knee")
    assert hd.sr.srread(report).content.get_planar_roi_measurement_groups() == []


@pytest.mark.parametrize("identified", [False, True])
def test_nobody_is_named_unless_asked_for(
    reader: ImageReader, dicom_of: Made, breast: Any, tmp_path: Path, identified: bool
) -> None:
    export = _exported(reader, dicom_of(breast, US), "breast_ultrasound", identified=identified)[2]
    for file in export.write(tmp_path, "name"):
        content = file.read_bytes()
        for name, value in _PERSON.items():
            expected = identified and name != "InstitutionName"
            assert (value.encode() in content) is expected, (file.name, name)


def test_files_that_lack_a_study_still_agree(reader: ImageReader, dicom_of: Made, breast: Any) -> None:
    path = dicom_of(breast, US)
    data = pydicom.dcmread(path)
    del data.StudyInstanceUID, data.SeriesInstanceUID
    data.save_as(path)
    export = _exported(reader, path, "breast_ultrasound")[2]
    assert export.segmentation is not None
    assert export.segmentation.StudyInstanceUID == export.report.StudyInstanceUID != ""


def test_refusals_say_what_to_do(
    reader: ImageReader, dicom_of: Made, breast: Any, real_picture: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = real_picture("breast_ultrasound", "images/malignant (101).jpg")
    with pytest.raises(ExportFault, match="is JPEG; DICOM files are only made of DICOM"):
        _exported(reader, plain, "breast_ultrasound")
    path = dicom_of(breast, "1.2.3.4")
    with pytest.raises(ExportFault, match="lacks what DICOM asks"):
        _exported(reader, path, "breast_ultrasound")
    monkeypatch.setitem(sys.modules, "highdicom", None)
    with pytest.raises(ExportFault, match=r"install aetia\[dicom\]"):
        _exported(reader, dicom_of(breast, US), "breast_ultrasound")


def test_codes_are_those_of_the_standard() -> None:
    """Against pydicom's copy of PS3.16 and SNOMED CT."""
    codes = Codes()
    same = {
        "LongAxis": codes.measure("longest"),
        "ShortAxis": codes.measure("across"),
        "Area": codes.measure("area"),
        "Lesion": codes.outline("lesion"),
        "MorphologicallyAbnormalStructure": codes["category"],
        "ImagingProcedure": codes["procedure"],
        "Yes": codes["yes"],
        "No": codes["no"],
    }
    assert all(getattr(dictionary.SCT, name) == code for name, code in same.items())
    ours = {
        "Opacity": codes.outline("opacity"),
        "CertaintyOfFinding": codes.measure("certainty"),
        "ArtificialIntelligence": codes["family"],
        "ImagingMeasurementReport": codes["title"],
    }
    assert all(getattr(dictionary.DCM, name) == code for name, code in ours.items())
    assert codes.outline("a thing of one's own").scheme_designator == "99AETIA"
