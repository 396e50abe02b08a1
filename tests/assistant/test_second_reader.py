"""What the lexicon cannot know: other words for a finding, and names that mean something else here."""

import pytest

from assistant.api import Assistant
from assistant.second_reader import SecondReader, Trust


@pytest.fixture(scope="module")
def second(assistant: Assistant) -> SecondReader:
    assert assistant.dialogue.intake.second is not None
    return assistant.dialogue.intake.second


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("My little one keeps throwing up everything she drinks.", "vomiting"),
        ("It stings terribly every time I pass water.", "dysuria"),
        ("走几步路就喘，歇会儿才缓过来。", "dyspnea_on_exertion"),
        ("我这两天拉肚子，一天跑七八趟厕所。", "diarrhea"),
    ],
)
def test_other_words_are_understood_with_their_place(assistant: Assistant, text: str, finding: str) -> None:
    read = assistant.dialogue.intake.read(text).observations
    kin = {finding, *assistant.base.descendants[finding], *assistant.base.ancestors[finding]}
    found = [o for o in read if o.bare in kin]
    assert found and all(o.state == "present" for o in found)
    assert all(o.start is not None and text[o.start : o.end] == o.text for o in found)


def test_a_denial_in_other_words_is_a_denial(assistant: Assistant) -> None:
    read = assistant.dialogue.intake.read("I have been coughing for a week. Never felt hot or shivery.")
    assert not any(o.bare == "fever" and o.state == "present" for o in read.observations)


def test_long_lists_of_denials_do_not_deny_what_was_told(assistant: Assistant) -> None:
    text = (
        "Dizziness, jaundice. Six months ago he began to notice the following: headaches, weight gain and sweating. "
        "No fever, No cough, No chest pain, No rash, No vomiting, No suprapubic pain, No abdominal masses."
    )
    read = {o.bare: o.state for o in assistant.dialogue.intake.read(text).observations}
    told = ("dizziness", "jaundice", "headache", "weight_gain")
    denied = ("fever", "cough", "chest_pain", "rash", "vomiting", "suprapubic_pain", "abdominal_mass")
    assert {f: read.get(f) for f in told} == dict.fromkeys(told, "present")
    assert {f: read.get(f) for f in denied} == dict.fromkeys(denied, "absent")


@pytest.mark.parametrize(
    ("text", "told", "denied"),
    [
        (
            "An aching groin for a month. He denies sudden pain, fever now, urethral discharge, blood in urine, vomiting, "
            "constipation, cough, weight loss, back pain and a rash.",
            (),
            (
                "fever",
                "penile_discharge",
                "hematuria",
                "vomiting",
                "cough",
                "weight_loss",
                "back_pain",
                "rash",
            ),
        ),
        (
            "Negative on questioning: chest pain, wheeze, black stools, rash. Cough for two days.",
            ("cough",),
            ("chest_pain", "wheeze", "melena", "rash"),
        ),
        (
            "活动后气短，夜间不能平卧。否认胸痛、发热、盗汗、体重下降、晕厥、偏瘫，咯血。",
            ("dyspnea_on_exertion",),
            ("chest_pain", "fever", "night_sweats", "weight_loss", "syncope", "hemoptysis"),
        ),
        ("牙龈不出血，骨头不疼，脚踝肿。", ("ankle_swelling",), ("gum_bleeding", "bone_pain")),
        ("She denies fever but has a cough and a rash.", ("cough", "rash"), ("fever",)),
        (
            "I have a cough, no fever, a runny nose, a headache.",
            ("cough", "runny_nose", "headache"),
            ("fever",),
        ),
        ("Tinel's sign negative; numb fingers.", ("numbness",), ("tinel_or_phalen_positive",)),
        ("Saturation 98%, transferrin saturation 60%.", (), ("hypoxemia",)),
    ],
)
def test_what_is_plainly_denied_is_denied_to_the_end_of_the_list(
    assistant: Assistant, text: str, told: tuple[str, ...], denied: tuple[str, ...]
) -> None:
    read = {o.bare: o.state for o in assistant.dialogue.intake.read(text).observations}
    kin = {f: [f, *assistant.base.descendants[f]] for f in told}
    assert [f for f in told if "present" not in (read.get(k) for k in kin[f])] == []
    assert {f: read.get(f) for f in denied} == dict.fromkeys(denied, "absent")


@pytest.mark.parametrize(
    ("told", "finding"),
    [
        ("30岁男性，滚油泼到胸部和双臂，部分皮肤发白如皮革，其余起水泡。", "burn_deep"),
        ("The skin is white and leathery in places after the fire.", "burn_deep"),
    ],
)
def test_a_long_name_is_not_doubted(assistant: Assistant, told: str, finding: str) -> None:
    session = assistant.start()
    session.say(told)
    assert session.case.state(f"finding:{finding}") == "present"


def test_trust_decides_what_is_added(second: SecondReader) -> None:
    text = "It stings terribly every time I pass water."
    everything = SecondReader(second.model, second.base, Trust(0.01, {"name": 0.01}))
    nothing = SecondReader(second.model, second.base, Trust(1.01, {"name": 0.01}))
    assert everything.added(everything.read(text))
    assert nothing.added(nothing.read(text)) == []


def test_a_long_text_is_read_to_its_end(second: SecondReader) -> None:
    filler = "We moved house in spring and the dog likes the new park very much. " * 40
    text = filler + "It stings terribly every time I pass water."
    found = second.read(text)
    assert any(one.start > len(filler) - 5 for one in found.values())
