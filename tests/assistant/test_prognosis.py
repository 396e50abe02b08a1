"""Prognosis: times that are times, complications with their passage, what counts in this person, pictures."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.answer import Answer
from assistant.api import Assistant
from assistant.case import Case
from assistant.events import ImageFinding, Observation
from assistant.prognosis import Foresight, tone
from assistant.prognosis_panel import prognosis_html
from assistant.prognosis_words import PrognosisTeller
from assistant.seen import seen_in
from assistant.settings import Settings
from assistant.timeline import moments
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Text


@pytest.fixture(scope="module")
def mind(core: KnowledgeBase) -> Assistant:
    return Assistant(core, settings=Settings(country="GB"))


@pytest.fixture(scope="module")
def foresight(mind: Assistant) -> Foresight:
    return mind.dialogue.followups.foresight


@pytest.mark.parametrize(
    ("text", "language", "days"),
    [
        ("begin to improve after 1 to 3 days, but tiredness can last a month", "en", [(1, 3), (30.4, 30.4)]),
        ("用抗生素1～3天后开始好转，但乏力可持续一个月或更久", "zh", [(1, 3), (30.4, 30.4)]),
        ("recover some function within 3 to 6 months", "en", [(91.2, 182.4)]),
        ("多在6～12周减轻", "zh", [(42, 84)]),
        ("can last for several days or weeks", "en", [(3, 3)]),
        ("The average age of menopause is 51 years; before 40 it is early", "en", []),
        ("found between 25 and 60 years of age", "en", []),
        ("measured at least twice a year", "en", []),
        ("needs care the same day", "en", []),
        ("每年至少查2次", "zh", []),
        ("平均年龄51岁", "zh", []),
    ],
)
def test_times_are_read_and_ages_are_not(
    text: str, language: Language, days: list[tuple[float, float]]
) -> None:
    found = [(m.first, m.last) for m in moments(text, language)]
    assert found == [pytest.approx(d) for d in days]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(low=st.integers(1, 99), more=st.integers(0, 60), unit=st.sampled_from(["days", "weeks", "months"]))
def test_a_range_is_never_turned_round(low: int, more: int, unit: str) -> None:
    text = f"It settles within {low} to {low + more} {unit}."
    (moment,) = moments(text, "en")
    assert moment.first <= moment.last
    assert text[moment.start : moment.end] == f"{low} to {low + more} {unit}"


def test_tone_is_open_where_a_sentence_says_both_or_nothing() -> None:
    assert tone("Most people recover within a week.", "en") == "better"
    assert tone("Untreated it can be fatal.", "en") == "worse"
    assert tone("Most people recover, but some die.", "en") == "open"
    assert tone("多数可自行好转。", "zh") == "better"


def test_pneumonia_of_an_old_smoker(foresight: Foresight) -> None:
    smoking = Observation(ref="risk:smoking", state="present", manner="name")
    case = Case(age=70, sex="male", observations={smoking.ref: smoking})
    prognosis = foresight.of("community_acquired_pneumonia", case)
    assert prognosis.gives_a_time
    assert prognosis.timed[0].moment is not None and prognosis.timed[0].moment.first == 1
    (effusion, *_) = prognosis.complications
    assert (effusion.disease, effusion.basis) == ("pleural_effusion", "estimate")
    assert "pneumonia" in effusion.citation.text.lower()
    assert "risk:smoking" in {f.about for f in prognosis.factors}
    young = foresight.of("community_acquired_pneumonia", Case(age=20))
    assert "risk:smoking" not in {f.about for f in young.factors}


def test_every_complication_shown_is_an_edge_and_named_in_its_passage(
    core: KnowledgeBase, mind: Assistant, foresight: Foresight
) -> None:
    teller = PrognosisTeller(mind.dialogue.explainer, mind.shelf)
    shown = 0
    for disease in list(core.diseases.values())[::9]:
        edges = {e.disease: e.strength for e in disease.causes}
        prognosis = foresight.of(disease.id, Case())
        assert len(prognosis.complications) + prognosis.unsourced == len(edges)
        for complication in prognosis.complications:
            shown += 1
            assert complication.chance == edges[complication.disease]
            statement = teller.complication(complication, prognosis, "en")
            assert mind.dialogue.gate.passes(statement, "en"), statement
    assert shown > 5


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (["How long does Bell's palsy last?"], ["within 2 weeks"]),
        (["流感多久能好？"], ["数天至两周"]),
        (["What complications does measles have?"], ["Measles"]),
        (["How long does a sprained ankle take to heal?"], ["prain"]),
        (["I have had a sore throat since yesterday.", "How long will it last?"], ["2 to 14 days"]),
        (["我26岁，女，尿痛尿频两天，没有发烧。", "要多久才能好？"], ["一两天"]),
    ],
)
def test_how_long_is_answered_with_a_source(
    mind: Assistant, messages: list[str], expected: list[str]
) -> None:
    session = mind.start()
    answer = [session.say(message) for message in messages][-1]
    assert answer.intent == "outlook"
    said = "\n".join([*(s.text for s in answer.statements), *answer.notes])
    assert all(words in said for words in expected), said
    assert all(s.citations for s in answer.statements)


def test_will_it_get_better_without_a_case_asks_which_illness(mind: Assistant) -> None:
    assert "Which illness" in "".join(mind.start().say("Will it get better?").notes)


def test_a_second_picture_is_held_against_the_first(mind: Assistant, foresight: Foresight) -> None:
    place = Text(en="right lower zone", zh="右下肺野")

    def picture(probability: float, size: tuple[float, float]) -> ImageFinding:
        return ImageFinding(
            finding="opacity_on_chest_imaging",
            probability=probability,
            likelihood_ratio=9,
            position=place,
            size_mm=size,
        )

    (seen,) = seen_in([picture(0.9, (40, 30)), picture(0.7, (20, 30))])
    assert seen.growth == pytest.approx(0.5)
    case = Case(images=(picture(0.9, (40, 30)), picture(0.7, (20, 30))))
    teller = PrognosisTeller(mind.dialogue.explainer, mind.shelf)
    prognosis = foresight.of("community_acquired_pneumonia", case)
    told = " ".join(teller.notes(prognosis, "en"))
    assert "20 × 30 mm" in told and "0.5 times" in told and "right lower zone" in told


def test_the_panel_shows_time_chance_and_basis(mind: Assistant) -> None:
    session = mind.start()
    answer: Answer = session.say("男，70岁，吸烟。咳黄痰，发烧39度，深呼吸时右胸痛，右下肺湿啰音3天。")
    html = prognosis_html(mind, session.case, answer)
    assert "1～3天" in html and "胸腔积液" in html and "估计" in html and "吸烟" in html
    assert prognosis_html(mind, mind.start().case, mind.start().answer()) == ""
