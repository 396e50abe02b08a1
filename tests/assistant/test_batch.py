"""`aetia diagnose`: order, bad lines, candidates, and going on after a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from assistant.api import Assistant
from assistant.batch import Batch, CaseIn, one_by_one, run
from tests.conftest import WORLD


@pytest.fixture
def batch(in_world: Assistant) -> Batch:
    return Batch(lambda: in_world, lambda: in_world)


def diagnose(batch: Batch, **given: Any) -> dict[str, Any]:
    return batch.diagnose(CaseIn.model_validate({"id": 1, **given}))


def test_a_line_has_what_is_promised(batch: Batch) -> None:
    answer = diagnose(batch, text="cough, fever and a shadow on the chest X-ray")
    assert set(answer) == {"id", "language", "findings", "differential", "triage", "abstained", "seconds"}
    assert answer["differential"][0] == {
        "disease": "disease:pneumonia",
        "name": "Pneumonia",
        "name_zh": "肺炎",
        "icd10": "J18.9",
        "probability": answer["differential"][0]["probability"],
    }
    assert answer["findings"][0] == {"finding": "finding:cough", "state": "present", "span": [0, 5]}


def test_structured_findings_need_no_text(in_world: Assistant) -> None:
    def never() -> Assistant:
        raise AssertionError("the language witnesses are not needed")

    batch = Batch(never, lambda: in_world)
    answer = diagnose(
        batch, findings_present=["咳嗽", "opacity"], findings_absent=["fever"], age=38, sex="male"
    )
    states = {f["finding"]: f["state"] for f in answer["findings"]}
    assert states == {
        "finding:cough": "present",
        "finding:chest_opacity": "present",
        "finding:fever": "absent",
    }
    assert answer["differential"][0]["disease"] == "disease:pneumonia"


def test_candidates_are_exactly_those(batch: Batch) -> None:
    answer = diagnose(batch, text="I have a cough", candidates=["心梗", "A made-up disease", "Common cold"])
    assert [(h["disease"], h["name"]) for h in answer["differential"]] == [
        ("disease:common_cold", "Common cold"),
        ("disease:heart_attack", "Heart attack"),
        (None, "A made-up disease"),
    ]


LINES = [
    '{"id": "a", "text": "I have a cough"}',
    "not json",
    '{"id": "b"}',
    '{"id": "c", "text": "chest pain", "age": 400}',
    '{"id": "d", "text": "胸痛"}',
]


def test_bad_lines_are_named_and_the_others_done(batch: Batch, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(LINES), encoding="utf-8")
    assert run(one_by_one(batch), source, target, lambda _: None) == 3
    answers = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [a["id"] for a in answers] == ["a", None, "b", "c", "d"]
    assert ["error" in a for a in answers] == [False, True, True, True, False]
    assert "age" in answers[3]["error"]


def test_a_torn_last_line_is_written_again(batch: Batch, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(LINES), encoding="utf-8")
    run(one_by_one(batch), source, target, lambda _: None)
    whole = target.read_bytes()
    target.write_bytes(whole[:-20])
    run(one_by_one(batch), source, target, lambda _: None)
    strip = [{**json.loads(line), "seconds": 0} for line in target.read_text(encoding="utf-8").splitlines()]
    assert strip == [{**json.loads(line), "seconds": 0} for line in whole.decode().splitlines()]


def test_a_killed_run_goes_on_without_loss_or_repetition(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    count = 3000
    source.write_text(
        "".join(json.dumps({"id": i, "findings_present": ["cough", "fever"]}) + "\n" for i in range(count)),
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "assistant.cli", "diagnose", str(source), str(target)]
    environment = {**os.environ, "AETIA_PACK": str(WORLD), "PYTHONPATH": str(WORLD.parent.parent)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while (not target.exists() or target.stat().st_size < 20_000) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, check=False).returncode == 0
    ids = [json.loads(line)["id"] for line in target.read_text(encoding="utf-8").splitlines()]
    assert ids == list(range(count))


def test_what_cannot_be_so_together_is_named_and_nothing_is_lost(batch: Batch) -> None:
    both = diagnose(batch, findings_present=["cough"], findings_absent=["cough"])
    assert "said both to be there and not" in both["contradictions"][0]
    kind = diagnose(batch, findings_present=["productive_cough"], findings_absent=["cough"], language="zh")
    assert "属于其中一种" in kind["contradictions"][0]
    assert "contradictions" not in diagnose(batch, findings_present=["cough"], findings_absent=["fever"])
    told = diagnose(batch, text="I have no cough. I have a cough.")
    assert told["findings"][0]["state"] == "present"
