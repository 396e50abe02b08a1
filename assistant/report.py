"""A report of the case to hand to a clinician: HTML, and PDF of the same content."""

import io
from datetime import datetime
from importlib.metadata import version
from typing import Any
from xml.sax.saxutils import escape

from assistant.answer import Statement
from assistant.api import Session
from assistant.crisis import emergency_number
from assistant.panels import (
    SHOWN,
    citation_row,
    cited,
    hypothesis_rows,
    observation_choices,
    render,
    understood_lines,
    words,
)
from assistant.phrases import level_in_words


def report_html(session: Session) -> str:
    """The case as one HTML page without any outside part."""
    content = _content(session)
    return render("report.html", session.case.language, **content)


def report_pdf(session: Session) -> bytes:
    """The case as a PDF. Chinese uses the viewer's Song font, which readers carry or substitute."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    buffer = io.BytesIO()
    title = words(session.case.language)["report_title"]
    document = SimpleDocTemplate(buffer, pagesize=A4, title=title, author="Aetia")
    document.build(list(_flow(_content(session), words(session.case.language))))
    return buffer.getvalue()


def _content(session: Session) -> dict[str, Any]:
    assistant, case, assessment = session.assistant, session.case, session.assessment
    language = case.language
    statements = assistant.dialogue.first_look(case, assessment)
    sources = cited(statements)
    number = {c.passage: i for i, c in enumerate(sources, 1)}
    sign = {"present": "+", "absent": "−", "unknown": "?"}
    return {
        "made": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        "versions": f"aetia {version('aetia')}, {assistant.base.name} {assistant.base.version}",
        "urgency": level_in_words(
            language, assessment.triage.level, emergency_number(language, assistant.settings.country)
        ),
        "told": [text for text in case.texts if text.strip()],
        "understood": [
            *understood_lines(assistant, case),
            *(
                f"{mark} {label}"
                for state, mark in sign.items()
                for label, _ in observation_choices(assistant, case, state)
            ),
        ],
        "rows": hypothesis_rows(assistant, assessment.differential.hypotheses[:SHOWN], language),
        "statements": [{"text": s.text, "numbers": _numbers(s, number)} for s in statements],
        "sources": [citation_row(c, language) for c in sources],
    }


def _numbers(statement: Statement, number: dict[str, int]) -> list[int]:
    return sorted({number[c.passage] for c in statement.citations})


def _flow(content: dict[str, Any], labels: dict[str, str]) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, Spacer, Table

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    body = ParagraphStyle("body", fontName="STSong-Light", fontSize=10, leading=15, wordWrap="CJK")
    heading = ParagraphStyle("heading", parent=body, fontSize=13, leading=20, spaceBefore=8)

    def text(words: object, style: Any = body) -> Any:
        return Paragraph(escape(str(words)), style)

    yield text(labels["report_title"], ParagraphStyle("title", parent=heading, fontSize=17, leading=26))
    yield text(f"{content['made']} · {content['versions']}")
    yield text(labels["report_note"])
    yield text(f"{labels['urgency']}: {content['urgency']}", heading)
    for key, lines in (("told", content["told"]), ("tab_understood", content["understood"])):
        yield text(labels[key], heading)
        yield from (text(line) for line in lines)
    yield text(labels["tab_differential"], heading)
    if content["rows"]:
        yield Table(
            [[text(r["name"]), text(r["code"]), text(f"{r['percent']} %")] for r in content["rows"]],
            colWidths=[280, 80, 80],
        )
    yield text(labels["statements"], heading)
    for statement in content["statements"]:
        marks = "".join(f"[{n}]" for n in statement["numbers"])
        yield text(f"{statement['text']} {marks}")
        yield Spacer(1, 4)
    yield text(labels["sources"], heading)
    for i, item in enumerate(content["sources"], 1):
        parts = [item["title"], item["publisher"], item["year"], item["place"], item["url"]]
        note = "" if item["checked"] else f" ({labels['not_checked']})"
        yield text(f"[{i}] " + ". ".join(str(p) for p in parts if p) + note)
