"""The language model on the page: switched on and off, seen where words go, streamed, stopped, struck."""

from collections.abc import Callable, Iterator
from functools import cache, cached_property
from html import escape
from typing import Any

import gradio as gr

from assistant.answer import Answer
from assistant.api import Session
from assistant.desk import Desk
from assistant.events import OURS, Event, Said
from assistant.library import searcher_over
from assistant.llm.backend import Backend, Cancel, switched_on
from assistant.llm.companion import Companion, found_by
from assistant.llm.masking import Mask
from assistant.llm.questions import Find
from assistant.llm.settings import ModelSettings
from assistant.llm.telling import told
from assistant.llm.words import phrase
from assistant.page.model_choice import Choice, ModelChoice
from assistant.page.speaking import Speaking
from assistant.panels import citation_choices, evidence_html
from assistant.transcript import answer_text, messages, written_after
from knowledge.concepts import Language

Chat = list[Any]
_INDEX = "documents"
_PRIVATE: dict[str, Any] = {"api_visibility": "private"}


class ModelPanel:
    """Under the conversation: a line that says where words go, a stop button, what the model suggests, and its choice.

    may_choose: whether a person at the page may name a server or folder, and not only switch what is
    configured on and off. find: sources of free questions; the pack and the index when None.
    """

    def __init__(self, desk: Desk, speaking: Speaking, may_choose: bool, find: Find | None = None) -> None:
        self._desk = desk
        self._speaking = speaking
        self._find = find
        self._choosing = ModelChoice(may_choose)
        with gr.Row():
            self._line = gr.HTML(self._where("en", self._choosing.first), elem_id="model-line")
            self._stop = gr.Button(
                phrase("en", "stop"), size="sm", variant="stop", visible=False, scale=0, elem_id="model-stop"
            )
        self._suggested = gr.CheckboxGroup(
            label=phrase("en", "suggested"), visible=False, elem_id="suggested"
        )
        with gr.Row(visible=False) as self._judging:
            self._believe = gr.Button(phrase("en", "believe"), size="sm", elem_id="believe")
            self._strike = gr.Button(phrase("en", "strike"), size="sm", elem_id="strike")
        with gr.Accordion(phrase("en", "use_model"), open=False, elem_id="model") as self._box:
            self._choosing.widgets()
            self._masked = gr.HTML(elem_id="masked")

    def wire(
        self,
        who: list[Any],
        look: Any,
        answer: tuple[Any, Any, Any],
        events: list[Any],
        judged: Callable[..., list[Any]],
        shown: list[Any],
    ) -> None:
        """who: owner, session id, language. answer: chat, evidence, box of citations. events: after each the model
        follows. judged: turns (act, who, look) into what `shown` shows."""
        rest = [self._suggested, self._judging, self._masked]
        for event in events:
            event.then(
                self._follow,
                [*who, self._choosing.state, answer[0]],
                [*answer, self._stop, *rest],
                show_progress="hidden",
                trigger_mode="multiple",  # a newer answer is followed though the words about the older still come
                **_PRIVATE,
            )
        self._stop.click(self._speaking.stop, who[1], None, queue=False, **_PRIVATE)
        chosen = self._choosing.wire(who[2])
        chosen.then(self._where, [who[2], self._choosing.state], self._line, **_PRIVATE)
        for button, believed in ((self._believe, True), (self._strike, False)):
            button.click(
                lambda refs, *given, b=believed: judged(self._judge(refs, b), *given),
                [self._suggested, *who, look],
                shown,
                **_PRIVATE,
            ).then(self._rest, who, rest, **_PRIVATE)

    def forget(self, event: Any, who: list[Any]) -> None:
        """After an event that leaves a session, show nothing of what the model read there."""
        event.then(
            lambda *given: [gr.Button(visible=False), *self._rest(*given)],
            who,
            [self._stop, self._suggested, self._judging, self._masked],
            **_PRIVATE,
        )

    @property
    def labelled(self) -> list[Any]:
        """Widgets that `translated` gives new words."""
        return [
            self._line, self._stop, self._suggested, self._believe, self._strike, self._box, *self._choosing.labelled
        ]  # fmt: skip

    def translated(self, language: Language, choice: Choice) -> list[Any]:
        """The widgets of `labelled` in a language."""
        return [
            self._where(language, choice),
            gr.Button(phrase(language, "stop")),
            gr.CheckboxGroup(label=phrase(language, "suggested")),
            gr.Button(phrase(language, "believe")),
            gr.Button(phrase(language, "strike")),
            gr.Accordion(label=phrase(language, "use_model")),
            *self._choosing.translated(language),
        ]

    @property
    def state(self) -> Any:
        """Holds what a person chose."""
        return self._choosing.state

    def retold(self, events: tuple[Event, ...], answer: Answer, later: tuple[Event, ...]) -> Answer:
        """An answer as it was given, from the log (see Companion.retold)."""
        return self._companion.retold(self._desk.assistant.replay(events), answer, later)

    def now(self, session: Session, answer: Answer) -> Answer:
        """The latest answer of a session as it was given."""
        at = max((i for i, e in enumerate(session.events) if not isinstance(e, OURS)), default=-1)
        later = written_after(session.events, at)
        return self.retold(tuple(session.events[: at + 1]), answer, later) if later else answer

    def _follow(
        self, owner: str, session_id: str, language: Language, choice: Choice, chat: Chat
    ) -> Iterator[list[Any]]:
        """After an answer of our own: the model's words as they are checked; none once the page shows more."""
        mark = self._speaking.mark(session_id)
        last: list[Any] = [gr.skip()] * 7
        with self._speaking.following(session_id):
            for step in self._steps(owner, session_id, language, choice, chat):
                if self._speaking.is_past(session_id, mark):
                    break
                yield step  # goes on when this is sent
                last = step
        # What is yielded last is sent twice: nothing of the chat, which may be a newer one by then; but what was hidden
        # and is to be seen, for the page can lose that when much comes at once.
        past = self._speaking.is_past(session_id, mark)
        yield [gr.skip()] * 7 if past else [*[gr.skip()] * 3, *last[3:]]

    def _steps(
        self, owner: str, session_id: str, language: Language, choice: Choice, chat: Chat
    ) -> Iterator[list[Any]]:
        backend = _backend(choice.settings)
        if backend is None or not session_id:
            yield [*(gr.skip() for _ in range(4)), *self._rest(owner, session_id, language)]
            return
        with self._speaking.turn(session_id) as cancel:
            session = self._desk.opened(owner, session_id, language)
            known = len(session.events)
            trouble = ""
            yield [*(gr.skip() for _ in range(3)), gr.Button(visible=True), *(gr.skip() for _ in range(3))]
            try:
                yield from self._told(session, backend, choice, cancel, chat)
            finally:
                trouble = self._desk.keep(owner, session_id, known, session)
        said = [{"role": "assistant", "content": f"⚠ {trouble}"}] if trouble else []
        whole = messages(self._desk.assistant, session.events, self.retold)
        yield [
            [*whole, *_troubles(chat), *said], gr.skip(), gr.skip(), gr.Button(visible=False),
            *self._rest(owner, session_id, language),
        ]  # fmt: skip

    def _told(
        self, session: Session, backend: Backend, choice: Choice, cancel: Cancel, chat: Chat
    ) -> Iterator[list[Any]]:
        assistant = self._desk.assistant
        before = messages(assistant, session.events, self.retold)[:-1]
        companion = self._companion.with_model(backend)
        answer = self._desk.now(session)
        for step in told(companion, session, answer, choice.uses, choice.audience, cancel):
            now = {"role": "assistant", "content": answer_text(assistant, step)}
            shown = step if step.statements else self._desk.first_look(session)
            yield [
                [*before, now, *_troubles(chat)],
                evidence_html(shown, session.case.marked),
                gr.Dropdown(choices=citation_choices(shown), value=None),
                gr.Button(visible=True),  # again: the page can lose what is sent when much comes at once
                *(gr.skip() for _ in range(3)),
            ]

    def _rest(self, owner: str, session_id: str, language: Language) -> list[Any]:
        """What the model suggests, and what is masked of the session's words."""
        session = self._desk.opened(owner, session_id, language)
        language = session.case.language if session_id else language
        choices = [
            (f"{self._desk.assistant.base.concept(ref).name(language)} ({o.state}): “{o.text}”", ref)
            for ref, o in session.case.suggested.items()
        ]
        return [
            gr.CheckboxGroup(choices=choices, value=[], visible=bool(choices)),
            gr.Row(visible=bool(choices)),
            masked_html(session, language),
        ]

    def _judge(self, refs: list[str], believed: bool) -> Callable[[Session], Answer | None]:
        def act(session: Session) -> Answer | None:
            answer = None
            suggested = session.case.suggested
            for ref in refs:
                if ref in suggested and believed:
                    answer = session.reply(ref, suggested[ref].state == "present")
                elif ref in suggested:
                    answer = session.strike(ref)
            return answer

        return act

    def _where(self, language: Language, choice: Choice) -> str:
        backend = _backend(choice.settings)
        note = (
            self._companion.with_model(backend).notice(language) if backend else phrase(language, "none_on")
        )
        return f'<p class="quiet" role="status">{escape(note)}</p>'

    @cached_property
    def _companion(self) -> Companion:
        return Companion(self._desk.assistant, None, lambda q, language: self._sources(q, language))

    @cached_property
    def _sources(self) -> Find:
        """Opened with the first free question: the search loads an encoder."""
        if self._find:
            return self._find
        assistant = self._desk.assistant
        return found_by(searcher_over(assistant.base, _INDEX), assistant.base, assistant.shelf)


@cache
def _backend(settings: ModelSettings) -> Backend | None:
    """One for all who chose the same, so that weights are loaded once."""
    return switched_on(settings)


def _troubles(chat: Chat) -> Chat:
    """What went wrong in the turn itself, which stays below the answer."""
    if not chat:
        return []
    content = chat[-1]["content"]
    text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    return [{"role": "assistant", "content": text}] if text.startswith("⚠") else []


def masked_html(session: Session, language: Language) -> str:
    """The identifying details found in a session's words, each with the mark that would leave in its place."""
    mask = Mask()
    said = [mask.hide(event.text) for event in session.events if isinstance(event, Said)]
    if not said:
        return ""
    rows = "".join(
        f"<tr><td>{escape(detail)}</td><td><code>{escape(mark)}</code></td></tr>"
        for mark, detail in mask.hidden.items()
    )
    found = f'<table class="edges">{rows}</table>' if rows else ""
    key = "masked_these" if rows else "masked_none"
    return f"<p>{escape(phrase(language, key))}</p>{found}<p class='quiet'>{escape(phrase(language, 'masked_how'))}</p>"
