"""Hospital records in the structure of Synthea's: what is understood, asked about, listed, and left out."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.api import Assistant
from assistant.cli import app
from assistant.records import RecordReader
from knowledge.errors import AetiaError

TODAY = date(2026, 1, 15)
RECORDS = sorted((Path(__file__).parent / "records").glob("*.json"))


@pytest.fixture(scope="module")
def reader(graph_only: Assistant) -> RecordReader:
    return RecordReader(graph_only.base, graph_only.dialogue.intake)


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_a_record_is_understood(reader: RecordReader, graph_only: Assistant, path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    expected: dict[str, Any] = case["expected"]
    reading = reader.read(json.dumps(case["bundle"], ensure_ascii=False), TODAY)
    present = {ref for ref, o in reading.observations.items() if o.state == "present"}
    if "present" in expected and not reading.notes:
        assert present == set(expected["present"])
    assert set(expected.get("present", ())) <= present
    for ref in expected.get("absent", ()):
        assert reading.observations[ref].state == "absent"
    if "values" in expected:
        found = {m.quantity: m.value for m in reading.measurements.values()}
        for quantity, value in expected["values"].items():
            assert found.pop(quantity) == pytest.approx(value, abs=0.01)
        assert not found
    assert reading.allergies == expected.get("allergies", [])
    for key in ("age", "sex"):
        assert key not in expected or getattr(reading, key) == expected[key]
    for key in ("unknown", "doubtful", "past", "refused", "passed_over"):
        items = getattr(reading, key)
        assert len(items) == len(expected.get(key, ())), items
        for words in expected.get(key, ()):
            assert any(words in item for item in items)
    assert len(reading.images) == expected.get("images", 0)
    session = graph_only.replay(reader.events(reading, "en"))
    for ref in expected.get("found", ()):
        assert session.case.state(ref) == "present"
    assert session.case.age == reading.age


def test_there_are_at_least_twenty_records() -> None:
    assert len(RECORDS) >= 20


@pytest.mark.parametrize("text", ['{"a": 1}', '{"resourceType": '])
def test_what_is_no_record_is_refused_in_words(reader: RecordReader, text: str) -> None:
    with pytest.raises(AetiaError, match="record"):
        reader.read(text, TODAY)


def test_a_plain_note_is_a_record(reader: RecordReader) -> None:
    reading = reader.read("62-year-old man with fever and cough. T 39.1. Allergic to amoxicillin.", TODAY)
    assert reading.age == 62 and reading.sex == "male"
    assert reading.measurements["temperature"].value == 39.1
    assert reading.allergies == ["drug:amoxicillin"]


def test_nothing_is_used_before_it_was_shown_and_agreed_to(
    graph_only: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.cli._assistant", lambda: graph_only)
    record = tmp_path / "bundle.json"
    bundle = json.loads(RECORDS[0].read_text(encoding="utf-8"))["bundle"]
    record.write_text(json.dumps(bundle), encoding="utf-8")
    refused = CliRunner().invoke(app, ["ask", "--record", str(record)], input="n\n")
    assert refused.exit_code == 1 and "Systolic blood pressure 152 mmHg" in refused.output
    agreed = CliRunner().invoke(app, ["ask", "--record", str(record), "--yes", "I have a headache", "--json"])
    assert agreed.exit_code == 0 and json.loads(agreed.stdout)["differential"]


def test_a_record_without_words_is_answered_as_told(reader: RecordReader, graph_only: Assistant) -> None:
    bundle = json.loads((Path(__file__).parent / "records" / "07_kidney.json").read_text(encoding="utf-8"))
    reading = reader.read(json.dumps(bundle["bundle"]), TODAY)
    session = graph_only.replay(reader.events(reading, "en"))
    assert reading.measurements and not reading.notes
    answer = graph_only.dialogue.respond(session.events, "")
    assert not any("no words" in note or "no source" in note for note in answer.notes)
    assert answer.intent in ("diagnose", "tell")
