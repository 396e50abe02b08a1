"""Triage: more danger never lowers it, what is told less costs most, and it says why."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.api import Assistant
from assistant.case import Case
from assistant.escalation import by_rules
from assistant.events import Measurement, Observation
from assistant.scores import Scorer
from assistant.settings import Settings
from assistant.triage import LEVELS, alarms, harm, least_harm, red_flags, triage
from knowledge.base import KnowledgeBase
from knowledge.concepts import RedFlag

WORSE = {
    "respiratory_rate": (14, 19, 22, 26, 34, 45),
    "oxygen_saturation": (98, 95, 93, 91, 84, 70),
    "systolic_bp": (125, 108, 96, 88, 70),
    "heart_rate": (75, 95, 115, 135, 180),
    "temperature": (37.0, 38.5, 39.5, 41.0),
}


@pytest.fixture(scope="module")
def scorer(core: KnowledgeBase) -> Scorer:
    return Scorer(core)


@pytest.fixture(scope="module")
def mind(core: KnowledgeBase) -> Assistant:
    return Assistant(core, settings=Settings(country="GB"))


def case_of(base: KnowledgeBase, present: Sequence[str], age: float = 40, **numbers: float) -> Case:
    refs = [ref for item in present if (ref := base.observable(item))]
    return Case(
        age=age,
        observations={ref: Observation(ref=ref, state="present", manner="asked") for ref in refs},
        measurements={q: Measurement(quantity=q, value=v) for q, v in numbers.items()},
    )


def level_by_rules(case: Case, base: KnowledgeBase, scorer: Scorer) -> int:
    return LEVELS.index(triage(case, base, (), True, scorer).level)


def satisfying(flag: RedFlag) -> list[str]:
    """Findings that make a rule hold, where it needs no number."""
    when = flag.when
    return [*when.all, *when.any[:1], *when.of[: when.count or 0], *when.of[-(when.count or 1) :]]


def test_every_rule_raises_to_its_level(core: KnowledgeBase, scorer: Scorer) -> None:
    raised = 0
    for flag in core.red_flags:
        items = satisfying(flag)
        if flag.when.none or flag.when.sex or any(" " in item for item in items):
            continue
        age = float((flag.when.age or "40").rstrip("+").partition("-")[0])
        case = case_of(core, items, age)
        held = {f.id for f in red_flags(case, core)}
        if flag.id in held:
            raised += 1
            assert level_by_rules(case, core, scorer) >= LEVELS.index(flag.level), flag.id
    assert raised > 0.8 * len(core.red_flags)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_one_finding_more_never_lowers_what_rules_set(
    core: KnowledgeBase, scorer: Scorer, data: st.DataObject
) -> None:
    named = sorted(
        {i for f in core.red_flags for i in (*f.when.all, *f.when.any, *f.when.of) if " " not in i}
    )
    present = data.draw(st.lists(st.sampled_from(named), max_size=5, unique=True))
    more = data.draw(st.sampled_from(named))
    age = data.draw(st.sampled_from([0.1, 2, 9, 30, 70]))
    before = level_by_rules(case_of(core, present, age), core, scorer)
    assert level_by_rules(case_of(core, [*present, more], age), core, scorer) >= before


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_a_worse_vital_sign_never_lowers_the_level(
    core: KnowledgeBase, scorer: Scorer, data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(sorted(WORSE)), min_size=1, unique=True))
    steps = {q: data.draw(st.integers(0, len(WORSE[q]) - 2)) for q in chosen}
    worse = data.draw(st.sampled_from(chosen))
    before = case_of(core, ["fever"], 50, **{q: WORSE[q][i] for q, i in steps.items()})
    steps[worse] += 1
    after = case_of(core, ["fever"], 50, **{q: WORSE[q][i] for q, i in steps.items()})
    assert level_by_rules(after, core, scorer) >= level_by_rules(before, core, scorer)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.integers(0, 2), st.floats(0, 1))
def test_probability_moved_to_more_danger_never_lowers_the_level(
    raw: list[float], place: int, share: float
) -> None:
    total = sum(raw) or 1.0
    before = {level: (x / total if sum(raw) else 0.25) for level, x in zip(LEVELS, raw, strict=True)}
    moved = before[LEVELS[place]] * share
    after = before | {
        LEVELS[place]: before[LEVELS[place]] - moved,
        LEVELS[place + 1]: before[LEVELS[place + 1]] + moved,
    }
    assert LEVELS.index(least_harm(after)) >= LEVELS.index(least_harm(before))


def test_harm_is_least_where_told_is_right_and_worst_where_danger_is_told_to_wait() -> None:
    table = harm()
    assert (np.diag(table) == 0).all() and (table >= 0).all()
    assert table[3, 0] == table.max()
    steps = np.diff(table, axis=1)
    assert (np.diff(steps, axis=0) <= 1e-9).all()


def test_numbers_alone_raise_an_alarm_however_much_is_missing(core: KnowledgeBase, scorer: Scorer) -> None:
    ill = case_of(core, [], 60, respiratory_rate=26, oxygen_saturation=90, heart_rate=125)
    assert next(alarm.level for alarm in alarms(ill, scorer)) == "emergency"
    assert alarms(case_of(core, [], 60, heart_rate=80), scorer) == ()
    assert alarms(case_of(core, ["pregnancy"], 30, heart_rate=140), scorer) == ()


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("I have had a runny nose, sneezing and a slight sore throat for two days. No fever.", "self_care"),
        ("流鼻涕、打喷嚏两天，没有发烧", "self_care"),
        ("62-year-old man, crushing chest pain for an hour going into the left arm, sweating", "emergency"),
        ("62岁男性，压榨样胸痛一小时，放射到左臂，大汗", "emergency"),
    ],
)
def test_levels_and_reasons_are_told(assistant: Assistant, text: str, level: str) -> None:
    answer = assistant.start().say(text)
    assert answer.triage.level == level
    first = answer.statements[0]
    assert first.kind in ("red_flag", "self_care") and first.citations


def test_what_would_make_it_more_urgent_truly_would(mind: Assistant) -> None:
    session = mind.start()
    session.say("30-year-old man with a headache and a runny nose since yesterday")
    case, assessment = session.case, session.assessment
    found = by_rules(case, assessment, mind.mind)
    assert found
    for one in found:
        supposed = case_of(mind.base, [one.finding]).observations
        then = case.model_copy(update={"observations": case.observations | supposed})
        after = mind.mind.assess(then).triage.level
        assert LEVELS.index(after) > LEVELS.index(assessment.triage.level), one
    answer = session.say("what would make it more urgent?")
    assert answer.intent == "more_urgent" and all(s.citations for s in answer.statements)


@pytest.mark.parametrize(
    "text",
    [
        "My 7-year-old son has been drinking and peeing a lot for two weeks and wets the bed again.",
        "孩子7岁，这两周总是口渴，又开始尿床了。",
    ],
)
def test_a_child_who_wets_and_drinks_is_seen_today(assistant: Assistant, text: str) -> None:
    assert assistant.start().say(text).triage.level in ("urgent", "emergency")


@pytest.mark.parametrize(
    "text", ["I feel dizzy", "headache for 2 days", "I threw up twice", "头晕", "肚子疼", "腰疼一周"]
)
def test_a_bare_complaint_is_no_emergency(assistant: Assistant, text: str) -> None:
    assert assistant.start().say(text).triage.level != "emergency"


def test_what_decides_the_urgency_is_told_first(mind: Assistant) -> None:
    session = mind.start()
    answer = session.say("孩子8岁，尿床，最近喝水特别多，瘦了，昨天吐了，呼气有烂苹果味")
    assert answer.triage.level == "emergency" and answer.triage.flags[0].level == "urgent"
    first, second = answer.statements[:2]
    assert "酮症酸中毒" in first.text and second.about == answer.triage.flags[0].id
