"""Questions learned from records: the records, both views, the choice, stopping, and the benchmark."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from assistant.consultation_records import ANSWERS, Consultation, Heard, Records
from assistant.learned_inquiry import LearnedInquiry, NaiveBayes
from assistant.linear_view import LinearView
from assistant.masked_network import features, part_of
from knowledge.errors import AetiaError

LUNG = {"exp_sxs": {"cough": "1"}, "imp_sxs": {"fever": "1", "wheeze": "0"}, "label": "pneumonia"}


def records(count: int = 240, seed: int = 0) -> list[dict[str, Any]]:
    """Three diseases that all begin with a cough; `wheeze` and `rash` tell them apart, `hiccup` nothing."""
    rng = np.random.default_rng(seed)
    telling = {"asthma": {"wheeze": 0.9, "rash": 0.05}, "measles": {"wheeze": 0.05, "rash": 0.9}}
    made = []
    for i in range(count):
        label = ["asthma", "measles", "cold"][i % 3]
        chance = {"wheeze": 0.05, "rash": 0.05, "hiccup": 0.5} | telling.get(label, {})
        found = {s: "1" if rng.random() < p else "0" for s, p in chance.items() if rng.random() < 0.9}
        made.append({"exp_sxs": {"cough": "1"}, "imp_sxs": found, "label": label})
    return made


def as_records(made: list[dict[str, Any]], like: Records | None = None) -> Records:
    return Records.of((Consultation.model_validate(m) for m in made), like)


@pytest.fixture(scope="module")
def learned() -> tuple[LearnedInquiry, Records]:
    seen = as_records(records())
    return LearnedInquiry.fit(seen, seed=0), seen


def test_a_record_is_told_and_asked() -> None:
    seen = as_records([LUNG, {**LUNG, "imp_sxs": {"cough": "0", "rash": "2"}}])
    assert seen.symptoms == ("cough", "fever", "rash", "wheeze")
    assert seen.told.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0]]
    told, present, absent, unsure, silent = (
        Heard.TOLD_PRESENT, Heard.PRESENT, Heard.ABSENT, Heard.UNSURE, Heard.NOT_MENTIONED,
    )  # fmt: skip
    # What was told is not to be found again, whatever asking says of it.
    assert seen.answers.tolist() == [[told, present, silent, absent], [told, silent, unsure, silent]]
    assert seen.hidden.tolist() == [2, 1]


def test_what_was_never_learned_is_still_counted() -> None:
    seen = as_records([LUNG])
    other = as_records([{**LUNG, "imp_sxs": {"fever": "1", "green hair": "1"}, "label": "new"}], like=seen)
    assert other.symptoms == seen.symptoms
    assert other.hidden.tolist() == [2]
    assert other.diagnosis.tolist() == [-1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{not json", r"t\.jsonl:2: not JSON"),
        ('{"exp_sxs": {}, "imp_sxs": {}}', r"t\.jsonl:2: label"),
        ('{"exp_sxs": {"cough": "7"}, "imp_sxs": {}, "label": "x"}', r"t\.jsonl:2: exp_sxs\.cough"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps(LUNG) + "\n" + line, encoding="utf-8")
    with pytest.raises(AetiaError, match=message):
        Records.read(path)


def test_a_missing_or_empty_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AetiaError, match="does not exist"):
        Records.read(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(AetiaError, match="holds no consultation"):
        Records.read(tmp_path / "empty.jsonl")


def test_naive_bayes_is_bayes() -> None:
    seen = as_records(records(60))
    model = NaiveBayes.fit(seen)
    known = seen.told[:1].copy()
    wheeze = seen.symptoms.index("wheeze")
    before = model.belief(known)[0]
    known[0, wheeze] = Heard.PRESENT
    after = model.belief(known)[0]
    row = ANSWERS.index(Heard.PRESENT)
    by_hand = before * model.answers[row, :, wheeze]
    np.testing.assert_allclose(after, by_hand / by_hand.sum(), atol=1e-12)
    np.testing.assert_allclose(model.answers.sum(axis=0), 1)
    # Told, or left untold and then answered in one of four ways: everything that can be heard.
    chance = np.exp(model.log_chance)
    whole = chance[[Heard.TOLD_PRESENT, Heard.TOLD_ABSENT]].sum(axis=0) <= 1
    assert whole.all()


def test_masking_shows_what_was_told_and_never_invents() -> None:
    seen = as_records(records())
    rng = np.random.default_rng(0)
    shown = part_of(seen, rng)
    some = shown != Heard.NOTHING
    assert (shown[some] == seen.answers[some]).all()
    share = some.mean()
    assert 0.2 < share < 0.95
    assert (part_of(seen, rng) != shown).any()


def test_asks_what_tells_most_and_nothing_useless(learned: tuple[LearnedInquiry, Records]) -> None:
    model, seen = learned
    asked = model.next_questions(seen.told[:1])
    assert seen.symptoms[asked[0]] in ("wheeze", "rash")


def test_asking_helps_on_patients_not_seen(learned: tuple[LearnedInquiry, Records]) -> None:
    model, seen = learned
    new = as_records(records(150, seed=9), like=seen)
    known = new.told.copy()
    before = (model.belief(known).argmax(axis=1) == new.diagnosis).mean()
    for _ in range(2):
        asked = model.next_questions(known)
        going = np.flatnonzero(asked >= 0)
        assert (known[going, asked[going]] == Heard.NOTHING).all()
        known[going, asked[going]] = new.answers[going, asked[going]]
    after = (model.belief(known).argmax(axis=1) == new.diagnosis).mean()
    assert before < 0.5
    assert after > 0.8


def test_stops_when_nothing_is_open(learned: tuple[LearnedInquiry, Records]) -> None:
    model, seen = learned
    assert (model.next_questions(seen.answers) == -1).all()


def test_the_same_seed_learns_the_same(learned: tuple[LearnedInquiry, Records]) -> None:
    model, seen = learned
    again = LearnedInquiry.fit(seen, seed=0).belief(seen.told)
    np.testing.assert_array_equal(again, model.belief(seen.told))
    assert (LearnedInquiry.fit(seen, seed=1).belief(seen.told) != again).any()


def test_a_diagnosis_that_is_not_listed_cannot_be_learned(learned: tuple[LearnedInquiry, Records]) -> None:
    strange = as_records([{**LUNG, "label": "new"}], like=learned[1])
    with pytest.raises(ValueError, match="diagnosis"):
        LearnedInquiry.fit(strange)


@pytest.mark.parametrize("held_out", [False, True])
def test_the_benchmark_writes_what_it_promises(tmp_path: Path, held_out: bool) -> None:
    train, test, out = (tmp_path / name for name in ("train.jsonl", "test.jsonl", "out.json"))
    for path, made in ((train, records()), (test, records(60, seed=5))):
        path.write_text("\n".join(json.dumps(m) for m in made), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.inquiry", "--train", str(train), "--out", str(out)]
    command += ["--max-questions", "3", "--seeds", "2"] + ([] if held_out else ["--test", str(test)])
    subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    result = json.loads(out.read_text(encoding="utf-8"))
    assert result["accuracy"] > 0.75
    low, high = result["accuracy_interval"]
    assert low <= result["accuracy"] <= high
    assert 0 < result["symptom_recall"] <= 1
    assert 1 <= result["turns"] <= 3
    by_questions = result["accuracy_by_questions"]
    assert list(by_questions) == ["0", "1", "2", "3"]
    assert by_questions["3"] == result["accuracy"] > by_questions["0"]


def test_the_linear_view_is_what_another_solver_finds() -> None:
    seen = as_records(records(120))
    ours = LinearView.fit(seen, seed=3)
    rng = np.random.default_rng(3)
    parts = np.concatenate([features(part_of(seen, rng)) for _ in range(5)])
    theirs = LogisticRegression(C=1 / 20, max_iter=2000, tol=1e-8).fit(parts, np.tile(seen.diagnosis, 5))
    expected = theirs.predict_proba(features(seen.answers))
    np.testing.assert_allclose(ours.belief(seen.answers), expected, atol=5e-3)
