"""A reading as DICOM files for an archive: the outlines as a SEG, the measurements as a structured report.

DICOM PS3.3 A.51 (segmentation), PS3.16 TID 1500 (measurement report); made with highdicom, which is an extra.
What names the person stays behind unless it is asked for.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from vision.codes import Codes, own_scheme
from vision.dicom_source import ExportFault, Source, outlined_names, source_of, tracking_uid
from vision.images import Image
from vision.reading import Reading

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["DicomExport", "ExportFault", "dicom_export"]

_SERIES = 9001
"""Number of the series that is added to the study, above those of scanners; the report's is the next."""


_ONE_FRAME = "1.2.840.10008.5.1.4.1.1.6.1"
"""Ultrasound Image Storage: the class of a frame that is taken out of a loop."""


@dataclass(frozen=True)
class DicomExport:
    """What goes to an archive. segmentation: None where nothing is outlined. report: TID 1500."""

    segmentation: "Dataset | None"
    report: "Dataset"

    def write(self, folder: Path, stem: str) -> list[Path]:
        """Write STEM.seg.dcm, where there is an outline, and STEM.sr.dcm. Raises OSError."""
        written = []
        for suffix, made in (("seg", self.segmentation), ("sr", self.report)):
            if made is not None:
                written.append(folder / f"{stem}.{suffix}.dcm")
                made.save_as(written[-1], enforce_file_format=True)
        return written


def dicom_export(path: Path, image: Image, reading: Reading, identified: bool = False) -> DicomExport:
    """The reading of a DICOM file as a SEG and an SR of the same study.

    path: the file that `image` was read from. identified: whether the person's name, number and dates go
    along, which an archive needs to file them by itself; the identifiers of the study always do.

    Raises ExportFault when the picture is no DICOM, lacks what the standard asks of it, or highdicom is not
    installed.
    """
    if image.format != "DICOM":
        raise ExportFault(
            f"{path.name} is {image.format}; DICOM files are only made of DICOM, because they must name "
            "the study that they belong to. The overlay can be written for any picture."
        )
    _check_installed()
    from vision.measurement_report import measurement_report

    source = source_of(path, identified)
    segmentation = _guarded(path, lambda: _segmentation(source, image, reading))
    report = _guarded(path, lambda: measurement_report(source, segmentation, image, reading))
    return DicomExport(segmentation, report)


def _check_installed() -> None:
    try:
        import highdicom  # noqa: F401
    except ImportError as fault:
        raise ExportFault(
            "DICOM files are made with highdicom, which is not installed; install aetia[dicom]"
        ) from fault


def _guarded(path: Path, make: "Callable[[], Any]") -> Any:
    """What `make` gives; what highdicom says of a header that bends the standard, as an ExportFault."""
    try:
        return make()
    except (LookupError, ValueError, AttributeError, TypeError) as fault:
        raise ExportFault(
            f"{path.name} lacks what DICOM asks of a picture, so nothing can refer to it: {fault}"
        ) from fault


def _segmentation(source: Source, image: Image, reading: Reading) -> "Dataset | None":
    import highdicom as hd
    from pydicom.uid import ExplicitVRLittleEndian

    names = outlined_names(reading)
    if not names:
        return None
    codes = Codes()
    described = [
        hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=name,
            segmented_property_category=codes["category"],
            segmented_property_type=codes.outline(name),
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
            algorithm_identification=hd.AlgorithmIdentificationSequence(
                name=f"aetia {reading.task}", family=codes["family"], version=codes.version
            ),
            tracking_uid=tracking_uid(source, name),
            tracking_id=name,
        )
        for number, name in enumerate(names, 1)
    ]
    source_image, frames, at = _frames(source)
    masks = np.zeros((frames, image.size[1], image.size[0], len(names)), np.uint8)
    for i, name in enumerate(names):
        masks[at, ..., i] = _full_size(reading.outlines[name], image.size)
    made: Dataset = hd.seg.Segmentation(
        source_images=[source_image],
        pixel_array=masks,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=described,
        series_instance_uid=hd.UID(),
        series_number=_SERIES,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        **codes.equipment,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        series_description="Outlines by Aetia, for research",
        coding_schemes=[own_scheme()],
    )
    if frames < source.frames:
        _refer_to_frame(made, source)
    return made


def _frames(source: Source) -> "tuple[Dataset, int, int]":
    """The header to build on, how many frames its mask has, and which of them is outlined, from 0.

    highdicom takes several frames only where each has a place in space, as in an enhanced CT. A cine loop's
    frames have none: there the mask is of the one frame that was read, as if it were a picture of its own.
    """
    header = deepcopy(source.header)
    if "FrameOfReferenceUID" not in header and "SliceThickness" not in header and "PixelSpacing" in header:
        del header.PixelSpacing  # readers want both or neither; that of the picture applies
    if source.frames == 1 or "PerFrameFunctionalGroupsSequence" in header:
        return header, source.frames, source.frame
    header.NumberOfFrames, header.SOPClassUID = 1, _ONE_FRAME
    return header, 1, 0


def _refer_to_frame(made: "Dataset", source: Source) -> None:
    """Let every reference to the picture name its own class again, and the frame that was read."""

    def mend(item: "Dataset", _: Any) -> None:
        if item.get("ReferencedSOPInstanceUID") == source.header.SOPInstanceUID:
            item.ReferencedSOPClassUID = source.header.SOPClassUID

    made.walk(mend)
    for frame in made.PerFrameFunctionalGroupsSequence:
        for derivation in frame.DerivationImageSequence:
            for image in derivation.SourceImageSequence:
                image.ReferencedFrameNumber = source.frame + 1  # DICOM counts from 1


def _full_size(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    return np.asarray(Pil.fromarray(mask).resize(size, Pil.Resampling.NEAREST))
