"""The tab of sessions: those of this browser, to open, to export, to delete."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from assistant.desk import Desk
from assistant.page.files import download
from assistant.panels import words
from knowledge.concepts import Language


class SessionsTab:
    """Widgets of the tab, made in the current context."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        w = words("en")
        self._sessions = gr.Radio(label=w["sessions"], choices=[])
        with gr.Row():
            self._open = gr.Button(w["open"], size="sm")
            self._export = gr.DownloadButton(w["export"], size="sm")
            self._delete = gr.Button(w["delete"], size="sm", variant="stop")

    def wire(
        self,
        tab: gr.Tab,
        who: Sequence[Any],
        leave: Callable[[str], None],
        opened: Callable[..., list[Any]],
        outputs: Sequence[Any],
    ) -> None:
        """who: owner, session id, language. leave: called with the session that is shown, before another is opened.
        opened: (owner, session id, language) into what `outputs` show."""
        owner, shown, language = who
        private: dict[str, Any] = {"api_visibility": "private"}
        tab.select(self._listed, owner, self._sessions, **private)
        self._open.click(leave, shown, None, **private).then(
            lambda chosen, whose, words_in: opened(whose, chosen or "", words_in),
            [self._sessions, owner, language],
            outputs,
            **private,
        )
        self._delete.click(self._remove, [self._sessions, owner], self._sessions, **private)
        self._export.click(self._exported, [self._sessions, owner], self._export, **private)

    @property
    def labelled(self) -> list[Any]:
        """The widgets that bear words, in the order of `translated`."""
        return [self._sessions, self._open, self._export, self._delete]

    def translated(self, language: Language) -> list[Any]:
        """The same widgets in a language."""
        w = words(language)
        return [
            gr.Radio(label=w["sessions"]),
            gr.Button(w["open"]),
            gr.DownloadButton(w["export"]),
            gr.Button(w["delete"]),
        ]

    def _listed(self, owner: str) -> Any:
        kept = self._desk.store.listed(owner)
        choices = [(f"{k.changed[:16].replace('T', ' ')}  {k.title[:60]}", k.id) for k in kept]
        return gr.Radio(choices=choices, value=None)

    def _remove(self, chosen: str | None, owner: str) -> Any:
        if chosen:
            self._desk.store.delete(owner, chosen)
        return self._listed(owner)

    def _exported(self, chosen: str | None, owner: str) -> str | None:
        if not chosen:
            return None
        return download(f"aetia-session-{chosen[:8]}.json", self._desk.store.export(owner, chosen).encode())
