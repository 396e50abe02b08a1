"""Reading: what is there, what is not, whose it is, since when, and numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cues import says_well
from assistant.events import Reading
from assistant.intake import Intake
from assistant.person import language_of
from knowledge.base import KnowledgeBase
from knowledge.pack import load_pack


@pytest.fixture(scope="module")
def intake(world: KnowledgeBase) -> Intake:
    return Intake(world)


def states(reading: Reading) -> dict[str, str]:
    return {o.bare: o.state for o in reading.observations if o.manner != "measured"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I have a cough and a fever", {"cough": "present", "fever": "present"}),
        ("No cough, fever or wheeze", {"cough": "absent", "fever": "absent", "wheeze": "absent"}),
        ("no fever, but a cough", {"fever": "absent", "cough": "present"}),
        ("Denies chest pain. Has a cough.", {"chest_pain": "absent", "cough": "present"}),
        ("I don't have a fever", {"fever": "absent"}),
        ("Fever was absent", {"fever": "absent"}),
        ("my chest does not hurt", {"chest_pain": "absent"}),
        ("the cough is not getting better", {"cough": "present"}),
        ("maybe a fever", {"fever": "unknown"}),
        ("3-day history of cough", {"cough": "present"}),
        ("last year I had a cough", {}),
        (
            "Six months ago he began to have a cough and chest pain",
            {"cough": "present", "chest_pain": "present"},
        ),
        ("She presents with a long-term history of cough", {"cough": "present"}),
        ("Past history: cough. Now a fever", {"fever": "present"}),
        ("It began four months ago, a cough, and fever", {"cough": "present", "fever": "present"}),
        ("Four months ago, a cough and a fever", {}),
        (
            "fever, cough, the wheeze has gone tight as a drum",
            {"fever": "present", "cough": "present", "wheeze": "present"},
        ),
        ("My mother has asthma and I cough", {"family_history_asthma": "present", "cough": "present"}),
        ("history of asthma", {"asthma": "present"}),
        ("I am sure it's pneumonia", {"pneumonia": "unknown"}),
        ("咳嗽三天，没有发热，胸痛", {"cough": "present", "fever": "absent", "chest_pain": "present"}),
        ("否认胸痛、气短", {"chest_pain": "absent", "dyspnea": "absent"}),
        ("咳嗽没有好转", {"cough": "present"}),
        ("可能有发烧", {"fever": "unknown"}),
        ("咳嗽三天 没有发热 胸痛", {"cough": "present", "fever": "absent", "chest_pain": "present"}),
        ("父亲有哮喘，我咳嗽", {"family_history_asthma": "present", "cough": "present"}),
        ("不抽烟", {"smoking": "absent"}),
    ],
)
def test_states(intake: Intake, text: str, expected: dict[str, str]) -> None:
    assert states(intake.read(text)) == expected


def test_spans_are_the_words(intake: Intake) -> None:
    text = "Since Monday I can't catch my breath."
    observation = intake.read(text).observations[0]
    assert text[observation.start : observation.end] == "can't catch my breath"


@pytest.mark.parametrize(
    ("text", "quantity", "value", "finding", "state"),
    [
        ("T 38.9", "temperature", 38.9, "fever", "present"),
        ("temp 101 F", "temperature", 38.3333, "fever", "present"),
        ("体温39度", "temperature", 39.0, "fever", "present"),
        ("体温36.5℃", "temperature", 36.5, "fever", "absent"),
        ("BP 88/50", "systolic_bp", 88.0, "hypotension", "present"),
        ("血压120/80", "systolic_bp", 120.0, "hypotension", "absent"),
    ],
)
def test_numbers(intake: Intake, text: str, quantity: str, value: float, finding: str, state: str) -> None:
    reading = intake.read(text)
    assert {m.quantity: m.value for m in reading.measurements}[quantity] == pytest.approx(value, abs=0.01)
    assert {o.bare: o.state for o in reading.observations}[finding] == state


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("体温37度8", 37.8),
        ("烧到三十八度五", 38.5),
        ("三十九度多", 39.0),
        ("四十度了", 40.0),
        ("38度5，咳嗽", 38.5),
    ],
)
def test_a_temperature_as_it_is_said_aloud(intake: Intake, text: str, degrees: float) -> None:
    assert [m.value for m in intake.read(text).measurements] == [degrees]


@pytest.mark.parametrize("text", ["脊柱侧弯四十度", "Cobb角40度", "气温三十九度"])
def test_degrees_of_an_angle_or_the_weather_are_no_fever(intake: Intake, text: str) -> None:
    assert intake.read(text).measurements == ()


@pytest.mark.parametrize("text", ["BP 1200/80", "temperature 380", "体温 12度"])
def test_numbers_that_cannot_be_are_doubted(intake: Intake, text: str) -> None:
    reading = intake.read(text)
    assert reading.doubtful
    assert not [
        o for o in reading.observations if o.manner == "measured" and o.bare in ("hypotension", "fever")
    ]


@pytest.mark.parametrize(
    ("text", "age", "sex", "ref"),
    [
        ("My mum, 67, has had a fever and chest pain since last night", 67, "female", "finding:chest_pain"),
        ("My dad is 74 and has chest pain", 74, "male", "finding:chest_pain"),
        ("my 70-year-old grandmother coughs", 70, "female", "finding:cough"),
        ("我妈妈67岁，高血压十年，今天早上胸痛", 67, "female", "finding:chest_pain"),
        ("我老公今天咳嗽，发烧", None, "male", "finding:cough"),
        ("My mother has asthma and I cough", None, None, "risk:family_history_asthma"),
        ("我今年30岁，我妈妈60岁有哮喘，我咳嗽", 30, None, "risk:family_history_asthma"),
        (
            "My father died at 50 of asthma. Chest pain since yesterday.",
            None,
            None,
            "risk:family_history_asthma",
        ),
    ],
)
def test_a_relative_may_be_the_patient(
    intake: Intake, text: str, age: float | None, sex: str | None, ref: str
) -> None:
    reading = intake.read(text, 0)
    assert (reading.age, reading.sex) == (age, sex)
    assert ref in {o.ref for o in reading.observations if o.state == "present"}


def test_later_a_relative_without_an_age_is_kin(intake: Intake) -> None:
    told = "我妈妈有哮喘"
    assert [o.ref for o in intake.read(told, 0).observations] == ["disease:asthma"]
    assert [o.ref for o in intake.read(told, 3).observations] == ["risk:family_history_asthma"]


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("My peak flow is 280, it should be 430.", [65.1]),
        ("Peak flow was 300 this morning. Usually it is around 450 L/min.", [66.7]),
        ("峰流速250，平时420", [59.5]),
        ("peak flow 45% of predicted", [45.0]),
        ("peak flow 280 and my pulse is 110", []),
    ],
)
def test_a_share_of_ones_best_or_usual_value(core_intake: Intake, text: str, shares: list[float]) -> None:
    measured = core_intake.read(text).measurements
    assert [m.value for m in measured if m.quantity == "peak_flow_percent"] == shares
    assert [m.value for m in measured if m.quantity == "peak_flow"] != [45.0]


@pytest.mark.parametrize(
    ("text", "allergic"),
    [
        ("我对阿莫西林过敏", True),
        ("过敏史：阿莫西林。咳嗽", True),
        ("医生对我说吃阿莫西林，我咳嗽", False),
        ("对乙酰氨基酚和阿莫西林能一起吃吗", False),
    ],
)
def test_an_allergy_is_said_as_one(core_intake: Intake, text: str, allergic: bool) -> None:
    assert ("drug:amoxicillin" in core_intake.read(text).allergies) == allergic


@pytest.mark.parametrize(
    ("text", "department"),
    [
        ("Department: Cardiology. Cough.", "cardiology"),
        ("科室：呼吸科。咳嗽。", "respiratory"),
        ("挂了心内科的号，说没事", "cardiology"),
        ("The cardiology letter says nothing new", None),
        ("Department: knitting. Cough.", None),
    ],
)
def test_where_the_person_is_seen(intake: Intake, text: str, department: str | None) -> None:
    assert intake.read(text).department == department


def test_language() -> None:
    assert language_of("头疼") == "zh"
    assert language_of("headache") == "en"
    assert language_of("38.5", "zh") == "zh"


def test_what_is_denied_after_a_history_is_not_past(core: KnowledgeBase) -> None:
    read = states(Intake(core).read("No history of trauma, No vomiting, No cough. 既往体健，无发热。"))
    assert [read.get(f) for f in ("vomiting", "cough")] == ["absent", "absent"]
    chinese = states(Intake(core).read("既往有高血压，无发热，无咳嗽。"))
    assert [chinese.get(f) for f in ("fever", "cough")] == ["absent", "absent"]


@given(st.text(max_size=300))
def test_reads_anything(intake: Intake, text: str) -> None:
    for observation in intake.read(text).observations:
        assert observation.start is not None
        assert 0 <= observation.start < (observation.end or 0) <= len(text)


@pytest.fixture(scope="module")
def core_intake() -> Intake:
    return Intake(load_pack())


@pytest.mark.parametrize(
    ("text", "finding", "state"),
    [
        ("She is afebrile.", "fever", "absent"),
        ("Apyrexial, anicteric.", "jaundice", "absent"),
        ("胃纳可，体温正常。", "fever", "absent"),
        ("I don't really want to eat.", "loss_of_appetite", "present"),
        ("There is no rash on my arms and I don't want to eat.", "loss_of_appetite", "present"),
        ("I could not sleep.", "insomnia", "present"),
        ("没有发烧，不想吃饭。", "loss_of_appetite", "present"),
        ("It came on suddenly.", "onset_sudden", "present"),
        ("The headaches come and go.", "recurrent_episodes", "present"),
        ("Denies fever, jaundice or headache.", "headache", "absent"),
        ("Denies fever, cough or headache.", "headache", "absent"),
        ("Denies fever, cough or headache.", "cough", "absent"),
        ("没有发热，也没有头痛。", "headache", "absent"),
        ("出生后不哭、全身青紫", "cyanosis", "present"),
        ("She has no rash, her weight is down three kilos.", "weight_loss", "present"),
    ],
)
def test_states_of_the_core_pack(core_intake: Intake, text: str, finding: str, state: str) -> None:
    assert states(core_intake.read(text)).get(finding) == state


def test_a_denial_of_someone_else_is_none_of_the_patient(core_intake: Intake) -> None:
    assert "fever" not in states(core_intake.read("Her brother is afebrile."))


def test_able_senses_are_well() -> None:
    assert says_well("耳朵听得见", "zh")
    assert not says_well("耳朵不怎么听得见", "zh")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("It burns when I am passing urine", "oliguria"),
        ("My finger is numb", "numbness_ulnar_fingers"),
        ("We have a cat", "animal_bite"),
        ("He is drinking and sleeping well", "low_fluid_intake"),
        ("It hurts on exercise", "sedentary"),
    ],
)
def test_a_word_that_carries_the_meaning_is_not_left_out_of_a_name(
    core_intake: Intake, text: str, finding: str
) -> None:
    assert finding not in {o.bare for o in core_intake.read(text).observations}
