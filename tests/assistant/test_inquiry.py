"""Questions in the tiny world: never a senseless one, true reasons, stopping, going on, challenging."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import inquiry as policy
from assistant.api import Assistant
from assistant.case import Case
from assistant.differential import Differential, Hypothesis
from assistant.events import Asked, Observation
from assistant.inquiry import ASKED_IN_CHAT, BURDEN, MAX_QUESTIONS, Inquiry
from assistant.settings import Settings
from knowledge.base import KnowledgeBase
from knowledge.pack import load_pack
from tests.conftest import WORLD

_ASSISTANT = Assistant(load_pack(WORLD, use_cache=False), settings=Settings(country="GB"))
_FINDINGS = sorted(_ASSISTANT.base.findings)
_STATES = st.dictionaries(
    st.sampled_from(_FINDINGS), st.sampled_from(["present", "absent", "unknown"]), max_size=6
)


def case_of(states: dict[str, Any], **more: Any) -> Case:
    seen = {
        f"finding:{f}": Observation(ref=f"finding:{f}", state=s, manner="asked") for f, s in states.items()
    }
    return Case(observations=seen, **more)


def shares(**probability: float) -> Differential:
    listed = sorted(probability.items(), key=lambda item: -item[1])
    return Differential(tuple(Hypothesis(d, d, p, {}) for d, p in listed), 0.0, False)


@given(_STATES, st.sets(st.sampled_from(_FINDINGS), max_size=3))
@settings(max_examples=120, deadline=None)
def test_asks_nothing_known_implied_or_asked(states: dict[str, str], asked: set[str]) -> None:
    base = _ASSISTANT.base
    case = case_of(states, asked=tuple(f"finding:{f}" for f in sorted(asked)))
    assessment = _ASSISTANT.mind.assess(case)
    for q in _ASSISTANT.dialogue.inquiry.ranked(case, assessment.differential, frozenset(BURDEN)):
        assert q.finding not in states
        assert q.finding not in asked
        for wider in base.ancestors[q.finding]:
            assert states.get(wider) not in ("absent", "unknown")
        assert not any(states.get(kind) == "present" for kind in base.descendants[q.finding])
        # The reason that is given must be true.
        graph = _ASSISTANT.graph
        assert graph.chance(q.likelier, q.finding) >= graph.chance(q.less_likely, q.finding)


@given(_STATES)
@settings(max_examples=60, deadline=None)
def test_the_best_comes_first_and_each_once(states: dict[str, str]) -> None:
    case = case_of(states)
    differential = _ASSISTANT.mind.assess(case).differential
    ranked = _ASSISTANT.dialogue.inquiry.ranked(case, differential, frozenset(BURDEN))
    gains = [q.gain for q in ranked]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for gain in gains)
    assert len({q.finding for q in ranked}) == len(ranked)


def test_what_does_not_fit_age_or_sex_is_not_asked(world: KnowledgeBase) -> None:
    cough = world.findings["cough"].model_copy(update={"sex": "female", "age": "18+"})
    changed = world.model_copy(update={"findings": {**world.findings, "cough": cough}})
    inquiry = Inquiry(Assistant(changed, settings=Settings(country="GB")).graph)
    differential = shares(bronchitis=0.5, heart_attack=0.5)

    def asked(**person: Any) -> set[str]:
        return {q.finding for q in inquiry.ranked(case_of({}, **person), differential, ASKED_IN_CHAT)}

    assert "cough" in asked()
    assert "cough" in asked(sex="female", age=30)
    assert "cough" not in asked(sex="male")
    assert "cough" not in asked(sex="female", age=10)


def test_a_costlier_question_must_tell_more(in_world: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    differential = shares(bronchitis=0.5, heart_attack=0.5)
    before = in_world.dialogue.inquiry.ranked(case_of({}), differential, ASKED_IN_CHAT)
    monkeypatch.setitem(policy.BURDEN, "symptom", 100.0)
    after = in_world.dialogue.inquiry.ranked(case_of({}), differential, ASKED_IN_CHAT)
    assert before[0].finding == "cough"
    assert after[0].finding != "cough"


def test_dangerous_diseases_weigh_more(in_world: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    differential = shares(asthma=0.48, bronchitis=0.48, heart_attack=0.04)

    def worth(finding: str) -> float:
        ranked = in_world.dialogue.inquiry.ranked(case_of({}), differential, ASKED_IN_CHAT)
        return next(q.gain for q in ranked if q.finding == finding)

    weighed = worth("chest_pain")
    monkeypatch.setattr(policy, "HARM", dict.fromkeys(policy.HARM, 1.0))
    assert weighed > 1.5 * worth("chest_pain")


def test_stops_when_no_answer_would_change_anything(in_world: Assistant) -> None:
    inquiry = in_world.dialogue.inquiry
    assert inquiry.next_question(case_of({}), shares(asthma=0.998, common_cold=0.002)) is None
    assert inquiry.next_question(case_of({}), shares(asthma=0.7, common_cold=0.3)) is not None


def test_goes_on_when_only_the_urgency_could_change(in_world: Assistant) -> None:
    # Asthma stays first whatever is answered, but a heart attack could reach a quarter.
    differential = shares(asthma=0.985, heart_attack=0.015)
    chosen = in_world.dialogue.inquiry.next_question(case_of({"dyspnea": "present"}), differential)
    assert chosen is not None
    assert chosen.likelier == "heart_attack"
    assert chosen.dangerous


def test_a_red_flag_is_asked_about_before_it_stops(in_world: Assistant) -> None:
    certain = shares(heart_attack=0.998, asthma=0.002)
    chosen = in_world.dialogue.inquiry.next_question(case_of({"dyspnea": "present"}), certain)
    assert chosen is not None
    assert chosen.finding == "hypotension"
    assert in_world.dialogue.inquiry.next_question(case_of({"dyspnea": "absent"}), certain) is None


def test_rests_after_enough_and_goes_on_with_something_new(in_world: Assistant) -> None:
    session = in_world.start()

    def asks() -> bool:
        inquiry = in_world.dialogue.inquiry
        return inquiry.next_question(session.case, session.assessment.differential) is not None

    session.say("I have a cough")
    assert asks()
    session.events.extend(Asked(ref="finding:cough") for _ in range(MAX_QUESTIONS))
    assert not asks()
    session.reply("finding:productive_cough", False)
    assert not asks()
    session.say("I am short of breath")
    assert asks()


def test_an_answer_to_a_question_is_nothing_new(in_world: Assistant) -> None:
    session = in_world.start()
    session.say("I have a cough")
    session.events.append(Asked(ref="finding:fever"))
    before = session.case.asked_in_a_row
    session.say("yes, I have a fever")
    asked_again = sum(isinstance(e, Asked) for e in session.events[-1:])
    assert session.case.state("finding:fever") == "present"
    assert session.case.asked_in_a_row == before + asked_again


def test_stays_with_the_subject_when_it_costs_little(
    in_world: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    differential = shares(bronchitis=0.4, asthma=0.35, heart_attack=0.25)
    case = case_of({"cough": "present"}, asked=("finding:cough",))
    monkeypatch.setattr(policy, "_LINGERS", 0.0)
    chosen = in_world.dialogue.inquiry.next_question(case, differential)
    assert chosen is not None
    assert chosen.finding == "productive_cough"
    monkeypatch.setattr(policy, "_LINGERS", 1.0)
    best = in_world.dialogue.inquiry.next_question(case, differential)
    assert best is not None
    assert best.gain >= chosen.gain


def test_the_open_question_is_put_again(in_world: Assistant) -> None:
    session = in_world.start()
    question = session.say("I have a cough").question
    again = session.say("why?").question
    assert question and again
    assert again.finding == question.finding


def test_a_test_costs_what_it_is_a_burden(in_world: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    differential = shares(pneumonia=0.5, common_cold=0.5)
    cheap = in_world.dialogue.inquiry.next_test(case_of({}), differential)
    assert cheap is not None
    assert cheap.finding == "chest_opacity"
    monkeypatch.setattr(policy, "TEST_BURDEN", {k: 10 * v for k, v in policy.TEST_BURDEN.items()})
    dear = in_world.dialogue.inquiry.next_test(case_of({}), differential)
    assert dear is not None
    assert dear.gain == pytest.approx(cheap.gain / 10)


def test_a_test_that_tells_little_is_not_the_next_however_cheap(
    graph_only: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    inquiry, case = graph_only.dialogue.inquiry, case_of({})
    differential = shares(acute_appendicitis=0.95, acute_cholecystitis=0.03, acute_cystitis=0.02)
    monkeypatch.setattr(policy, "TEST_BURDEN", {**policy.TEST_BURDEN, "none": 1e-3})
    chosen = inquiry.next_test(case, differential)
    cheapest = inquiry.ranked(case, differential, policy.TESTS)[0]
    monkeypatch.setattr(policy, "TEST_BURDEN", dict.fromkeys(policy.TEST_BURDEN, 1.0))
    monkeypatch.setattr(policy, "BURDEN", dict.fromkeys(policy.BURDEN, 1.0))
    telling = {q.finding: q.gain for q in inquiry.ranked(case, differential, policy.TESTS)}
    assert telling[cheapest.finding] < max(telling.values()) / 2
    assert chosen is not None and telling[chosen.finding] >= max(telling.values()) / 2


def test_the_challenger_names_what_would_count_against_the_leader(in_world: Assistant) -> None:
    case = case_of({"cough": "present", "chest_opacity": "present", "fever": "absent"})
    assessment = in_world.mind.assess(case)
    challenge = in_world.dialogue.inquiry.challenge(case, assessment.differential)
    assert challenge is not None
    assert challenge.leader == "pneumonia"
    assert challenge.reason is not None
    assert challenge.reason.ref == "finding:fever"
    assert challenge.doubt is not None
    state = "present" if challenge.doubt.present else "absent"
    then = in_world.mind.assess(
        case_of(
            {
                "cough": "present",
                "chest_opacity": "present",
                "fever": "absent",
                challenge.doubt.finding: state,
            }
        )
    )
    before, after = (
        {h.disease: h.probability for h in a.differential.hypotheses} for a in (assessment, then)
    )
    assert after["pneumonia"] < before["pneumonia"]
    assert after[challenge.doubt.rival] > before[challenge.doubt.rival]


@pytest.mark.parametrize(("question", "words"), [("why?", "Strongest against"), ("为什么？", "最不支持")])
def test_why_tells_what_speaks_against(in_world: Assistant, question: str, words: str) -> None:
    session = in_world.start("zh" if question == "为什么？" else "en")
    session.say("cough and a shadow on the chest X-ray, no fever")
    assert any(words in note for note in session.say(question).notes)
