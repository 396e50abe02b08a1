"""Questions about medicines, treatment, seriousness and targets, in both languages, with a case or without."""

import pytest

from assistant.api import Assistant


def _said(assistant: Assistant, *messages: str) -> str:
    """All that the last answer says."""
    session = assistant.start()
    answer = [session.say(message) for message in messages][-1]
    assert all(s.citations for s in answer.statements)
    return "\n".join([*(s.text for s in answer.statements), *answer.notes])


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (["can I take ibuprofen with warfarin?"], ["serious interaction", "bleeding"]),
        (["华法林和布洛芬能一起吃吗？"], ["严重相互作用", "出血"]),
        (["I take warfarin.", "Can I take aspirin?"], ["serious interaction (warfarin)"]),
        (["I take warfarin. Can I take aspirin?"], ["serious interaction (warfarin)"]),
        (["I am allergic to penicillin.", "Is amoxicillin ok?"], ["not to be taken (allergy to"]),
        (["I am allergic to sulfa. Can I take celecoxib?"], ["not to be taken"]),
        (["我对青霉素过敏，能吃什么药？"], ["因过敏不可使用：阿莫西林", "治疗什么"]),
        (
            ["I have a sore throat.", "I am allergic to penicillin. What can I take?"],
            ["Barred by the allergy: amoxicillin", "not a sign of safety"],
        ),
        (
            [
                "Orthopnea, paroxysmal nocturnal dyspnea, swollen ankles, rapid weight gain.",
                "Is ibuprofen ok?",
            ],
            ["not established: Heart Failure", "Ibuprofen: only with care (Heart Failure)"],
        ),
        (["I am pregnant. Can I take naproxen?"], ["Naproxen: not to be taken (pregnancy)"]),
        (["我对头孢过敏，能吃头孢克肟吗？"], ["头孢克肟：不应使用"]),
        (["I'm allergic to penicillin, can I take cefalexin?"], ["Cefalexin: only with care"]),
        (["Allergies: penicillin, aspirin. Can I take ibuprofen?"], ["Ibuprofen: not to be taken"]),
        (["Can I take tetracycline? I am breastfeeding."], ["not to be taken (breastfeeding)"]),
        (["孕妇能吃华法林吗？"], ["华法林：不应使用（怀孕"]),
        (["我65岁，eGFR 35，能吃二甲双胍吗？"], ["不应使用", "须凭处方"]),
        (["Can my 3 year old have pseudoephedrine?"], ["not to be taken (age)"]),
        (["Can I take NSAIDs? I have asthma."], ["Aspirin: not to be taken"]),
        (["is montelukast safe with metformin?"], ["Not covered", "not a sign of safety"]),
        (["布洛芬和阿莫西林能一起吃吗"], ["未涵盖", "不代表安全"]),
        (["what should my blood pressure be?"], ["140/90"]),
        (["I have diabetes. What should my blood pressure be?"], ["130/80"]),
        (["我有糖尿病，血压应该控制在多少？"], ["130/80"]),
        (["Is pneumonia serious?"], ["CURB-65"]),
        (["感冒多久能好？"], ["14天"]),
        (["how long does a cold last?"], ["14 days"]),
        (["is it serious?"], ["Which illness"]),
        (["多久能好？"], ["哪种病"]),
        (["can I take antibiotics?"], ["Which of them do you mean: amoxicillin"]),
        (
            [
                "81, woman, vomiting since this morning, can't pass wind, belly swollen",
                "can I give her a laxative?",
            ],
            ["Emergency", "Senna: not to be taken (Intestinal obstruction)"],
        ),
        (
            ["I have asthma, headache since this morning", "labetalol?"],
            ["Labetalol: not to be taken (Asthma)"],
        ),
        (["what are the side effects of methimazole?"], ["wipe out white cells"]),
        (["布洛芬伤胃吗"], ["消化道出血史"]),
        (["二甲双胍是治什么的"], ["治疗2型糖尿病"]),
        (["what is nitrofurantoin used for?"], ["cystitis"]),
        (["心慌，手抖，怕热，瘦了十斤，女，32", "这个药怀孕能吃吗"], ["甲巯咪唑：不应使用（怀孕）"]),
        (["心慌，手抖，怕热，瘦了十斤，女，32", "这些药有什么副作用"], ["粒细胞缺乏", "普萘洛尔"]),
        (
            ["Burning when I pee, 28, female", "are these tablets safe in pregnancy?"],
            ["Nitrofurantoin: only with care"],
        ),
    ],
)
def test_questions_are_answered(graph_only: Assistant, messages: list[str], expected: list[str]) -> None:
    said = _said(graph_only, *messages)
    for words in expected:
        assert words in said


@pytest.mark.parametrize(
    "message",
    ["is montelukast safe with metformin?", "布洛芬和阿司匹林能一起吃吗", "Can I take ibuprofen with food?"],
)
def test_silence_is_never_called_safety(graph_only: Assistant, message: str) -> None:
    said = _said(graph_only, message).lower()
    for claim in ("no interaction", "is safe", "没有相互作用", "是安全的", "可以一起"):
        assert claim not in said


def test_what_a_medicine_is_wanted_for_is_no_reason_to_ask_about(graph_only: Assistant) -> None:
    said = _said(graph_only, "I take metformin.", "Can I take ibuprofen for the pain?")
    assert "ibuprofen with metformin." in said and "Pain" not in said
    warned = _said(graph_only, "Can I take ibuprofen for my peptic ulcer?")
    assert "not to be taken" in warned or "only with care" in warned


def test_a_denied_allergy_bars_nothing(graph_only: Assistant) -> None:
    assert "not to be taken" not in _said(
        graph_only, "I am not allergic to penicillin. Can I take amoxicillin?"
    )


def test_a_drug_asked_about_is_not_taken_for_one_that_is_taken(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("I take warfarin. Can I take ibuprofen?")
    assert session.case.state("drug:warfarin") == "present"
    assert session.case.state("drug:ibuprofen") is None


def test_medicines_that_are_offered_are_weighed_one_by_one(graph_only: Assistant) -> None:
    said = _said(graph_only, "Burning when I pee, 28, female", "can I take it while breastfeeding?")
    assert "breastfeeding" in said and "interaction" not in said
    session = graph_only.start()
    session.say("心慌，手抖，怕热，瘦了十斤，女，32")
    session.say("这个药怀孕能吃吗")
    assert session.case.state("risk:pregnancy") is None


def test_treatment_is_ordered_for_the_person(graph_only: Assistant) -> None:
    plain = _said(graph_only, "I am 30.", "How is strep throat treated?")
    assert "Phenoxymethylpenicillin" in plain and "not to be taken" not in plain
    allergic = _said(graph_only, "I am 30. I am allergic to penicillin.", "How is strep throat treated?")
    assert "Phenoxymethylpenicillin: not to be taken" in allergic
    assert allergic.index("larithromycin") < allergic.index("Phenoxymethylpenicillin: not to be taken")
    assert "Needs a prescriber" in allergic
