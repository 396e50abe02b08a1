"""The commands as another program meets them: real processes, their output and their exit status."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import FOUNDING, WORLD


def aetia(*words: str, pack: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    if pack:
        environment["AETIA_PACK"] = str(pack)
    return subprocess.run(
        [sys.executable, "-m", "assistant.cli", *words],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=180,
    )


def test_help_teaches() -> None:
    shown = aetia("--help")
    assert shown.returncode == 0
    for command in ("ask", "diagnose", "resolve", "index", "search", "knowledge", "train", "serve"):
        assert command in shown.stdout


@pytest.mark.parametrize("words", [["--help"], ["resolve", "asthma"]])
def test_light_commands_load_no_torch(words: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['aetia', *{words!r}]\n"
        "from assistant.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'gradio', 'faiss'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_resolve_says_what_a_name_means() -> None:
    done = aetia("resolve", "lung infection", "心梗", "J18.9", "no such thing", pack=WORLD)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [f["disease"] for f in found] == [
        "disease:pneumonia", "disease:heart_attack", "disease:pneumonia", None,
    ]  # fmt: skip
    assert [f["match"] for f in found] == ["synonym", "synonym", "code", None]


def test_knowledge_stats_and_validate() -> None:
    counts = json.loads(aetia("knowledge", "stats", "--json").stdout)
    assert counts["diseases"] >= 60
    assert aetia("knowledge", "validate", "--json", pack=WORLD).returncode == 0


def test_a_broken_pack_is_named(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("{name: x}", encoding="utf-8")
    done = aetia("knowledge", "validate", str(tmp_path))
    assert done.returncode == 1
    assert "pack.yaml:1" in done.stdout


def test_a_missing_file_is_named() -> None:
    done = aetia("diagnose", "nowhere.jsonl", "out.jsonl")
    assert done.returncode == 1
    assert "nowhere.jsonl does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def test_ask_json_is_one_object() -> None:
    done = aetia("ask", FOUNDING, "--json")
    answer = json.loads(done.stdout)
    assert answer["language"] == "zh"
    assert answer["differential"][0]["disease"] == "disease:community_acquired_pneumonia"
    assert len(answer["differential"]) >= 10
    assert all(s["citations"] for s in answer["statements"])
    assert set(answer["question"]) == {"finding", "text", "reason", "choices"}


def test_score_computes_asks_and_refuses() -> None:
    shown = aetia("score", "curb65", "age=70", "urea=9 mmol/L", "respiratory_rate=32", "confusion=no")
    assert shown.returncode == 0
    assert "3 to 4 points" in shown.stdout and "Systolic blood pressure" in shown.stdout
    as_json = aetia("score", "bmi", "age=30", "weight=70", "height=175", "--json")
    assert json.loads(as_json.stdout)["low"] == 22.9
    refused = aetia("score", "curb65", "age=190")
    assert refused.returncode == 1 and "no age in years" in refused.stderr


def test_questions_are_answered_at_the_terminal(tmp_path: Path) -> None:
    pack = tmp_path / "world"
    shutil.copytree(WORLD, pack)
    (pack / "question_groups.yaml").write_text(
        '- {id: chest, en: "And your chest?", zh: "胸部呢？", of: [cough, chest_pain, dyspnea]}',
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", "ask", "--talk", "Since yesterday I have had a fever"],
        input="no\nno\nno\n1\n\n",
        capture_output=True,
        text=True,
        env={**os.environ, "AETIA_PACK": str(pack), "AETIA_TEXT": "off"},
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    assert "? And your chest?\n  1. " in done.stdout
    assert "Reply with numbers" in done.stdout
    assert "Pneumonia" in done.stdout
