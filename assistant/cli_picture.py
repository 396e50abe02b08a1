"""`aetia picture`: pictures read without a case, in words or as JSON, with files for a viewer or an archive."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from knowledge.errors import AetiaError

if TYPE_CHECKING:
    from assistant.pictures import PictureReader
    from knowledge.concepts import Language
    from vision import Image, Reading, Region


def picture(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="PNG, JPEG, TIFF, WebP or DICOM, one or many.")
    ],
    age: Annotated[
        float | None, typer.Option(min=0, max=130, help="In years; a child's chest has a model of its own.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for overlays and DICOM files; made if need be.")
    ] = None,
    identified: Annotated[
        bool, typer.Option("--identified", help="Let the person's name and number into the DICOM files.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the words: en or zh.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a picture.")] = False,
) -> None:
    """Say what pictures show, where, and how large, or why they are not judged.

    With --out each gets NAME.overlay.png. A DICOM file also gets NAME.seg.dcm, its outlines, where there are
    some, and NAME.sr.dcm, a measurement report (TID 1500); they need the extra `dicom`, and name the study, but
    the person only with --identified.

    Exit status 1 when a picture was refused or a file could not be made.

    Example: aetia picture chest.dcm mole.jpg --age 61 --out readings
    """
    from tqdm import tqdm

    from assistant.panels import words
    from assistant.pictures import PictureReader
    from assistant.settings import Settings

    if language not in ("en", "zh"):
        raise AetiaError(f"there is no language `{language}`; give en or zh")
    spoken: Language = "zh" if language == "zh" else "en"
    reader = PictureReader(Settings.from_environment().images)
    target = _Target(out, identified) if out else None
    failed = read = False
    quiet = True if len(files) == 1 else None  # None: shown where someone looks on
    for path in (bar := tqdm(files, unit="picture", disable=quiet)):
        told = _told(reader, path, age, target, spoken)
        failed, read = failed or "error" in told, read or "described" in told
        bar.clear()
        _print(told, as_json)
    if read and not as_json:
        kept = "picture_written" if target and target.has_written else "picture_not_kept"
        said = f"{words(spoken)['picture_research']} {words(spoken)[kept].format(folder=out)}"
        typer.echo(said, err=True)
    if failed:
        raise typer.Exit(1)


class _Target:
    """The folder that files are written to, each name once."""

    def __init__(self, folder: Path, identified: bool) -> None:
        self._folder, self._identified = folder, identified
        self._used: set[str] = set()
        self.has_written = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise AetiaError(f"{folder} cannot be made: {fault.strerror}; name another with --out") from fault

    def write(self, path: Path, image: "Image", reading: "Reading") -> list[Path]:
        """The overlay, and what DICOM gives. Raises AetiaError; the overlay is then there all the same."""
        from vision import overlay_png

        stem = self._stem(path)
        overlay = self._folder / f"{stem}.overlay.png"
        try:
            overlay.write_bytes(overlay_png(image, reading))
            self.has_written = True
            if image.format != "DICOM":
                return [overlay]
            from vision.export import dicom_export

            export = dicom_export(path, image, reading, self._identified)
            return [overlay, *export.write(self._folder, stem)]
        except OSError as fault:
            raise AetiaError(f"{self._folder} cannot be written to: {fault.strerror}") from fault

    def _stem(self, path: Path) -> str:
        """The file's name without its suffix; with it, and then a number, where that is taken."""
        names = (path.stem, path.name, *(f"{path.name}-{n}" for n in range(2, len(self._used) + 3)))
        stem = next(name for name in names if name not in self._used)
        self._used.add(stem)
        return stem


def _told(
    reader: "PictureReader", path: Path, age: float | None, target: _Target | None, language: "Language"
) -> dict[str, Any]:
    """What is said of one file: a reading, with the files that were written, or an `error`, or both."""
    from vision import ImageRefused

    told: dict[str, Any] = {"file": str(path)}
    try:
        image, reading = reader.reading(path, age)
        told |= _as_json(image, reading, language)
        if target:
            told["written"] = [str(written) for written in target.write(path, image, reading)]
    except ImageRefused as refusal:
        told |= {"refused": refusal.reason, "error": refusal.text(language)}
    except AetiaError as fault:
        told["error"] = str(fault)
    return told


def _as_json(image: "Image", reading: "Reading", language: "Language") -> dict[str, Any]:
    from vision import described

    return {
        "kind": reading.kind,
        "scope": round(reading.scope, 4),
        "model": reading.task,
        "called": reading.called,
        "labels": {label: round(p, 4) for label, p in reading.labels.items()},
        "findings": [
            {
                "finding": sign.finding,
                "probability": round(sign.probability, 4),
                "likelihood_ratio": round(sign.likelihood_ratio, 3),
            }
            for sign in reading.signs
        ],
        "basis": reading.basis,
        "regions": [_region(region, language) for region in reading.regions],
        "size": list(image.size),
        "spacing_mm": [image.spacing.down, image.spacing.across] if image.spacing else None,
        "notices": list(reading.notices),
        "described": described(reading, language),
    }


def _region(region: "Region", language: "Language") -> dict[str, Any]:
    from dataclasses import asdict

    box, extent = region.box, asdict(region.extent) if region.extent else {}
    return {
        "name": region.name,
        "position": region.position(language),
        "box": [round(n) for n in (box.left, box.top, box.width, box.height)],
        "extent": {k: round(v, 4) if isinstance(v, float) else v for k, v in extent.items()} or None,
    }


def _print(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    if "described" in told:
        typer.secho(told["file"], bold=True)
        typer.echo(told["described"])
        for written in told.get("written", ()):
            typer.echo(f"→ {written}")
    if "error" in told:
        typer.echo(f"{told['file']}: {told['error']}", err=True)
    sys.stdout.flush()  # so that words and refusals keep their order where both go to one place
