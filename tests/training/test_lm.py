"""A language model of one's own learns from the engine's dialogues, each sentence with its citation."""

import json
import re
from pathlib import Path

import pytest

from assistant.api import Assistant
from assistant.llm.backend import read
from assistant.llm.faithful import Faithful
from assistant.llm.local import LocalModel
from assistant.llm.settings import ModelSettings
from assistant.training.bank import BankCase, line_of
from assistant.training.lessons import Lesson, Lessons
from assistant.training.lm import LanguageModelUnusable, sample_of, train
from retrieval.sentences import spans
from tests.llm.conftest import tiny_model  # noqa: F401 - a fixture

TEXTS = {
    "en": "cough, short of breath, a shadow on the chest X-ray",
    "zh": "咳嗽、气短，肺部阴影",
}


def cases(part: str) -> list[BankCase]:
    return [
        BankCase.model_validate(
            {"id": f"{part}-{language}", "part": part, "text": text, "language": language, "register": "patient",
             "age": 38, "sex": "male", "findings": [["cough", "present"]], "diagnosis": "pneumonia"}
        )
        for language, text in TEXTS.items()
    ]  # fmt: skip


@pytest.fixture(scope="module")
def lessons(in_world: Assistant) -> list[Lesson]:
    return list(Lessons(in_world, 0).of(cases("train")))


def test_each_sentence_cites_a_source_that_carries_it(in_world: Assistant, lessons: list[Lesson]) -> None:
    faithful = Faithful(in_world.dialogue.intake.lexicon)
    checked = 0
    for lesson in lessons:
        language = "zh" if lesson.case.endswith("zh") else "en"
        for exchange in lesson.exchanges:
            sources = dict(re.findall(r"^\[(\d+)\] (.+)$", exchange.prompt.user, re.MULTILINE))
            assert sources
            for line in exchange.answer.splitlines():
                if line == "NO SOURCE":
                    continue
                (number,) = re.findall(r"\[(\d+)\]", line)
                text = re.sub(r"\s*\[\d+\]", "", line)
                assert len(list(spans(text))) == 1
                assert faithful.fault(text, [sources[number]], language) is None, line
                checked += 1
    assert checked >= 6


def test_what_the_sources_lack_is_not_answered(lessons: list[Lesson]) -> None:
    for lesson in lessons:
        unanswered = [e for e in lesson.exchanges if e.answer == "NO SOURCE"]
        assert unanswered and all("amoxicillin" not in e.prompt.user.lower() for e in unanswered)


def test_the_same_seed_writes_the_same_lessons(in_world: Assistant, lessons: list[Lesson]) -> None:
    assert list(Lessons(in_world, 0).of(cases("train"))) == lessons


def test_a_tiny_model_learns_and_is_used_by_path(
    in_world: Assistant,
    tiny_model: Path,  # noqa: F811
    tmp_path: Path,
    lessons: list[Lesson],
) -> None:
    data = tmp_path / "cases"
    data.mkdir()
    lines = [line_of(c) for part in ("train", "fit") for c in cases(part)]
    (data / "ours.jsonl").write_text("\n".join(lines), encoding="utf-8")
    out = tmp_path / "out"
    told = train(tiny_model, out, data, in_world, epochs=6, learning_rate=0.02, longest=6000, batch=2)
    card = json.loads((out / "aetia_card.json").read_text("utf-8"))
    # Its random embeddings stay as they are, so it cannot learn much.
    assert card["measured"]["nats_after"] < card["measured"]["nats_before"] - 0.05, told
    assert card["left_out_too_long"] == 0 and card["exchanges"] == sum(len(x.exchanges) for x in lessons)
    assert "lora" not in json.dumps(json.loads((out / "config.json").read_text("utf-8")))

    model = LocalModel(ModelSettings(path=out, context=8192))
    short = lessons[0].exchanges[0].prompt
    _, finish = read(model.stream(type(short)(short.system, "Hello", 8)))
    assert finish.completion_tokens and finish.version != LocalModel(ModelSettings(path=tiny_model)).version


def test_only_the_answer_is_learnt(tiny_model: Path, lessons: list[Lesson]) -> None:  # noqa: F811
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    exchange = lessons[0].exchanges[0]
    sample = sample_of(exchange, tokenizer)
    assert tokenizer.decode(sample.ids[sample.answer_from : -1]) == exchange.answer
    assert sample.ids[-1] == tokenizer.eos_token_id


def test_no_model_and_no_room_are_told(in_world: Assistant, tiny_model: Path, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(LanguageModelUnusable, match="no causal model"):
        train(tmp_path, tmp_path / "out", None, in_world)
    data = tmp_path / "cases"
    data.mkdir()
    (data / "ours.jsonl").write_text(line_of(cases("train")[0]), encoding="utf-8")
    with pytest.raises(LanguageModelUnusable, match="longer context"):
        train(tiny_model, tmp_path / "out", data, in_world, longest=16)
