"""The tab in which a concept of the knowledge is looked up."""

from typing import Any

import gradio as gr

from assistant.desk import Desk
from assistant.knows import concept_html
from assistant.panels import words
from knowledge.concepts import Language


class KnowsTab:
    """Widgets of the tab, made in the current context."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._query = gr.Textbox(label=words("en")["search_concept"], submit_btn=True)
        self._concept = gr.HTML()

    def wire(self, language: Any) -> None:
        """language: the component that says in which one is written."""
        self._query.submit(self._told, [self._query, language], self._concept, api_visibility="private")

    @property
    def labelled(self) -> list[Any]:
        """The widgets that bear words, in the order of `translated`."""
        return [self._query]

    def translated(self, language: Language) -> list[Any]:
        """The same widgets in a language."""
        return [gr.Textbox(label=words(language)["search_concept"])]

    def _told(self, query: str, language: Language) -> str:
        return concept_html(self._desk.assistant, query, language)
