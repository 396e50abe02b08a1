"""What a later message leaves unsaid of the complaint is read of it, and of nothing else."""

import pytest

from assistant.api import Assistant


def after(assistant: Assistant, *messages: str) -> dict[str, str]:
    session = assistant.start()
    for message in messages:
        session.say(message)
    return {o.bare: o.state for o in session.case.observations.values()}


@pytest.mark.parametrize(
    ("first", "then", "finding"),
    [
        ("headache for 3 days", "it's on one side and throbbing", "headache_unilateral"),
        ("headache for 3 days", "it came on suddenly, the worst ever", "headache_thunderclap"),
        ("headache for 3 days", "behind my eye", "headache_periorbital"),
        ("chest tightness on stairs", "last night it came while watching tv", "chest_pain_at_rest"),
        ("chest pain for an hour", "it spreads to my left arm", "chest_pain_radiating_arm"),
        ("腰疼半个月了", "咳嗽时加重", "spine_pain_worse_coughing"),
        ("腰疼半个月了", "昨天开始屁股那里也没感觉了", "saddle_numbness"),
        ("肚子疼三天", "在右下边", "right_lower_quadrant_pain"),
        ("肚子疼三天", "吃完饭更厉害", "abdominal_pain_after_meals"),
        ("胸痛一天", "休息的时候也会疼", "chest_pain_at_rest"),
    ],
)
def test_it_is_the_complaint(graph_only: Assistant, first: str, then: str, finding: str) -> None:
    assert finding not in after(graph_only, first)
    assert after(graph_only, first, then)[finding] == "present"


@pytest.mark.parametrize(
    ("first", "then", "unsaid"),
    [
        ("headache for 3 days", "it gets worse when I cough", "cough"),
        ("headache for 3 days", "my knee hurts and it throbs", "headache_throbbing"),
        ("肚子疼三天", "膝盖也疼，吃完饭更厉害", "abdominal_pain_after_meals"),
        ("headache for 3 days", "could it be on one side?", "headache_unilateral"),
        ("肚子疼三天", "没有在右下边", "right_lower_quadrant_pain"),
    ],
)
def test_of_nothing_else(graph_only: Assistant, first: str, then: str, unsaid: str) -> None:
    assert after(graph_only, first, then).get(unsaid) != "present"


@pytest.mark.parametrize(
    ("first", "then"),
    [("headache for 3 days", "well, it is behind my eye"), ("肚子疼三天", "还有，在右下边")],
)
def test_each_stands_where_it_was_written(graph_only: Assistant, first: str, then: str) -> None:
    session = graph_only.start()
    session.say(first)
    session.say(then)
    added = [o for o in session.case.observations.values() if o.said == 1 and o.start is not None]
    assert added
    assert all(0 <= (o.start or 0) < (o.end or 0) <= len(then) for o in added)
