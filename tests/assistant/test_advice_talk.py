"""Talk about targets, outlook and staying well, in both languages, for people who told no complaint."""

import pytest

from assistant.api import Assistant


@pytest.mark.parametrize(
    ("message", "intent", "expected", "unwanted"),
    [
        ("what should my blood pressure be?", "target", "140/90", "145/85"),
        ("我的血压应该是多少？", "target", "140/90", "145/85"),
        ("I'm 85. What should my blood pressure at home be?", "target", "145/85", "135/85"),
        ("我85岁，在家测的血压应该是多少？", "target", "145/85", "135/85"),
        ("Is a blood pressure of 150/95 too high?", "target", "140/90", "135/85"),
        ("血压150/95算高吗？", "target", "140/90", "135/85"),
        ("How much should I sleep?", "target", "7 to 8 hours", "drinks"),
        ("每天应该睡多少小时？", "target", "7～8小时", "饮酒"),
        ("What should my cholesterol be?", "target", "200 mg/dL", "LDL"),
        ("胆固醇多少算正常？", "target", "200 mg/dL", "甘油三酯"),
        ("What should my waist be? I am a 40 year old man.", "target", "40 inches", "35 inches"),
        ("我是女的，40岁，腰围多少正常？", "target", "35英寸", "40英寸"),
        ("How can I lower my blood pressure?", "stay_well", "DASH", "vaccine"),
        ("怎么降血压？", "stay_well", "得舒饮食", "疫苗"),
        ("Should I get a flu shot? I'm 70.", "stay_well", "each season", "mammogram"),
        ("我70岁，要打什么疫苗？", "stay_well", "流感疫苗", "筛查"),
        ("What should I eat with diabetes?", "stay_well", "smaller portions", "vaccine"),
        ("糖尿病吃什么好？", "stay_well", "少量多餐", "疫苗"),
        ("How can I stop smoking?", "stay_well", "pick a date", "vaccine for"),
        ("怎么戒烟？", "stay_well", "选定日期", "筛查结直肠癌"),
        ("How can I prevent shingles?", "stay_well", "shingles", "colorectal"),
        ("How long does shingles last?", "outlook", "months", "vaccine"),
        ("带状疱疹要多久能好？", "outlook", "数月", "疫苗"),
        ("痛风能根治吗？", "outlook", "一周左右", "由于痛风"),
        ("我对青霉素过敏，能吃什么药？", "medicine", "不应再使用青霉素类", "不作猜测"),
        ("I'm allergic to penicillin, what can I take?", "medicine", "no other drug of", "will not guess"),
    ],
)
def test_a_question_without_a_case_is_answered(
    graph_only: Assistant, message: str, intent: str, expected: str, unwanted: str
) -> None:
    answer = graph_only.start().say(message)
    said = "\n".join([*(s.text for s in answer.statements), *answer.notes])
    assert answer.intent == intent
    assert expected in said and unwanted not in said
    assert answer.statements and all(s.citations for s in answer.statements)


def test_what_no_source_answers_is_not_guessed(graph_only: Assistant) -> None:
    answer = graph_only.start().say("What should my ferritin be?")
    assert answer.statements == () and "no source" in answer.notes[0]
