"""An answer as the command prints it: text for people, or JSON."""

import json
from dataclasses import asdict
from typing import Any

import typer

from assistant.answer import Answer, AskedQuestion, Statement
from assistant.api import Assistant, Session
from assistant.as_json import findings_json, hypothesis_json, triage_json
from assistant.batch import SHOWN
from assistant.case import Case
from assistant.diagnosis import Assessment


def answer_json(assistant: Assistant, case: Case, assessment: Assessment, answer: Answer) -> dict[str, Any]:
    """An answer as one JSON object."""
    return {
        "language": answer.language,
        "findings": findings_json(case),
        "differential": [hypothesis_json(assistant, h) for h in answer.differential.hypotheses[:SHOWN]],
        "triage": triage_json(assistant, assessment, answer.language) | {"level": answer.triage.level},
        "statements": [_statement_json(s) for s in answer.statements],
        "question": asdict(answer.question) if answer.question else None,
        "notes": list(answer.notes),
    }


def print_json(session: Session, answer: Answer) -> None:
    """An answer as one line of JSON."""
    said = answer_json(session.assistant, session.case, session.assessment, answer)
    typer.echo(json.dumps(said, ensure_ascii=False))


def _statement_json(statement: Statement) -> dict[str, Any]:
    return {
        "text": statement.text,
        "against": [c.passage for c in statement.against],
        "citations": [
            {
                "source": c.source,
                "title": c.title,
                "url": c.url,
                "passage": c.passage,
                "span": list(c.span),
                "page": c.page,
                "section": c.section,
                "checked": c.checked,
            }
            for c in statement.citations
        ],
    }


def print_answer(assistant: Assistant, answer: Answer) -> None:
    """An answer for a terminal: urgency, statements, the differential as bars, the question, the sources."""
    typer.secho(assistant.dialogue.urgency_in_words(answer), bold=True)
    numbers: dict[str, int] = {}
    for statement in answer.statements:
        marks = "".join(f"[{numbers.setdefault(c.passage, len(numbers) + 1)}]" for c in statement.citations)
        typer.echo(f"\n{statement.text} {marks}")
    for note in answer.notes:
        typer.echo(f"\n{note}")
    if answer.differential.hypotheses:
        typer.echo("")
    for h in answer.differential.hypotheses[:10]:
        name = assistant.base.diseases[h.disease or ""].name(answer.language)
        typer.echo(f"{h.probability:6.1%}  {'█' * round(30 * h.probability):<30}  {name}")
    if answer.question:
        print_question(answer.question)
    cited = {c.passage: c for s in answer.statements for c in s.citations}
    for passage, number in numbers.items():
        c = cited[passage]
        place = f", p. {c.page}" if c.page else f", {c.section}" if c.section else ""
        typer.echo(
            f"\n[{number}] {c.title}, {c.publisher}{f' {c.year}' if c.year else ''}{place} {c.url or ''}"
        )


def print_question(question: AskedQuestion) -> None:
    """A question with its numbered choices, and why it is asked."""
    typer.echo(f"\n? {question.text}")
    for number, choice in enumerate(question.choices, 1):
        typer.echo(f"  {number}. {choice.name}")
    typer.echo(f"  {question.reason}")
