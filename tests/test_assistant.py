"""The real assistant on real words, in both languages."""

import json
import re
from pathlib import Path

import pytest

from assistant.api import Assistant
from assistant.report import report_html, report_pdf
from tests.conftest import FOUNDING

_FOUNDING_EN = "Patient Li, male, 38, has had a cough and shortness of breath lately; a lung CT shows an abnormal shadow."
_OTHERWISE = (
    "Male, 38 years old, has recently had symptoms such as cough and shortness of breath, and a lung CT shows abnormal "
    "shadows. Please diagnose."
)


@pytest.mark.parametrize("text", [FOUNDING, _FOUNDING_EN, _OTHERWISE])
def test_the_founding_case(assistant: Assistant, text: str) -> None:
    answer = assistant.start().say(text)
    first_ten = [h.disease for h in answer.differential.hypotheses[:10]]
    assert first_ten[0] == "community_acquired_pneumonia"
    assert "lung_cancer" in first_ten
    assert "asthma" in [h.disease for h in answer.differential.hypotheses[:25]]  # it explains no shadow
    assert not answer.differential.abstained
    assert answer.statements
    assert answer.language == ("zh" if text == FOUNDING else "en")


@pytest.mark.parametrize(
    ("text", "diseases", "level"),
    [
        (
            "62-year-old man, crushing chest pain for an hour going into my left arm, sweating. BP 88/60.",
            {"myocardial_infarction"},
            {"emergency"},
        ),
        ("26-year-old woman, burning when I pee and urinary frequency for 2 days, no fever, no back pain.",
         {"acute_cystitis", "urinary_tract_infection", "cystitis"}, {"routine", "self_care", "urgent"}),
        ("女，26岁，右下腹痛12小时，先是肚脐周围疼，恶心，体温38.1。", {"acute_appendicitis"}, {"emergency", "urgent"}),
    ],
)  # fmt: skip
def test_plain_cases(assistant: Assistant, text: str, diseases: set[str], level: set[str]) -> None:
    answer = assistant.start().say(text)
    assert diseases & {h.disease for h in answer.differential.hypotheses[:3]}
    assert answer.triage.level in level


def test_nothing_known_fits_is_said(assistant: Assistant) -> None:
    answer = assistant.start().say("My left earlobe glows green at midnight and tastes of copper.")
    assert answer.differential.abstained or not answer.differential.hypotheses


def test_every_statement_of_a_conversation_opens_its_passage(assistant: Assistant) -> None:
    session = assistant.start()
    answers = [session.say(FOUNDING)]
    answers += [
        session.say(t) for t in ("为什么？", "怎么治疗？", "严重吗？", "现在怎么办？", "下一步查什么？")
    ]
    for statement in (s for a in answers for s in a.statements):
        for citation in statement.citations:
            start, end = citation.span
            assert citation.text[start:end]
            assert citation.passage in assistant.base.passages or citation.passage.startswith("score/")
            assert citation.title and citation.publisher


def test_replay_is_exact_with_all_witnesses(assistant: Assistant) -> None:
    session = assistant.start()
    session.say(FOUNDING)
    session.reply("finding:fever", True)
    again = assistant.replay(session.events).assessment.differential
    now = session.assessment.differential
    assert [(h.disease, round(h.probability, 9)) for h in again.hypotheses] == [
        (h.disease, round(h.probability, 9)) for h in now.hypotheses
    ]


def test_questions_and_convictions_move_no_witness(assistant: Assistant) -> None:
    session = assistant.start()
    session.say(_FOUNDING_EN)
    before = session.assessment.differential
    for text in (
        "why not asthma?",
        "I'm sure it's asthma, you are wrong",
        "what is asthma?",
        "为什么不是哮喘？",
    ):
        session.say(text)
        assert session.assessment.differential == before


def test_reports_hold_the_case(assistant: Assistant) -> None:
    session = assistant.start()
    session.say(FOUNDING + "<script>alert(1)</script>")
    page = report_html(session)
    assert "肺炎" in page and "<script>" not in page
    assert report_pdf(session).startswith(b"%PDF")


def test_patient_words_are_not_logged(assistant: Assistant, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        assistant.start().say("My secretmarker cough keeps me awake")
    assert "secretmarker" not in caplog.text


def test_no_case_of_ours_repeats_the_evaluation_data(data: Path) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]", text.lower())
        return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}

    evaluation: set[tuple[str, ...]] = set()
    for file in ("vignettes/avey_dev.jsonl", "dxbench/dxbench_dev_en.jsonl", "dxbench/dxbench_dev_zh.jsonl"):
        for line in (data / file).read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            evaluation |= runs(" ".join(str(v) for v in record.values()))
    folder = Path(__file__).parent.parent / "assistant" / "training" / "cases"
    for path in folder.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert runs(json.loads(line)["text"]).isdisjoint(evaluation), line


def test_what_is_reckoned_from_a_time_is_not_repeated_as_told(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("I feel dizzy")
    answer = session.say("I have been vomiting for three days. No headache.")
    assert session.case.state("finding:symptoms_for_years") == "absent"
    noted = [note for note in answer.notes if note.startswith("Noted")]
    assert noted and "headache" in noted[0] and "years" not in noted[0]


@pytest.mark.parametrize(("told", "asked"), [("I have had a cough for a week", "Can I drive a car?"),
                                             ("我咳嗽一周了", "能开车吗？")])  # fmt: skip
def test_a_question_that_no_source_answers_is_no_evidence(
    assistant: Assistant, told: str, asked: str
) -> None:
    session = assistant.start()
    session.say(told)
    before = session.assessment.differential
    answer = session.say(asked)
    assert answer.statements == () and answer.notes
    assert session.assessment.differential == before


def test_what_a_kind_of_it_tells_is_not_called_missing(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("男，38岁，咳嗽、发热5天，咳黄脓痰，胸片有阴影。")
    assert "finding:purulent_sputum" in session.case.observations
    said = [s.text for s in session.say("为什么不是肺结核？").statements]
    missing = [text for text in said if "未提及" in text]
    assert missing and not any("：痰、" in text for text in missing)
