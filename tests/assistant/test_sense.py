"""What the words around a name make of it: lists that are denied, denials within names, words that only look alike."""

import pytest

from assistant.api import Assistant
from assistant.intake import Intake
from knowledge.base import KnowledgeBase


@pytest.fixture(scope="module")
def intake(core: KnowledgeBase) -> Intake:
    return Intake(core)


def told(intake: Intake, text: str) -> dict[str, str]:
    return {o.bare: o.state for o in intake.read(text, 0).observations}


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("I've never had a fit and she hasn't had a fall.", ["seizure", "fall"]),
        ("She has never had chest pain or fainting.", ["chest_pain", "syncope"]),
        ("He is breathless with hardly any cough or phlegm.", ["cough", "sputum"]),
        (
            "She does not have chest pain, breathlessness, palpitations, tremor, fever.",
            ["chest_pain", "dyspnea", "palpitations", "fever"],
        ),
        (
            "He does not have severe cramps, pain with intercourse, fever, weight loss or ankle swelling.",
            ["fever", "weight_loss", "ankle_swelling"],
        ),
        (
            "Denies itching, fever, and bleeding after intercourse.",
            ["pruritus", "fever", "postcoital_bleeding"],
        ),
        ("Vomiting, fever, and blood in the stool are denied.", ["vomiting", "fever", "rectal_bleeding"]),
        ("Fever, jaundice, dark urine, black stools: none.", ["fever", "jaundice", "dark_urine", "melena"]),
        ("My lips weren't swollen. The uterus is non-tender.", ["lip_tongue_swelling", "uterine_tenderness"]),
        ("No change in bowel habit, weight loss, vomiting or fever.", ["change_in_bowel_habit", "fever"]),
        ("Nitroglycerin spray did not help.", ["chest_pain_relieved_by_rest"]),
        ("含了硝酸甘油没缓解，休息也不缓解。", ["chest_pain_relieved_by_rest", "improves_with_rest"]),
        ("吃抗过敏药没用，胃药不管用。", ["improves_with_antihistamine", "improves_with_antacid"]),
        ("She is yellow, her stools are yellow.", ["pale_stool"]),
        ("没有痰，没有轻生想法。", ["sputum", "suicidal_thoughts"]),
        ("无尿痛，没有尿频尿急。", ["dysuria", "urinary_frequency", "urinary_urgency"]),
        (
            "双肺未闻及湿啰音，锁骨上淋巴结未及，里急后重不明显。",
            ["crackles", "supraclavicular_lymphadenopathy", "tenesmus"],
        ),
        ("无明显消瘦，无头晕、胸部不适。", ["weight_loss", "dizziness"]),
        ("查乙肝、丙肝均阴性，尿隐血（-）。", ["hepatitis_b", "microscopic_hematuria"]),
    ],
)
def test_all_that_is_denied(intake: Intake, text: str, absent: list[str]) -> None:
    found = told(intake, text)
    assert {name: found.get(name) for name in absent} == dict.fromkeys(absent, "absent")
    assert "anuria" not in found


@pytest.mark.parametrize(
    ("text", "present"),
    [
        ("I've never had a headache like this before.", ["headache"]),
        ("He has no appetite.", ["loss_of_appetite"]),
        ("No poo for six days, crampy low tummy, lots of wind, and it hurts.", ["flatulence"]),
        ("The mother reports fever and rash.", ["fever", "rash"]),
        ("Her husband complains of her loud snoring.", ["snoring"]),
        ("His wife called the ambulance because he was confused.", ["confusion_new"]),
        ("She feels sick and doesn't want to eat.", ["nausea"]),
        ("以前做过胆道手术，白细胞高，发烧", ["leukocytosis", "fever"]),
        ("脖子不自主地往一边歪", ["torticollis"]),
        ("No period for 4 months, test negative, hot flashes.", ["amenorrhea_over_3_months", "hot_flushes"]),
        ("The vomit is not green and then pain all round the navel.", ["periumbilical_pain"]),
        ("No fever, cough is dry.", ["dry_cough"]),
        ("Breath sounds are absent at the right base.", ["reduced_breath_sounds_one_side"]),
        ("男，58岁，无痛性便血1年。", ["painless_rectal_bleeding"]),
        ("颈部无痛肿块、盗汗、低烧、消瘦", ["night_sweats", "low_grade_fever", "weight_loss"]),
        ("没吃饭就心慌，没哭出来脸就煞白，不吃饭还吐。", ["palpitations", "pallor", "vomiting"]),
        ("没避孕一直没怀上，右眼皮合不上老流泪。", ["infertility", "tearing"]),
        ("浑身上下没有不疼的地方。", ["widespread_pain"]),
        ("心情不太好，胃口不好，睡眠不好。", ["low_mood", "loss_of_appetite", "insomnia"]),
        ("小时候得过风湿热，现在咳嗽。", ["cough"]),
        ("Ear discharge with bad smell since childhood, hearing less and less.", ["hearing_loss"]),
        ("Husband snores, dozes off at red lights.", ["snoring", "daytime_sleepiness"]),
    ],
)
def test_a_denial_reaches_no_further_than_it_means(intake: Intake, text: str, present: list[str]) -> None:
    found = told(intake, text)
    assert {name: found.get(name) for name in present} == dict.fromkeys(present, "present")


@pytest.mark.parametrize(
    ("text", "unsaid"),
    [
        ("Cold drinks and cold hands. Finger white in the cold.", "common_cold"),
        ("My tongue is burning; they burn more at night.", "burns"),
        ("Sinus rhythm, normal.", "sinusitis"),
        ("Both tonsils are red.", "tonsillitis"),
        ("The prostate is small.", "prostatitis"),
        ("He entered the room.", "acute_enteritis"),
        ("PSA normal.", "psoriatic_arthritis"),
        ("LDH升高。", "lumbar_disc_herniation"),
        ("G6PD normal.", "parkinsons_disease"),
        ("She has spots of blood on her bra.", "acne"),
        ("A faint whistle and a faint rash.", "syncope"),
        ("She can't get up from the floor, can't do up buttons.", "erectile_difficulty"),
        ("She is not breathing fast.", "cardiac_arrest"),
        ("Ears flat, hot and dry; bleeding, tightenings, fever.", "bleeding_tendency_febrile"),
        ("密密麻麻的小点", "numbness"),
        ("泌乳素正常", "galactorrhea"),
        ("心情不低落，照样逛街。", "low_mood"),
        ("睡觉不打呼", "insomnia"),
        ("骨头疼，转头疼", "headache"),
        ("胳膊肘外面疼", "facial_pain_pressure"),
        ("吐得一塌糊涂", "confusion_new"),
        ("左腰突发刀绞样痛", "lumbar_disc_herniation"),
        ("月经来时肚子胀", "insulin_glargine"),
        ("维生素B12低", "thiamine"),
        ("Short of vitamin D.", "vitamin_a"),
        ("吃了感冒药", "common_cold"),
        ("肚子大得像有孕", "pregnancy"),
        ("A belly like pregnant, lumps like golf balls.", "golf_or_throwing"),
        ("腹泻，一天三四次", "symptoms_under_24_hours"),
        ("Headache three times a year.", "symptoms_for_years"),
        ("32周孕妇，头痛", "symptoms_over_3_months"),
        ("Low back pain, worse when I cough.", "cough"),
        ("科室：感染科。咳嗽。", "infection"),
        ("He was treated for an STI.", "stye"),
        ("There are gaps between her teeth.", "teething"),
        ("It is painful.", "pain"),
        ("A lump in the groin, made worse by coughing.", "cough"),
        ("腰疼，咳嗽、打喷嚏时加重", "sneezing"),
        ("Pain comes in waves.", "painful_ejaculation"),
        ("My knee is hot, I can hardly bend it.", "penile_curvature"),
        ("34F, G2P1, 33 weeks, headache", "symptoms_over_3_months"),
        ("I have high blood pressure.", "severe_high_blood_pressure"),
        ("Back pain, lower right side.", "right_lower_quadrant_pain"),
    ],
)
def test_what_only_looks_like_a_name(intake: Intake, text: str, unsaid: str) -> None:
    assert told(intake, text).get(unsaid) != "present"


@pytest.mark.parametrize("text", ["No rash elsewhere.", "She had no rash before.", "别处没有皮疹"])
def test_what_is_denied_of_another_place_or_time_is_neither_told_nor_denied(
    intake: Intake, text: str
) -> None:
    assert "rash" not in told(intake, text)


def test_an_illness_at_hand_is_meant_and_not_the_pregnancy_beside_it(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("29 weeks pregnant, my hands and feet itch terribly")
    answer = session.say("will it come back next pregnancy?")
    assert any("can return in a later pregnancy" in s.text for s in answer.statements)


def test_what_is_listed_of_a_relative_is_the_relatives(intake: Intake) -> None:
    found = told(intake, "咳嗽一周、父亲有哮喘、高血压。")
    assert not {"hypertension", "asthma"} & found.keys()
    assert found["cough"] == "present"
    assert "diabetes" not in told(intake, "家里没人有糖尿病")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I caught a cold last week.", "common_cold"),
        ("I have a cold and a runny nose.", "common_cold"),
        ("I got a burn on my hand.", "burns"),
        ("She has tonsillitis and sinusitis.", "sinusitis"),
        ("She fainted twice.", "syncope"),
        ("He has been limping.", "limp"),
        ("肚子里一阵一阵疼，头疼", "headache"),
        ("HIV test positive.", "hiv_test_positive"),
        ("小便发红", "hematuria"),
        ("Cough for a week, chest pain, hurts when I breathe.", "cough"),
        ("He takes warfarin? no sorry, apixaban.", "apixaban"),
    ],
)
def test_what_is_meant_is_still_read(intake: Intake, text: str, name: str) -> None:
    assert told(intake, text).get(name) == "present"
