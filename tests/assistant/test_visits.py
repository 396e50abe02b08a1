"""Visits compared: symptoms, values and scores; and what was understood of a record, in words."""

import json
from datetime import date
from pathlib import Path

import pytest

from assistant.api import Assistant
from assistant.case import Case
from assistant.events import Grade, Measurement, Observation, State
from assistant.record_pictures import LookedAt
from assistant.record_words import sections
from assistant.records import RecordReader
from assistant.settings import Settings
from assistant.visits import Visit, compared
from assistant.visits_panel import visits_html
from knowledge.base import KnowledgeBase

FIRST, SECOND = date(2026, 11, 1), date(2026, 11, 8)


@pytest.fixture(scope="module")
def mind(core: KnowledgeBase) -> Assistant:
    return Assistant(core, settings=Settings(country="GB"))


def _case(states: dict[str, State], grades: dict[str, Grade] | None = None, **numbers: float) -> Case:
    return Case(
        age=70,
        sex="male",
        observations={
            f"finding:{f}": Observation(
                ref=f"finding:{f}", state=s, manner="name", grade=(grades or {}).get(f)
            )
            for f, s in states.items()
        },
        measurements={q: Measurement(quantity=q, value=v) for q, v in numbers.items()},
    )


ILL = _case(
    {"cough": "present", "fever": "present", "dyspnea": "present", "crackles_focal": "present"},
    {"dyspnea": "severe", "cough": "mild"},
    crp=180,
    oxygen_saturation=90,
)


def test_a_recovery_improves(mind: Assistant) -> None:
    better = _case(
        {"cough": "present", "fever": "absent", "dyspnea": "present", "crackles_focal": "present"},
        {"dyspnea": "mild", "cough": "mild"},
        crp=40,
        oxygen_saturation=96,
    )
    found = compared([Visit(SECOND, better), Visit(FIRST, ILL)], mind.mind)
    assert [v.day for v in found.visits] == [FIRST, SECOND]
    changes = {c.ref.removeprefix("finding:"): c.kind for c in found.changes}
    assert changes == {"cough": "same", "fever": "gone", "dyspnea": "better", "crackles_focal": "same"}
    assert {v.quantity: v.trend.direction for v in found.values} == {
        "crp": "improving",
        "oxygen_saturation": "improving",
    }
    assert found.overall == "improving"
    html = visits_html(found, mind, "en")
    assert "Gone since the visit before" in html and html.count("<svg") == 2
    assert "总体：好转" in visits_html(found, mind, "zh")


def test_what_is_not_told_again_is_not_gone(mind: Assistant) -> None:
    found = compared([Visit(FIRST, ILL), Visit(SECOND, _case({"cough": "present"}))], mind.mind)
    assert {c.ref for c in found.changes} == {"finding:cough"}
    assert found.overall == "stable"


def test_new_signs_worsen_and_both_ways_are_mixed(mind: Assistant) -> None:
    worse = _case({"cough": "present", "hemoptysis": "present"}, crp=260)
    assert compared([Visit(FIRST, ILL), Visit(SECOND, worse)], mind.mind).overall == "worsening"
    mixed = _case({"fever": "absent", "hemoptysis": "present"})
    assert compared([Visit(FIRST, ILL), Visit(SECOND, mixed)], mind.mind).overall == "mixed"
    assert compared([Visit(FIRST, ILL)], mind.mind).overall == "too_few"


def test_a_record_in_words_names_what_was_not_understood(core: KnowledgeBase, mind: Assistant) -> None:
    path = Path(__file__).parent / "records" / "12_unknown_code.json"
    bundle = json.loads(path.read_text(encoding="utf-8"))["bundle"]
    reader = RecordReader(core, mind.dialogue.intake)
    shown = dict(sections(reader.read(json.dumps(bundle), date(2026, 1, 15)), core, "en", LookedAt()))
    assert shown["records_unknown"]
    assert all(items for items in shown.values())
