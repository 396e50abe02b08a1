"""The tab "Records": a FHIR Bundle or a note in; what was understood is shown, and used only on a click."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.answer import Answer
from assistant.api import Session
from assistant.desk import Desk, Outcome
from assistant.page.files import told
from assistant.panels import render, words
from assistant.pictures import Look
from assistant.record_pictures import LookedAt, look_at
from assistant.record_words import sections
from assistant.records import RecordReader, RecordReading
from knowledge.concepts import Language
from knowledge.errors import AetiaError

Show = Callable[[Outcome, Any], list[Any]]
"""What all panels show after an act; the second are the pictures looked at."""


class RecordsTab:
    """Widgets of the tab, made in the current context."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        w = words("en")
        self._file = gr.File(
            label=w["records_file"], file_types=[".json", ".txt"], elem_id="record-file", height=130
        )
        self._shown = gr.HTML(f"<p class='quiet'>{w['records_none']}</p>", elem_id="record-shown")
        self._use = gr.Button(w["records_use"], variant="primary", interactive=False, elem_id="record-use")

    def wire(self, who: Sequence[Any], look: Any, panels: Sequence[Any], show: Show) -> None:
        """Connect the widgets. who: owner, session id and language, as components; panels: what `show`
        fills."""
        private: dict[str, Any] = {"api_visibility": "private"}
        self._file.change(self._read, [self._file, who[2]], [self._shown, self._use], **private)
        self._use.click(
            lambda *given: [*show(*self._used(*given)), *self._done(given[0], given[3])],
            [self._file, *who, look],
            [*panels, self._shown, self._use],
            **private,
        )

    @property
    def labelled(self) -> list[Any]:
        """The widgets that bear words, in the order of `translated`."""
        return [self._file, self._use]

    def translated(self, language: Language) -> list[Any]:
        """The same widgets in a language."""
        w = words(language)
        return [gr.File(label=w["records_file"]), gr.Button(w["records_use"])]

    @cached_property
    def _reader(self) -> RecordReader:
        return RecordReader(self._desk.assistant.base, self._desk.assistant.dialogue.intake)

    def _read(self, path: str | None, language: Language) -> tuple[str, Any]:
        """What is understood of the file; the button works only when there is something to use."""
        if path is None:
            return f"<p class='quiet'>{escape(words(language)['records_none'])}</p>", gr.Button(
                interactive=False
            )
        try:
            reading = self._reader.read_file(Path(path), date.today())
        except AetiaError as fault:
            return told(fault, language), gr.Button(interactive=False)
        looked = look_at(reading.images, self._desk.assistant.pictures, reading.age, language)
        return record_html(reading, self._desk, language, looked), gr.Button(interactive=True)

    def _used(
        self, path: str | None, owner: str, session_id: str, language: Language, look: list[Look]
    ) -> tuple[Outcome, list[Look]]:
        """The record taken in, and all pictures that the conversation has then."""
        looks = list(look)

        def act(session: Session) -> Answer | None:
            if path is None:
                return None
            reading = self._reader.read_file(Path(path), date.today())
            looked = look_at(reading.images, self._desk.assistant.pictures, reading.age, language, len(looks))
            looks.extend(picture for _, picture in looked.looks)
            session.events.extend(self._reader.events(reading, language, looked.events))
            return session.answer()

        title = words(language)["tab_records"]
        return self._desk.act(owner, session_id, language, act, title=title), looks

    def _done(self, path: str | None, language: Language) -> tuple[str, Any]:
        key = "records_used" if path else "records_none"
        return f"<p>{escape(words(language)[key])}</p>", gr.Button(interactive=False)


def record_html(reading: RecordReading, desk: Desk, language: Language, looked: LookedAt) -> str:
    """What was understood of a record and its pictures, and what was not."""
    w = words(language)
    age = "?" if reading.age is None else w["years"].format(n=round(reading.age))
    sex = w[reading.sex] if reading.sex else "?"
    return render(
        "record.html",
        language,
        person=f"{w['age']}: {age} · {w['sex']}: {sex}",
        sections=list(sections(reading, desk.assistant.base, language, looked)),
        pictures=bool(looked.looks),
    )
