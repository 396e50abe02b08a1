"""Values told without their numbers: normal, high or low, of several values and of whole tests, in both languages."""

import pytest

from assistant.intake import Intake
from knowledge.base import KnowledgeBase


@pytest.fixture(scope="module")
def intake(core: KnowledgeBase) -> Intake:
    return Intake(core)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The CRP is slightly raised.", {"crp_high": "present"}),
        ("血沉有点快。", {"esr_high": "present"}),
        ("CRP稍高。", {"crp_high": "present"}),
        ("hcg正常翻倍", {"pregnancy_test_positive": "present", "hcg_inappropriately_rising": "absent"}),
        ("Haemoglobin a bit low, platelets normal.", {"anemia_lab": "present", "thrombocytopenia": "absent"}),
        ("血糖偏高，血小板不低。", {"hyperglycemia": "present", "thrombocytopenia": "absent"}),
        ("Ferritin was low, TSH not raised.", {"ferritin_low": "present", "tsh_high": "absent"}),
        ("Haemoglobin and platelets are normal.", {"anemia_lab": "absent", "thrombocytopenia": "absent"}),
        ("Normal ESR and TSH.", {"esr_high": "absent", "tsh_low": "absent", "tsh_high": "absent"}),
        ("There is no fever and the WBC is normal.", {"fever": "absent", "leukocytosis": "absent"}),
        (
            "肌酐、血钾均正常。",
            {"creatinine_high": "absent", "hyperkalemia": "absent", "hypokalemia": "absent"},
        ),
        ("肝功能正常，CRP高。", {"alt_high": "absent", "bilirubin_high": "absent", "crp_high": "present"}),
        ("Liver function tests within normal limits.", {"alt_high": "absent", "albumin_low": "absent"}),
    ],
)
def test_what_a_level_says(intake: Intake, text: str, expected: dict[str, str]) -> None:
    states = {o.bare: o.state for o in intake.read(text).observations}
    assert {finding: states.get(finding) for finding in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        "Her mother's CRP is raised.",
        "The CRP is not normal.",
        "Could it be that the CRP is high?",
        "I got raised on a farm and my mood is low.",
        "他以前CRP高。",
    ],
)
def test_what_says_nothing_of_now(intake: Intake, text: str) -> None:
    states = {o.bare: o.state for o in intake.read(text).observations if o.state != "unknown"}
    assert not states.keys() & {"crp_high", "ast_high", "crp_very_high", "fever"}


def test_a_number_counts_more_than_a_word(intake: Intake) -> None:
    states = {
        o.bare: o.state for o in intake.read("Potassium 6.8, earlier the potassium was normal.").observations
    }
    assert states["hyperkalemia"] == "present"
