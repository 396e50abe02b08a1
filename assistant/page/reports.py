"""The buttons that save the conversation as a report."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from assistant.desk import Desk
from assistant.page.files import download
from assistant.panels import words
from assistant.report import report_html, report_pdf
from knowledge.concepts import Language


class ReportButtons:
    """One for HTML and one for PDF, made in the current context."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        w = words("en")
        self._html = gr.DownloadButton(w["report_html"], size="sm")
        self._pdf = gr.DownloadButton(w["report_pdf"], size="sm")

    def wire(self, who: Sequence[Any]) -> None:
        """who: owner, session id and language, as components."""
        for kind, button in (("html", self._html), ("pdf", self._pdf)):
            button.click(self._report(kind), who, button, api_visibility="private")

    @property
    def labelled(self) -> list[Any]:
        """The buttons, in the order of `translated`."""
        return [self._html, self._pdf]

    def translated(self, language: Language) -> list[Any]:
        """The same buttons in a language."""
        w = words(language)
        return [gr.DownloadButton(w["report_html"]), gr.DownloadButton(w["report_pdf"])]

    def _report(self, kind: str) -> Callable[[str, str, Language], str]:
        def make(owner: str, session_id: str, language: Language) -> str:
            session = self._desk.opened(owner, session_id, language)
            content = report_pdf(session) if kind == "pdf" else report_html(session).encode()
            return download(f"aetia-report-{session_id[:8] or 'empty'}.{kind}", content)

        return make
