"""`aetia readings`: a log of blood pressure, glucose, weight … -> averages, targets, trend, advice, a plan."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from knowledge.errors import AetiaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.answer import Statement
    from assistant.api import Assistant
    from assistant.checkup import Checkup
    from knowledge.concepts import Language

_LARGEST = 5_000_000


def readings(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, JSON, or typed lines; see above.")],
    about: Annotated[
        str, typer.Option(help="The person, in words: age, sex, illnesses, smoking, medicines.")
    ] = "",
    unit: Annotated[
        list[str] | None, typer.Option(help="Unit of bare numbers, such as glucose=mmol/L. Repeat it.")
    ] = None,
    plan: Annotated[Path | None, typer.Option(help="A plan saved earlier, to look at again.")] = None,
    save_plan: Annotated[
        Path | None, typer.Option(help="Where to save the plan for the next four weeks (JSON).")
    ] = None,
    charts: Annotated[Path | None, typer.Option(help="A folder for charts, one SVG a quantity.")] = None,
    language: Annotated[str, typer.Option(help="Language of the answer: en or zh.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Look at readings taken at home: averages, targets, trend, advice, and a plan for four weeks.

    A CSV file has a heading and a row a time, days written year first:

        date,time,bp,pulse,weight (kg)
        2026-11-01,08:10,138/86,72,80.5
        2026-11-01,evening,132/84,70,

    or a row a reading: date,quantity,value,unit. JSON is a list of such rows. Typed lines do as well:

        2026-11-01 morning BP 138/86, pulse 72

    Known are blood pressure, heart rate, glucose, weight, waist, steps, sleep, peak flow, mood, and every
    other quantity of the knowledge pack. What cannot be, and glucose or weight without a unit, is asked about
    and left out.

    Example: aetia readings bp.csv --about "62-year-old woman, smokes, has diabetes" --save-plan plan.json
    """
    from datetime import date

    from assistant.api import Assistant
    from assistant.case import Case
    from assistant.checkup import Checkups
    from assistant.plan import Plan

    spoken: Language = "zh" if language == "zh" else "en"
    assistant = Assistant.graph_only()
    checkups = Checkups(assistant)
    checkup = checkups.of(
        _text(source),
        checkups.person(about, Case(), spoken),
        date.today(),
        dict(map(_pair, unit or ())),
        Plan.read(_text(plan)) if plan else None,
    )
    if as_json:
        typer.echo(json.dumps(_as_json(checkup, spoken), ensure_ascii=False))
    else:
        _print(checkup, assistant, spoken)
    if save_plan:
        checkup.plan.write(save_plan)
    if charts:
        _draw(checkup, assistant, charts, spoken)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise AetiaError(f"{path.name} has more than {_LARGEST // 1_000_000} MB; give a smaller log")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise AetiaError(f"{path.name} cannot be read as text: {type(fault).__name__}") from fault


def _pair(given: str) -> tuple[str, str]:
    name, sign, unit = given.partition("=")
    if not sign:
        raise AetiaError(f"`{given}` is no unit; write for instance --unit glucose=mmol/L")
    return name.strip(), unit.strip()


def _print(checkup: "Checkup", assistant: "Assistant", language: "Language") -> None:
    from assistant.checkup_words import (
        advice_quoted,
        asked_of_person,
        doubt_in_words,
        review_in_words,
        summary_in_words,
        targets_quoted,
    )
    from assistant.panels import words

    base, labels = assistant.base, words(language)
    _section(labels["readings_urgent"], checkup.urgent)
    _lines(labels["readings_doubts"], [doubt_in_words(d, language) for d in checkup.log.doubts])
    _lines("", list(asked_of_person(checkup, language)))
    _lines(labels["readings_averages"], [summary_in_words(s, base, language) for s in checkup.summaries])
    _section("", targets_quoted(checkup, assistant, language))
    _lines(labels["readings_review"], [review_in_words(r, base, language) for r in checkup.reviews])
    for topic, statements in advice_quoted(checkup, assistant, language):
        _section(labels[f"topic_{topic}"], statements)
    for n, week in enumerate(checkup.plan.weeks, 1):
        told = [base.passages[p].in_language(language) for p in week.habits if p in base.passages]
        _lines(labels["readings_week"].format(n=n), told or [labels["readings_keep"]])


def _lines(heading: str, lines: "Sequence[str]") -> None:
    if lines and heading:
        typer.secho(f"\n{heading}", bold=True)
    for line in lines:
        typer.echo(f"- {line}")


def _section(heading: str, statements: "Sequence[Statement]") -> None:
    _lines(heading, [f"{s.text} [{_source(s)}]" for s in statements])


def _source(statement: "Statement") -> str:
    cited = statement.citations[0]
    return f"{cited.title}, {cited.publisher}{f' {cited.year}' if cited.year else ''}"


def _as_json(checkup: "Checkup", language: "Language") -> dict[str, object]:
    from assistant.checkup_words import doubt_in_words

    return {
        "urgent": [s.text for s in checkup.urgent],
        "doubts": [
            {"row": d.row, "text": d.text, "fault": d.fault, "say": doubt_in_words(d, language)}
            for d in checkup.log.doubts
        ],
        "quantities": [
            {
                "quantity": s.quantity,
                "average": round(s.average.value, 3),
                "count": s.average.count,
                "days": s.average.days,
                "left_out": s.average.left_out,
                "lacking": list(s.average.lacking),
                "target": s.target.id if s.target else None,
                "off": round(s.off, 3),
                "spread": None if s.spread is None else round(s.spread, 3),
                "trend": s.trend.direction,
                "a_week": round(s.trend.a_week, 4),
            }
            for s in checkup.summaries
        ],
        "advice": [{"topic": a.topic, "passage": a.passage} for a in checkup.advice],
        "plan": checkup.plan.model_dump(mode="json", exclude_defaults=True),
        "reviews": [
            {"quantity": r.goal.quantity, "progress": r.progress, "now": r.now} for r in checkup.reviews
        ],
    }


def _draw(checkup: "Checkup", assistant: "Assistant", folder: Path, language: "Language") -> None:
    from assistant.checkup_charts import charts_of

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, drawing in charts_of(checkup.summaries, assistant.base, language):
            (folder / f"{name}.svg").write_text(drawing, encoding="utf-8")
    except OSError as fault:
        raise AetiaError(f"charts cannot be written to {folder}: {fault.strerror}") from fault
