"""The tab "Readings": a log in, averages, charts, advice and a plan out; and visits compared."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.checkup import Checkup, Checkups
from assistant.checkup_panel import checkup_html
from assistant.desk import Desk
from assistant.page.files import download, told
from assistant.panels import words
from assistant.plan import Plan
from assistant.visits import Visit, compared
from assistant.visits_panel import visits_html
from knowledge.concepts import Language
from knowledge.errors import AetiaError

_LOGS = [".csv", ".json", ".txt", ".tsv"]


class ReadingsTab:
    """Widgets of the tab, made in the current context."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        w = words("en")
        self._file = gr.File(label=w["readings_file"], file_types=_LOGS, elem_id="readings-file", height=130)
        self._text = gr.Textbox(label=w["readings_text"], lines=3, elem_id="readings-text")
        with gr.Row():
            self._about = gr.Textbox(label=w["readings_about"], elem_id="readings-about")
            self._units = gr.Textbox(label=w["readings_units"], elem_id="readings-units")
        with gr.Row():
            self._plan = gr.File(label=w["readings_plan"], file_types=[".json"], height=130)
            with gr.Column():
                self._look = gr.Button(w["readings_look"], variant="primary", elem_id="readings-look")
                self._keep = gr.DownloadButton(w["readings_save"], size="sm", elem_id="readings-save")
        self._shown = gr.HTML(elem_id="readings-shown")
        self._visits = gr.CheckboxGroup(label=w["readings_visits_which"], choices=[], elem_id="visits")
        self._compare = gr.Button(w["readings_visits"], size="sm", elem_id="visits-compare")
        self._compared = gr.HTML(elem_id="visits-compared")

    @cached_property
    def _checkups(self) -> Checkups:
        return Checkups(self._desk.assistant)

    def wire(self, tab: gr.Tab, who: Sequence[Any]) -> None:
        """Connect the widgets. who: owner, session id and language, as components."""
        given = [self._file, self._text, self._about, self._units, self._plan, *who]
        private: dict[str, Any] = {"api_visibility": "private"}
        self._look.click(self._looked, given, self._shown, **private)
        self._keep.click(self._kept, given, self._keep, **private)
        tab.select(self._listed, who[0], self._visits, **private)
        self._compare.click(self._held_together, [self._visits, who[0], who[2]], self._compared, **private)

    @property
    def labelled(self) -> list[Any]:
        """The widgets that bear words, in the order of `translated`."""
        return [
            self._file, self._text, self._about, self._units, self._plan, self._look, self._keep, self._visits,
            self._compare,
        ]  # fmt: skip

    def translated(self, language: Language) -> list[Any]:
        """The same widgets in a language."""
        w = words(language)
        return [
            gr.File(label=w["readings_file"]),
            gr.Textbox(label=w["readings_text"]),
            gr.Textbox(label=w["readings_about"]),
            gr.Textbox(label=w["readings_units"]),
            gr.File(label=w["readings_plan"]),
            gr.Button(w["readings_look"]),
            gr.DownloadButton(w["readings_save"]),
            gr.CheckboxGroup(label=w["readings_visits_which"]),
            gr.Button(w["readings_visits"]),
        ]

    def _looked(self, *given: Any) -> str:
        language: Language = given[-1]
        try:
            return checkup_html(self._checkup(*given), self._desk.assistant, language)
        except AetiaError as fault:
            return told(fault, language)

    def _kept(self, *given: Any) -> str | None:
        try:
            plan = self._checkup(*given).plan
        except AetiaError:
            return None
        return download(f"aetia-plan-{plan.made.isoformat()}.json", plan.model_dump_json(indent=2).encode())

    def _checkup(
        self,
        path: str | None,
        typed: str,
        about: str,
        units: str,
        plan: str | None,
        owner: str,
        session_id: str,
        language: Language,
    ) -> Checkup:
        known = self._desk.opened(owner, session_id, language).case
        return self._checkups.of(
            _text(path) if path else typed,
            self._checkups.person(about, known, language),
            date.today(),
            dict(_units(units)),
            Plan.read(_text(plan)) if plan else None,
        )

    def _listed(self, owner: str) -> Any:
        kept = self._desk.store.listed(owner)
        return gr.CheckboxGroup(
            choices=[(f"{k.changed[:16].replace('T', ' ')}  {k.title[:60]}", k.id) for k in kept], value=[]
        )

    def _held_together(self, chosen: Sequence[str], owner: str, language: Language) -> str:
        kept = {k.id: date.fromisoformat(k.changed[:10]) for k in self._desk.store.listed(owner)}
        visits = [
            Visit(kept[i], self._desk.opened(owner, i, language).case, n)
            for n, i in enumerate(reversed([i for i in kept if i in chosen]))
        ]
        return visits_html(compared(visits, self._desk.assistant.mind), self._desk.assistant, language)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise AetiaError(f"the file cannot be read as text: {type(fault).__name__}") from fault


def _units(words_given: str) -> list[tuple[str, str]]:
    pairs = [part.split("=", 1) for part in words_given.replace("，", ",").split(",") if "=" in part]
    return [(name.strip(), unit.strip()) for name, unit in pairs]
