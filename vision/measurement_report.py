"""A reading as a DICOM measurement report (PS3.16 TID 1500): findings with their probability, and sizes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vision.codes import Codes, own_scheme
from vision.dicom_source import Source, outlined_names, tracking_uid
from vision.images import Image
from vision.overlay import label_in_words
from vision.reading import Reading
from vision.regions import Extent

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_SERIES = 9002
"""Number of the series that is added to the study, behind that of the outlines."""

_DEVICE = "2.25.218925362312478262139154735402134158733"
"""Aetia as an observer; a number drawn once (PS3.5 B.2)."""


def measurement_report(
    source: Source, segmentation: "Dataset | None", image: Image, reading: Reading
) -> "Dataset":
    """The report: a group for each label with its probability in percent, and one for each outline with its sizes.

    Sizes are in millimetres where the spacing is known, else in pixels. It is marked as not verified: no person
    has looked at it. Raises what highdicom raises of a header that lacks what it needs.
    """
    import highdicom as hd
    from highdicom.sr import ComprehensiveSR, MeasurementReport, ObservationContext, ObserverContext
    from highdicom.sr import DeviceObserverIdentifyingAttributes as Device
    from pydicom.sr.codedict import codes as dictionary
    from pydicom.uid import ExplicitVRLittleEndian

    codes = Codes()
    device = ObserverContext(dictionary.DCM.Device, Device(_DEVICE, "Aetia", "Aetia", codes.version))
    content = MeasurementReport(
        observation_context=ObservationContext(observer_device_context=device),
        procedure_reported=codes["procedure"],
        imaging_measurements=[
            *_findings(codes, source, reading),
            *(_outlines(codes, source, segmentation, image, reading) if segmentation is not None else ()),
        ],
        title=codes["title"],
    )
    made: Dataset = ComprehensiveSR(
        evidence=[source.header, *([segmentation] if segmentation is not None else ())],
        content=content[0],
        series_instance_uid=hd.UID(),
        series_number=_SERIES,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        is_complete=True,
        is_verified=False,
        **codes.equipment,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        series_description="Measurements by Aetia, for research",
        coding_schemes=[own_scheme()],
    )
    return made


def _findings(codes: Codes, source: Source, reading: Reading) -> Iterator[Any]:
    """What the picture may show, the likeliest first."""
    from highdicom.sr import (
        MeasurementsAndQualitativeEvaluations,
        QualitativeEvaluation,
        SourceImageForMeasurementGroup,
        TrackingIdentifier,
    )

    for label, probability in sorted(reading.labels.items(), key=lambda item: -item[1]):
        named = codes["yes" if label == reading.called else "no"]
        yield MeasurementsAndQualitativeEvaluations(
            tracking_identifier=TrackingIdentifier(identifier=label),
            finding_type=codes.label(label, label_in_words(label, "en")),
            algorithm_id=_algorithm(codes, reading),
            measurements=[_measured(codes, "certainty", 100 * probability, "percent")],
            qualitative_evaluations=[QualitativeEvaluation(codes.measure("named"), named)],
            source_images=[SourceImageForMeasurementGroup.from_source_image(source.header, _frames(source))],
        )


def _frames(source: Source) -> list[int] | None:
    """Which frame of several is meant, counted from 1."""
    return [source.frame + 1] if source.frames > 1 else None


def _outlines(
    codes: Codes, source: Source, segmentation: "Dataset", image: Image, reading: Reading
) -> Iterator[Any]:
    from highdicom.sr import (
        PlanarROIMeasurementsAndQualitativeEvaluations,
        ReferencedSegmentationFrame,
        SourceImageForSegmentation,
        TrackingIdentifier,
    )

    drawn_on = SourceImageForSegmentation.from_source_image(source.header, _frames(source))
    # Every outline has one frame of the segmentation, in the order of the segments.
    extents = {region.name: region.extent for region in reading.regions if region.extent is not None}
    for number, name in enumerate(outlined_names(reading), 1):
        yield PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=TrackingIdentifier(tracking_uid(source, name), name),
            referenced_segment=ReferencedSegmentationFrame(
                segmentation.SOPClassUID, segmentation.SOPInstanceUID, number, number, drawn_on
            ),
            finding_type=codes.outline(name),
            algorithm_id=_algorithm(codes, reading),
            measurements=list(_sizes(codes, extents[name], image)),
        )


def _sizes(codes: Codes, extent: Extent, image: Image) -> Iterator[Any]:
    """Both diameters and the area, and the share of the whole."""
    spacing = image.spacing
    if spacing is None or extent.longest_mm is None or extent.across_mm is None:
        yield _measured(codes, "longest", extent.longest, "pixel")
        yield _measured(codes, "across", extent.across, "pixel")
        yield _measured(codes, "area", extent.area, "pixel")
    else:
        how = codes.measure("at_detector") if extent.basis == "detector" else None
        area = extent.area * spacing.down * spacing.across
        yield _measured(codes, "longest", extent.longest_mm, "millimetre", how)
        yield _measured(codes, "across", extent.across_mm, "millimetre", how)
        yield _measured(codes, "area", area, "square_millimetre", how)
    yield _measured(codes, f"share_of_{extent.share_of}", 100 * extent.share, "percent")


def _measured(codes: Codes, name: str, value: float, unit: str, method: Any = None) -> Any:
    from highdicom.sr import Measurement

    return Measurement(codes.measure(name), round(value, 2), codes.unit(unit), method=method)


def _algorithm(codes: Codes, reading: Reading) -> Any:
    from highdicom.sr import AlgorithmIdentification

    return AlgorithmIdentification(f"aetia {reading.task}", codes.version, family=codes["family"])
