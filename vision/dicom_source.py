"""What files that are made about a DICOM picture may say of it: its place in the study, and not whose it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from knowledge.errors import AetiaError
from vision.dicom import frame_read
from vision.reading import Reading

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_PERSON = (
    "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "AccessionNumber",
    "StudyID", "StudyDate", "StudyTime", "StudyDescription", "ReferringPhysicianName", "SpecificCharacterSet",
)  # fmt: skip
_PICTURE = (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID",
    "Modality", "Rows", "Columns", "NumberOfFrames", "PixelSpacing", "ImagerPixelSpacing", "SliceThickness",
    "SpacingBetweenSlices", "ImageOrientationPatient", "ImagePositionPatient", "PatientOrientation", "DimensionOrganizationType",
    "DimensionOrganizationSequence", "DimensionIndexSequence", "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)  # fmt: skip
_FILLED = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate",
    "StudyTime", "ReferringPhysicianName",
)  # fmt: skip
"""They must be there, and may be empty (type 2)."""


class ExportFault(AetiaError):
    """A reading that cannot be written as DICOM; the text says why, and what to do."""


@dataclass(frozen=True)
class Source:
    """What the exported files say of the picture that was read: its header, and which frame, from 0."""

    header: "Dataset"
    frame: int

    @property
    def frames(self) -> int:
        """How many there are."""
        return int(self.header.get("NumberOfFrames") or 1)


def source_of(path: Path, identified: bool) -> Source:
    """The header of a DICOM file with only what is named here, so that nothing else gets through.

    identified: whether what names the person goes along. Raises ExportFault when nothing could refer to it.
    """
    import pydicom
    from pydicom.dataset import Dataset

    given = pydicom.dcmread(path, stop_before_pixels=True)
    if "SOPInstanceUID" not in given or "SOPClassUID" not in given:
        raise ExportFault(f"{path.name} has no SOP Instance UID, so nothing can refer to it; export it again")
    header = Dataset()
    for name in (*_PICTURE, *(_PERSON if identified else ())):
        if name in given:
            header[name] = given[name]
    for name in _FILLED:
        if name not in header:
            setattr(header, name, "")
    if not header.get("Modality"):
        header.Modality = "OT"  # other
    for name in ("StudyInstanceUID", "SeriesInstanceUID"):
        if not header.get(name):  # the same each time, so that both files name one study
            setattr(header, name, _derived_uid(str(given.SOPInstanceUID), name))
    return Source(header, frame_read(given))


def outlined_names(reading: Reading) -> list[str]:
    """The outlines that have a size, in the order of their segments."""
    return [region.name for region in reading.regions if region.extent is not None]


def tracking_uid(source: Source, name: str) -> str:
    """What ties an outline to its measurements: the same for the same picture and name."""
    return _derived_uid(str(source.header.SOPInstanceUID), f"outline {name}")


def _derived_uid(uid: str, name: str) -> str:
    """The same for the same two, and for no others (PS3.5 B.2, RFC 9562 version 5)."""
    return f"2.25.{uuid5(NAMESPACE_OID, f'{uid} {name}').int}"
