"""The tabs about the case itself: what it may be, on what evidence, why, the pictures, what was understood."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import gradio as gr

from assistant.answer import Answer
from assistant.api import Assistant
from assistant.case import Case
from assistant.drawing import causes_svg
from assistant.page.understood import UnderstoodTab
from assistant.panels import citation_choices, differential_html, evidence_html, words
from assistant.picture_panel import pictures_html
from assistant.pictures import Look
from assistant.prognosis_panel import prognosis_html
from assistant.severity_panel import severity_html
from knowledge.concepts import Language


class CaseTabs:
    """Widgets of these tabs, made in the current context. tab: makes a tab of a key of the labels."""

    def __init__(self, tab: Callable[[str], gr.Tab]) -> None:
        w = words("en")
        with tab("tab_differential"):
            self._differential = gr.HTML(elem_id="differential")
            self._severity = gr.HTML(elem_id="severity")
        with tab("tab_evidence"):
            self.evidence = gr.HTML(elem_id="evidence")
            with gr.Row():
                self.cited = gr.Dropdown(label=w["mark_which"], choices=[], elem_id="cited")
                self.mark = gr.Button(w["mark_wrong"], size="sm", elem_id="mark-wrong")
        with tab("tab_causes"):
            self._causes = gr.HTML(elem_id="causes")
        with tab("tab_picture"):
            self._picture = gr.HTML(elem_id="picture")
        with tab("tab_understood"):
            self.understood = UnderstoodTab()

    @property
    def widgets(self) -> list[Any]:
        """What `shown` gives new values."""
        return [
            self._differential, self._severity, self.evidence, self.cited, self._causes, self._picture,
            *self.understood.widgets,
        ]  # fmt: skip

    def shown(
        self, assistant: Assistant, case: Case, answer: Answer, cited: Answer, looks: Sequence[Look]
    ) -> list[Any]:
        """The widgets as a case fills them. cited: the answer whose evidence is shown."""
        return [
            differential_html(assistant, answer),
            severity_html(assistant, case, answer) + prognosis_html(assistant, case, answer),
            evidence_html(cited, case.marked),
            gr.Dropdown(choices=citation_choices(cited), value=None),
            causes_svg(assistant, case, answer.differential),
            _pictures(assistant, case, looks),
            *self.understood.shown(assistant, case),
        ]

    @property
    def labelled(self) -> list[Any]:
        """The widgets that bear words, in the order of `translated`."""
        return [self.cited, self.mark, *self.understood.labelled]

    def translated(self, language: Language) -> list[Any]:
        """The same widgets in a language."""
        w = words(language)
        return [
            gr.Dropdown(label=w["mark_which"]),
            gr.Button(w["mark_wrong"]),
            *self.understood.translated(language),
        ]


def _pictures(assistant: Assistant, case: Case, looks: Sequence[Look]) -> str:
    """The pictures looked at, or what is known of those that are gone."""
    if looks or not case.images:
        return pictures_html(looks, assistant.base, case.language)
    told = "; ".join(f"{i.finding} {i.probability:.0%}" for i in case.images)
    return f"<p class='quiet'>{escape(words(case.language)['picture_gone'].format(text=told))}</p>"
