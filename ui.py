"""The Gradio page: layout and wiring, no medicine.

Start it with `aetia serve` or `make run`. It listens on 127.0.0.1 only, unless told otherwise.
"""

import os
import tempfile
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(tempfile.gettempdir()) / f"aetia-{uuid4().hex[:8]}"))

import gradio as gr

from assistant.answer import Answer
from assistant.api import Assistant, Session
from assistant.crisis import emergency_number
from assistant.desk import Act, Desk, Outcome
from assistant.llm.server import is_here
from assistant.page.case_tabs import CaseTabs
from assistant.page.knows import KnowsTab
from assistant.page.model import ModelPanel
from assistant.page.model_choice import Choice
from assistant.page.owner import browser_language, browser_owner
from assistant.page.questions import Questions
from assistant.page.readings import ReadingsTab
from assistant.page.records import RecordsTab
from assistant.page.reports import ReportButtons
from assistant.page.sessions import SessionsTab
from assistant.page.speaking import Speaking
from assistant.panels import words
from assistant.pictures import Look
from assistant.session import SessionStore
from assistant.settings import Settings
from assistant.transcript import messages
from knowledge.concepts import Language
from knowledge.errors import AetiaError

_LANGUAGES: list[tuple[str, Language]] = [("English", "en"), ("中文", "zh")]
_EXAMPLES = ("example_1", "example_2")
_MAX_FILE = "80mb"
_PICTURES = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".dcm"]


class Page:
    """Widgets and what they do; `blocks` is the page."""

    def __init__(self, desk: Desk, speaking: Speaking, may_choose: bool) -> None:
        self._desk = desk
        self._speaking = speaking
        self._may_choose = may_choose
        self._country = desk.assistant.settings.country
        with gr.Blocks(
            title="Aetia", analytics_enabled=False, fill_height=True, delete_cache=(3600, 3600)
        ) as blocks:
            self._owner = browser_owner(blocks)
            self._session_id = gr.State("")
            self._look = gr.State([])
            self._header()
            browser_language(blocks, self._language)
            with gr.Row(equal_height=False):
                with gr.Column(scale=5, min_width=360):
                    self._conversation()
                with gr.Column(scale=6, min_width=360):
                    self._panels()
            self._wire()
        self.blocks = blocks

    def _header(self) -> None:
        with gr.Row():
            self._title = gr.Markdown(self._heading("en"))
            self._language = gr.Radio(_LANGUAGES, value="en", label="Language · 语言", scale=0, min_width=220)
        self._notice = gr.HTML(self._notice_html("en"))

    def _conversation(self) -> None:
        w = words("en")
        self._chat = gr.Chatbot(label=w["chat"], height=520, elem_id="chat", buttons=["copy"])
        self._questions = Questions()
        self._message = gr.MultimodalTextbox(
            label=w["message"], placeholder=w["placeholder"], file_count="multiple",
            file_types=_PICTURES, max_plain_text_length=200_000, elem_id="message", autofocus=True,
        )  # fmt: skip
        self._model = ModelPanel(self._desk, self._speaking, self._may_choose)
        with gr.Row():
            self._undo = gr.Button(w["undo"], size="sm")
            self._new = gr.Button(w["new"], size="sm")
            self._reports = ReportButtons(self._desk)
        self._examples = gr.Dataset(
            components=[gr.Textbox(visible=False)], samples=[[words(spoken)[key]] for _, spoken in _LANGUAGES[::-1] for key in _EXAMPLES],
            label=f"{w['examples']} · {words('zh')['examples']}", elem_id="examples",
        )  # fmt: skip

    def _panels(self) -> None:
        w = words("en")
        self._tabs: dict[str, gr.Tab] = {}

        def tab(key: str) -> gr.Tab:
            self._tabs[key] = gr.Tab(w[key], id=key)
            return self._tabs[key]

        with gr.Tabs():
            self._case = CaseTabs(tab)
            with tab("tab_readings"):
                self._readings = ReadingsTab(self._desk)
            with tab("tab_records"):
                self._records = RecordsTab(self._desk)
            with tab("tab_sessions"):
                self._sessions = SessionsTab(self._desk)
            with tab("tab_knows"):
                self._knows = KnowsTab(self._desk)
            with tab("tab_about"):
                self._about = gr.Markdown(w["about"])

    def _wire(self) -> None:
        shown = [
            self._chat, self._session_id, self._look, *self._case.widgets, *self._questions.widgets,
        ]  # fmt: skip
        who = [self._owner, self._session_id, self._language]
        said = self._message.submit(
            self._hear, [self._message, self._chat], [self._message, self._chat, self._new], queue=False,
        ).then(
            self._say, [self._message, *who, self._look], [*shown, self._message, self._new], api_name="say"
        )  # fmt: skip
        self._examples.click(
            lambda sample: {"text": sample[0], "files": []},
            self._examples,
            self._message,
            api_visibility="private",
        )
        replied = self._questions.wire(self._acted, [*who, self._look], shown)
        private: dict[str, Any] = {"api_visibility": "private"}
        self._undo.click(self._take_back, [*who, self._look], shown, **private)
        self._case.mark.click(self._mark_wrong, [self._case.cited, *who, self._look], shown, **private)
        edited = self._case.understood.wire(self._acted, [*who, self._look], shown)
        self._sessions.wire(self._tabs["tab_sessions"], who, self._speaking.leave, self._opened, shown)
        self._reports.wire(who)
        self._readings.wire(self._tabs["tab_readings"], who)
        self._records.wire(who, self._look, shown, self._shown)
        self._knows.wire(self._language)
        labelled = [
            self._title, self._notice, self._chat, self._message, *self._questions.labelled, self._undo,
            self._new, *self._reports.labelled, *self._case.labelled, *self._sessions.labelled,
            *self._knows.labelled, self._about, *self._tabs.values(), *self._readings.labelled,
            *self._records.labelled, *self._model.labelled,
        ]  # fmt: skip
        translated = self._language.change(
            self._translate, [self._language, self._model.state], labelled, **private
        ).then(self._redraw, [*who, self._look], shown, **private)
        self._model.wire(
            who, self._look, (self._chat, self._case.evidence, self._case.cited),
            [said, *replied, edited, translated], self._acted, shown,
        )  # fmt: skip
        left = self._new.click(self._leave, self._session_id, self._message, **private)
        self._model.forget(
            left.then(lambda owner, _, language: self._opened(owner, "", language), who, shown, **private),
            who,
        )

    def _hear(self, message: dict[str, Any], chat: list[Any]) -> tuple[Any, list[Any], Any]:
        """Show the person's words at once, before they are weighed; until then the session is not left."""
        said = [{"role": "user", "content": message.get("text") or ""}] if message.get("text") else []
        said += [{"role": "user", "content": "🖼"} for _ in message.get("files") or ()]
        return gr.MultimodalTextbox(interactive=False), [*chat, *said], gr.Button(interactive=False)

    def _say(
        self, message: dict[str, Any], owner: str, session_id: str, language: Language, look: list[Look]
    ) -> list[Any]:
        text, pictures = message.get("text") or "", [str(f) for f in message.get("files") or ()]
        looks = list(look)

        def act(session: Session) -> Answer:
            for path in pictures:
                looks.append(self._desk.assistant.pictures.look(Path(path), len(looks), session.case.age))
                session.show(looks[-1].event)
            return session.say(text) if text.strip() or not pictures else session.answer()

        outcome = self._desk.act(owner, session_id, language, act, title=text)
        return [
            *self._shown(outcome, looks),
            gr.MultimodalTextbox(value=None, interactive=True),
            gr.Button(interactive=True),
        ]

    def _acted(
        self, act: Act, owner: str, session_id: str, language: Language, look: list[Look]
    ) -> list[Any]:
        return self._shown(self._desk.act(owner, session_id, language, act), look)

    def _take_back(self, owner: str, session_id: str, language: Language, look: list[Look]) -> list[Any]:
        return self._shown(self._desk.undo(owner, session_id, language), look)

    def _leave(self, session_id: str) -> Any:
        self._speaking.leave(session_id)
        return gr.MultimodalTextbox(value=None, interactive=True)

    def _mark_wrong(
        self, passage: str | None, owner: str, session_id: str, language: Language, look: list[Look]
    ) -> list[Any]:
        def act(session: Session) -> None:
            if passage:
                session.mark(passage, wrong=passage not in session.case.marked)

        return self._shown(self._desk.act(owner, session_id, language, act), look)

    def _redraw(self, owner: str, session_id: str, language: Language, look: list[Look]) -> list[Any]:
        def act(session: Session) -> Answer | None:
            return session.speak(language) if session.events else None

        return self._shown(self._desk.act(owner, session_id, language, act), look)

    def _opened(self, owner: str, session_id: str, language: Language) -> list[Any]:
        return self._shown(self._desk.act(owner, session_id, language, lambda _: None), [])

    def _shown(self, outcome: Outcome, look: list[Look]) -> list[Any]:
        session, answer = outcome.session, outcome.answer
        self._speaking.enter(outcome.session_id)
        assistant, case = self._desk.assistant, session.case
        chat = messages(assistant, session.events, self._model.retold)
        if outcome.trouble:
            chat.append({"role": "assistant", "content": f"⚠ {outcome.trouble}"})
        said = self._model.now(session, answer)
        cited = said if said.statements else self._desk.first_look(session)
        return [
            chat,
            outcome.session_id,
            look,
            *self._case.shown(assistant, case, answer, cited, look),
            *self._questions.shown(answer),
        ]

    def _translate(self, language: Language, choice: Choice) -> list[Any]:
        w = words(language)
        return [
            self._heading(language),
            self._notice_html(language),
            gr.Chatbot(label=w["chat"]),
            gr.MultimodalTextbox(label=w["message"], placeholder=w["placeholder"]),
            *self._questions.translated(language),
            gr.Button(w["undo"]),
            gr.Button(w["new"]),
            *self._reports.translated(language),
            *self._case.translated(language),
            *self._sessions.translated(language),
            *self._knows.translated(language),
            w["about"],
            *(gr.Tab(w[key]) for key in self._tabs),
            *self._readings.translated(language),
            *self._records.translated(language),
            *self._model.translated(language, choice),
        ]

    def _heading(self, language: Language) -> str:
        return f"# Aetia\n{words(language)['tagline']}"

    def _notice_html(self, language: Language) -> str:
        number = emergency_number(language, self._country)
        return f'<p class="notice" role="note">{escape(words(language)["notice"].format(number=number))}</p>'


def build_demo(assistant: Assistant, store: SessionStore, may_choose: bool = True) -> gr.Blocks:
    """The page, ready to be launched. may_choose: see ModelPanel."""
    speaking = Speaking()
    return Page(Desk(assistant, store, speaking.hush), speaking, may_choose).blocks.queue(
        default_concurrency_limit=2, max_size=32
    )


def launch_options() -> dict[str, Any]:
    """What `launch` is told besides address and port."""
    templates = files("assistant") / "templates"
    style, script = ((templates / name).read_text(encoding="utf-8") for name in ("page.css", "pictures.js"))
    return {
        "share": False,
        "strict_cors": True,
        "css": style,
        "head": f"<script>{script}</script>",
        "theme": gr.themes.Soft(primary_hue="teal", neutral_hue="slate", font=["system-ui", "sans-serif"]),
        "max_file_size": _MAX_FILE,
    }


def serve(host: str = "127.0.0.1", port: int = 7860) -> None:
    """Load everything, say what is being done, and open the page. Raises AetiaError."""
    settings = Settings.from_environment()
    print("Aetia is starting …", flush=True)  # noqa: T201 - the person at the terminal waits for it
    assistant = Assistant.load(settings, progress=lambda step: print(f"  {step}", flush=True))  # noqa: T201
    demo = build_demo(assistant, SessionStore(settings.database), may_choose=is_here(host))
    try:
        demo.launch(server_name=host, server_port=port, **launch_options())
    except OSError as fault:
        raise AetiaError(f"Port {port} is in use; choose another with `aetia serve --port N`.") from fault


if __name__ == "__main__":
    serve()
