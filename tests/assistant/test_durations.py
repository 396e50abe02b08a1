"""How long: the stretches of time that a text names, and the complaints that they belong to."""

import pytest

from assistant.durations import durations_in
from assistant.intake import Intake
from knowledge.base import KnowledgeBase


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("for 3 days", [3]),
        ("2 weeks", [14]),
        ("a cough for a week, fever for two days", [7, 2]),
        ("nocturia for the past year", [365]),
        ("it has been there for months", [90]),
        ("over years", [1095]),
        ("since last night", [0.8]),
        ("it started yesterday evening", [0.8]),
        ("it started this morning", [0.5]),
        ("三天", [3]),
        ("半年", [182.5]),
        ("疼了俩月", [60]),
        ("好几年了", [1095]),
        ("从昨晚开始发烧", [0.8]),
        ("20分钟前", [0.014]),
        # What is a time, and not how long the illness is.
        ("a 38 year old", []),
        ("seven weeks pregnant", []),
        ("孕13周", []),
        ("spells of five minutes each", []),
        ("it lasts 20 minutes", []),
        ("每次3分钟", []),
        ("今早起床", []),
        ("it comes every two days", []),
        ("隔一天发作一次", []),
        ("he had a cough and was sad", []),
    ],
)
def test_the_times_that_a_text_names(text: str, days: list[float]) -> None:
    assert [d for _, _, d in durations_in(text)] == pytest.approx(days)


@pytest.mark.parametrize(
    ("text", "finding", "days"),
    [
        ("I have a cough. Two months now.", "cough", 60),
        ("咳嗽。两个月了。", "cough", 60),
        ("Fever for two days. My knee was mended three years ago.", "fever", 2),
        ("I have a cough. I returned from a journey two months ago.", "cough", None),
        ("I have a cough. Smoker for 30 years.", "cough", None),
        ("咳嗽。烟龄三十年。", "cough", None),
        ("咳嗽3天，高血压病史10年。", "cough", 3),
        ("哮喘20年，咳嗽3小时。", "cough", 0.126),
        ("She has had asthma for 20 years and now a cough, begun 2 days ago.", "cough", 2),
        ("小时候得过哮喘，这两天咳嗽", "cough", 2),
    ],
)
def test_a_time_alone_in_its_sentence_belongs_to_what_was_told_last(
    world: KnowledgeBase, text: str, finding: str, days: float | None
) -> None:
    read = {o.bare: o.since_days for o in Intake(world).read(text).observations}
    assert read[finding] == days
