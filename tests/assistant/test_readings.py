"""Readings: read, doubted, averaged by hand-worked examples, judged, and planned."""

import json
from datetime import date
from pathlib import Path
from statistics import mean

import pytest
from typer.testing import CliRunner

from assistant.advice import Adviser
from assistant.api import Assistant
from assistant.averages import averaged, summaries, swing_of
from assistant.case import Case
from assistant.checkup import Checkup, Checkups
from assistant.cli import app
from assistant.drug_safety import Patient
from assistant.plan import Plan, made_plan, reviewed
from assistant.reading_times import Moment, moment_of
from assistant.readings import HomeReading, ReadingReader
from assistant.settings import Settings
from knowledge.base import KnowledgeBase
from knowledge.errors import AetiaError

TODAY = date(2026, 11, 28)
WEEK = "date,time,bp\n" + "\n".join(
    f"2026-11-{day:02d},{part},{high}/{low}"
    for day, part, high, low in (
        (1, "07:30", 170, 100), (1, "20:00", 168, 99),
        (2, "07:30", 140, 88), (2, "20:00", 136, 84),
        (3, "07:30", 142, 86), (3, "20:00", 138, 82),
        (4, "07:30", 141, 87), (4, "20:00", 137, 83),
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def reader(core: KnowledgeBase) -> ReadingReader:
    return ReadingReader(core)


@pytest.fixture(scope="module")
def checkups(core: KnowledgeBase) -> Checkups:
    return Checkups(Assistant(core, settings=Settings(country="GB")))


def _looked(checkups: Checkups, log: str, about: str = "", plan: Plan | None = None) -> Checkup:
    return checkups.of(log, checkups.person(about, Case(), "en"), TODAY, None, plan)


@pytest.mark.parametrize(
    ("day", "when", "expected"),
    [
        ("2026-11-01", "08:10", ("2026-11-01", "08:10", "morning")),
        ("2026-11-01T19:05:00", "", ("2026-11-01", "19:05", "evening")),
        ("2026-11-01 7:15 pm", "", ("2026-11-01", "19:15", "evening")),
        ("2026年11月1日", "早", ("2026-11-01", None, "morning")),
        ("2026/11/1", "afternoon", ("2026-11-01", None, "afternoon")),
        ("2026-11-01", "", ("2026-11-01", None, None)),
        ("01/11/2026", "", None),
        ("2026-13-01", "", None),
    ],
)
def test_a_moment_is_read_year_first(day: str, when: str, expected: tuple[str, ...] | None) -> None:
    found = moment_of(day, when)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        clock = found.clock.strftime("%H:%M") if found.clock else None
        assert (found.day.isoformat(), clock, found.part) == expected


@pytest.mark.parametrize(
    "log",
    [
        "date,time,bp,pulse\n2026-11-01,evening,138/86,72",
        "日期,时段,血压,心率\n2026-11-01,晚上,138/86,72",
        '[{"date": "2026-11-01", "time": "evening", "bp": "138/86", "pulse": 72}]',
        '{"readings": [{"date": "2026-11-01 evening", "quantity": "systolic_bp", "value": 138},'
        ' {"date": "2026-11-01 evening", "quantity": "diastolic_bp", "value": 86},'
        ' {"date": "2026-11-01 evening", "quantity": "脉搏", "value": 72, "unit": "bpm"}]}',
        "2026-11-01 evening BP 138/86, pulse 72",
    ],
)
def test_the_same_readings_in_every_form(reader: ReadingReader, log: str) -> None:
    read = reader.read(log, TODAY)
    assert read.doubts == []
    assert {(r.quantity, r.value, r.moment.part) for r in read.readings} == {
        ("systolic_bp", 138, "evening"),
        ("diastolic_bp", 86, "evening"),
        ("heart_rate", 72, "evening"),
    }


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("2026-11-01,1200/80,,", "impossible"),
        ("2026-11-01,80/120,,", "crossed"),
        ("2026-11-01,high,,", "no_number"),
        ("2026-11-01,,5,", "no_unit"),
        ("2026-11-01,,5 stone,", "unknown_unit"),
        ("2026-11-01,,900 mmol/L,", "impossible"),
        ("yesterday,130/80,,", "no_date"),
        ("2026-11-01,,,3 drops", "unknown"),
    ],
)
def test_what_cannot_be_is_asked_about_and_left_out(reader: ReadingReader, row: str, fault: str) -> None:
    read = reader.read(f"date,bp,glucose,potion\n{row}", TODAY)
    assert read.readings == []
    assert [d.fault for d in read.doubts] == [fault]
    assert read.doubts[0].row == 1


@pytest.mark.parametrize(
    "log",
    ["2026-11-01 BP 80/120", "date,systolic,diastolic\n2026-11-01,80,120", "date,bp\n2026-11-01,80/120"],
)
def test_a_pressure_with_its_numbers_crossed_is_asked_about(reader: ReadingReader, log: str) -> None:
    read = reader.read(log, TODAY)
    assert read.readings == [] and [d.fault for d in read.doubts] == ["crossed"]


def test_a_unit_told_once_holds_for_the_bare_numbers(reader: ReadingReader) -> None:
    log = "date,glucose\n2026-11-01,110\n2026-11-02,6.1 mmol/L"
    read = reader.read(log, TODAY, {"glucose": "mg/dL"})
    assert [r.value for r in read.readings] == pytest.approx([6.1, 6.1], abs=0.02)
    with pytest.raises(AetiaError, match="no unit of glucose"):
        reader.read(log, TODAY, {"glucose": "stone"})
    with pytest.raises(AetiaError, match="line 1, column"):
        reader.read('[{"date": ', TODAY)


def test_home_blood_pressure_leaves_the_first_day_out(reader: ReadingReader) -> None:
    """By hand: (140 + 136 + 142 + 138 + 141 + 137) / 6 = 139; (88 + 84 + 86 + 82 + 87 + 83) / 6 = 85."""
    read = reader.read(WEEK, TODAY)
    high, low = (averaged(q, read.of(q)) for q in ("systolic_bp", "diastolic_bp"))
    assert (high.value, low.value) == (139, 85)
    assert (high.count, high.days, high.left_out, high.lacking) == (6, 3, 2, ())


def test_what_an_average_lacks_is_told(reader: ReadingReader) -> None:
    mornings = reader.read("date,time,bp\n2026-11-01,08:00,150/90\n2026-11-02,08:00,140/80", TODAY)
    found = averaged("systolic_bp", mornings.of("systolic_bp"))
    assert found.value == 140
    assert found.lacking == ("days", "evening")


def test_of_a_longer_log_the_latest_week_counts(reader: ReadingReader) -> None:
    rows = [f"2026-11-{day:02d},am,{180 if day < 14 else 130}/80" for day in range(1, 21)]
    found = averaged("systolic_bp", reader.read("date,time,bp\n" + "\n".join(rows), TODAY).of("systolic_bp"))
    assert (found.value, found.days, found.latest) == (130, 7, True)


def test_targets_are_those_of_the_person(reader: ReadingReader, core: KnowledgeBase) -> None:
    read = reader.read(WEEK, TODAY)

    def target(patient: Patient) -> tuple[str | None, float]:
        high = summaries(read, patient.completed(core), core)[0]
        return (high.target.id if high.target else None), round(high.off, 1)

    assert target(Patient(age=50)) == ("home_blood_pressure", 4.0)
    assert target(Patient(age=85)) == ("home_blood_pressure_80", 0.0)
    diabetic = Patient(age=50, conditions=frozenset({"type_2_diabetes"}))
    assert target(diabetic) == ("blood_pressure_diabetes_or_kidney", 9.0)
    assert target(Patient(age=9))[0] is None


def test_peak_flow_is_judged_by_the_persons_best(reader: ReadingReader, core: KnowledgeBase) -> None:
    """By hand: day 1 (500 - 400) / 450, day 2 (450 - 350) / 400; their mean is 0.2361."""
    log = "date,time,peak flow\n2026-11-01,am,400\n2026-11-01,pm,500\n2026-11-02,am,350\n2026-11-02,pm,450"
    read = reader.read(log, TODAY)
    assert swing_of(read.of("peak_flow")) == pytest.approx((100 / 450 + 100 / 400) / 2)
    share = next(s for s in summaries(read, Patient(age=30), core) if s.quantity == "peak_flow_percent")
    assert share.average.value == pytest.approx(mean([80, 100, 70, 90]))
    assert share.target is not None and share.target.id == "peak_flow"


# Advice and the plan ----------------------------------------------------------------------------


def test_every_rule_of_advice_has_its_passage_and_known_conditions(core: KnowledgeBase) -> None:
    adviser = Adviser(core)
    assert len(adviser.rules) == 40 and adviser.unknown == ()


@pytest.mark.parametrize(
    ("patient", "averages", "told", "not_told"),
    [
        (Patient(age=62, sex="female", conditions=frozenset({"smoking"})), {"systolic_bp": 142.0},
         ["advice/smoking_plan", "advice/eating_dash", "advice/screen_breast", "advice/screen_lung"],
         ["advice/screen_aneurysm", "advice/moving_seniors"]),
        (Patient(age=20, sex="male"), {"systolic_bp": 112.0},
         ["advice/moving_general", "advice/vaccine_flu"],
         ["advice/smoking_quit", "advice/screen_cervical", "advice/salt", "advice/vaccine_shingles"]),
        (Patient(age=30, sex="female", conditions=frozenset({"pregnancy"})), {},
         ["advice/alcohol_none"], ["advice/alcohol_limits"]),
        (Patient(age=50, conditions=frozenset({"type_2_diabetes"})), {"glucose": 3.2},
         ["advice/glucose_low", "advice/eating_diabetes", "advice/moving_diabetes"],
         ["advice/moving_general", "advice/screen_diabetes"]),
        (Patient(age=40, sex="male"), {"waist": 104.0}, ["advice/waist"], []),
        (Patient(age=40, sex="female"), {"waist": 86.0}, [], ["advice/waist"]),
        (Patient(age=1), {}, ["advice/vaccine_flu"], ["advice/alcohol_limits", "advice/eating_general"]),
    ],
)  # fmt: skip
def test_advice_is_for_this_person(
    core: KnowledgeBase, patient: Patient, averages: dict[str, float], told: list[str], not_told: list[str]
) -> None:
    found = [a.passage for a in Adviser(core).advise(patient, averages)]
    assert set(told) <= set(found) and not set(not_told) & set(found)
    assert len(found) == len(set(found))


def test_a_plan_is_kept_and_looked_at_again(checkups: Checkups, tmp_path: Path) -> None:
    first = _looked(checkups, WEEK, "I am a 62-year-old woman. I smoke.")
    plan = first.plan
    assert [(g.quantity, g.average) for g in plan.goals] == [("systolic_bp", 139), ("diastolic_bp", 85)]
    habits = [p for week in plan.weeks for p in week.habits]
    assert len(plan.weeks) == 4 and "advice/smoking_plan" in plan.weeks[0].habits
    assert len(habits) == len(set(habits)) and all(len(w.habits) <= 2 for w in plan.weeks)
    path = tmp_path / "plan.json"
    plan.write(path)
    assert Plan.read(path.read_text(encoding="utf-8")) == plan

    later = "date,time,bp\n" + "\n".join(
        f"2026-12-{day:02d},{part},128/{92 if part == 'am' else 94}"
        for day in range(20, 26)
        for part in ("am", "pm")
    )
    reviews = _looked(checkups, later, "I am a 62-year-old woman.", plan).reviews
    assert [(r.goal.quantity, r.progress) for r in reviews] == [
        ("systolic_bp", "reached"),
        ("diastolic_bp", "further"),
    ]
    assert {r.progress for r in reviewed(plan, ())} == {"no_readings"}
    with pytest.raises(AetiaError, match="no plan that Aetia saved"):
        Plan.read('{"made": "soon"}')


def test_a_dangerous_value_speaks_first(checkups: Checkups) -> None:
    """A saturation of 84 % is a red flag whatever else is in the log."""
    checkup = _looked(checkups, "date,spo2\n2026-11-01,97\n2026-11-02,84", "I am 70 and short of breath.")
    assert checkup.urgent and checkup.urgent[0].citations
    assert _looked(checkups, "date,spo2\n2026-11-01,97\n2026-11-02,98", "I am 70.").urgent == ()


def test_nothing_read_makes_no_goal(core: KnowledgeBase) -> None:
    plan = made_plan((), (), TODAY)
    assert plan.goals == () and len(plan.weeks) == 4


def test_the_command_teaches_reads_and_saves(tmp_path: Path) -> None:
    helped = CliRunner().invoke(app, ["readings", "--help"])
    assert "2026-11-01,08:10,138/86,72,80.5" in helped.output
    log, plan = tmp_path / "log.csv", tmp_path / "plan.json"
    log.write_text(WEEK, encoding="utf-8")
    about = [
        "--about",
        "62-year-old woman, smokes",
        "--save-plan",
        str(plan),
        "--charts",
        str(tmp_path / "c"),
    ]
    answer = json.loads(CliRunner().invoke(app, ["readings", str(log), *about, "--json"]).output)
    assert answer["quantities"][0]["average"] == 139
    assert answer["quantities"][0]["target"] == "home_blood_pressure"
    assert Plan.read(plan.read_text(encoding="utf-8")).goals
    assert (tmp_path / "c" / "systolic_bp.svg").read_text(encoding="utf-8").startswith("<svg")


def test_readings_order_by_time() -> None:
    morning, evening = Moment(TODAY, None, "morning"), Moment(TODAY, None, "evening")
    assert morning.order < evening.order and morning.days < evening.days
    assert HomeReading("mood", 4, morning) != HomeReading("mood", 4, evening)
