"""Pictures inside a FHIR record: read through the same door as dropped ones, once each; links are not followed."""

import base64
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil
from typer.testing import CliRunner

from assistant.api import Assistant, Session
from assistant.cli import app
from assistant.pictures import PictureReader
from assistant.record_pictures import look_at
from assistant.records import RecordReader, RecordReading
from tests.vision.conftest import *  # noqa: F403 - the real pictures
from tests.vision.test_vision_dicom import _write

TODAY = date(2026, 1, 15)
Extract = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def reader(graph_only: Assistant) -> RecordReader:
    return RecordReader(graph_only.base, graph_only.dialogue.intake)


@pytest.fixture(scope="module")
def lung(real_picture: Extract) -> bytes:
    """A child's chest X-ray with an opacity, of the part kept out of training."""
    return real_picture("chest_xray_children", "images/PNEUMONIA/person10_bacteria_43.jpeg").read_bytes()


def _attachment(content: bytes, kind: str | None = "image/jpeg", **more: str) -> dict[str, str]:
    named = {"contentType": kind} if kind else {}
    return {**named, "data": base64.b64encode(content).decode(), **more}


def _media(content: dict[str, str], **more: str) -> dict[str, Any]:
    return {"resourceType": "Media", "status": "completed", "content": content, **more}


def _report(**parts: Any) -> dict[str, Any]:
    return {"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Chest X-ray"}, **parts}


def _bundle(*resources: dict[str, Any]) -> str:
    child = {"resourceType": "Patient", "gender": "male", "birthDate": "2021-05-01"}
    entries = [{"resource": r, "fullUrl": f"urn:uuid:{n}"} for n, r in enumerate((child, *resources))]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _read(reader: RecordReader, *resources: dict[str, Any]) -> RecordReading:
    reading = reader.read(_bundle(*resources), TODAY)
    assert not [fault for fault in reading.refused if "base64" not in fault], reading.refused
    return reading


def test_every_way_in_which_a_picture_is_inside(reader: RecordReader) -> None:
    contained = _report(contained=[_media(_attachment(b"c"), id="m")], media=[{"link": {"reference": "#m"}}])
    by_link = _report(media=[{"link": {"reference": "Media/x"}}])
    document = {
        "resourceType": "DocumentReference", "status": "current",
        "content": [{"attachment": {"url": "Binary/b", "title": "Scan"}}],
    }  # fmt: skip
    reading = _read(
        reader,
        _report(presentedForm=[_attachment(b"p", "application/dicom", title="Slice")]),
        contained,
        by_link,
        _media(_attachment(b"m"), id="x"),
        document,
        {"resourceType": "Binary", "id": "b", "contentType": "image/png", "data": "YmluYXJ5"},
        {"resourceType": "Binary", "id": "alone", "contentType": "image/png", "data": "YWxvbmU="},
    )
    assert {image.content for image in reading.images} == {b"p", b"c", b"m", b"binary", b"alone"}
    assert {"DiagnosticReport: Slice", "DocumentReference: Scan"} <= {i.name for i in reading.images}
    assert reading.elsewhere == [] and reading.unknown == []


def test_a_picture_that_two_carry_is_one_and_a_type_is_not_needed(reader: RecordReader) -> None:
    png = b"\x89PNG\r\n\x1a\n and so on"
    twice = (_media(_attachment(png, None)), _report(presentedForm=[_attachment(png, "image/png")]))
    assert len(_read(reader, *twice).images) == 1
    wrong = _media(_attachment(png), status="entered-in-error")
    assert _read(reader, wrong).images == []


def test_links_out_of_the_record_are_listed_and_not_followed(
    reader: RecordReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was asked"))
    reading = _read(
        reader,
        _media({"contentType": "image/png", "url": "https://pacs.example/wado?x=1"}),
        _report(media=[{"link": {"reference": "Media/none"}}]),
        _report(presentedForm=[{"url": "file:///etc/passwd"}, {"contentType": "image/png", "data": "%%"}]),
    )
    assert reading.images == [] and reading.refused == ["DiagnosticReport: an attachment is not base64"]
    assert reading.elsewhere == [
        "Media: https://pacs.example/wado?x=1", "DiagnosticReport: Media/none", "DiagnosticReport: file:///etc/passwd",
    ]  # fmt: skip


def test_what_may_not_be_judged_is_refused_in_words(reader: RecordReader, tmp_path: Path) -> None:
    noise = tmp_path / "noise.png"
    Pil.fromarray(np.random.default_rng(1).integers(0, 255, (300, 300), dtype=np.uint8)).save(noise)
    reading = _read(
        reader,
        _media(_attachment(b"GIF89a" + bytes(64), "image/png", title="Logo")),
        _media(_attachment(noise.read_bytes(), "image/png")),
    )
    pictures = PictureReader()
    looked = look_at(reading.images, pictures, reading.age, "en")
    assert looked.looks == () and len(looked.refused) == 2
    assert looked.refused[0].startswith("Media: Logo: This is a GIF") and "noise" in looked.refused[1]
    assert "噪声" in look_at(reading.images, pictures, reading.age, "zh").refused[1]
    off = look_at(reading.images, PictureReader(enabled=False), reading.age, "en")
    assert all("switched off" in sentence for sentence in off.refused) and len(off.refused) == 2


def test_what_a_picture_shows_reaches_the_graph(
    reader: RecordReader, graph_only: Assistant, lung: bytes
) -> None:
    reading = _read(reader, _media(_attachment(lung, title="Chest")))
    looked = look_at(reading.images, graph_only.pictures, reading.age, "en")
    ((name, look),) = looked.looks
    assert name == "Media: Chest" and look.findings[0].model == "chest_xray_children"
    told = "My son has a cough and a fever."
    without = graph_only.replay(reader.events(reading, "en"))
    with_ = graph_only.replay(reader.events(reading, "en", looked.events))
    for session in (without, with_):
        session.say(told)
    before, after = (_pneumonia(session) for session in (without, with_))
    assert with_.case.images[0].likelihood_ratio > 1 and after > before + 0.1


def test_a_record_of_pictures_alone_is_answered_as_pictures_are(
    reader: RecordReader, graph_only: Assistant, lung: bytes
) -> None:
    reading = _read(reader, _media(_attachment(lung, title="Chest")))
    looked = look_at(reading.images, graph_only.pictures, reading.age, "en")
    session = graph_only.replay(reader.events(reading, "en", looked.events))
    answer = session.answer()
    assert session.case.images and not any("no words" in note for note in answer.notes)


def _pneumonia(session: Session) -> float:
    hypotheses = session.assessment.differential.hypotheses
    return sum(h.probability for h in hypotheses if "pneumonia" in (h.disease or ""))


def test_ask_says_what_it_saw_before_it_is_used(
    graph_only: Assistant, lung: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.cli._assistant", lambda: graph_only)
    record = tmp_path / "bundle.json"
    outside = _media({"contentType": "image/png", "url": "https://pacs.example/2"})
    dicom = _write(tmp_path / "a.dcm", np.full((200, 200), 9, np.uint16)).read_bytes()
    resources = (
        _media(_attachment(lung, title="Chest")),
        outside,
        _media(_attachment(dicom, "application/dicom")),
    )
    record.write_text(_bundle(*resources), encoding="utf-8")
    done = CliRunner().invoke(app, ["ask", "--record", str(record)], input="n\n")
    assert done.exit_code == 1 and "Pictures: Media: Chest: A child's chest X-ray" in done.output
    assert "blank" in done.output and "not fetched; not used: Media: https://pacs.example/2" in done.output
    agreed = CliRunner().invoke(app, ["ask", "--record", str(record), "--yes", "cough and fever", "--json"])
    assert agreed.exit_code == 0, agreed.output
    assert "chest X-ray" in agreed.stdout
