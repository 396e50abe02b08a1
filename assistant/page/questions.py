"""The open question under the chat: yes, no and "don't know", or choices to tick. No medicine here."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from assistant.answer import Answer, AskedQuestion
from assistant.api import Session
from assistant.desk import Act
from assistant.open_questions import open_asked
from assistant.panels import words
from knowledge.concepts import Language

_UNSURE = "unsure"
"""The choice that leaves open what was not ticked."""
_REPLIES = ("yes", "no", "unknown")


class Questions:
    """Widgets that answer what is asked; made within the page's column."""

    def __init__(self) -> None:
        w = words("en")
        with gr.Row(visible=False, elem_id="replies") as self._row:
            self._buttons = [gr.Button(w[key], size="sm", elem_id=f"reply-{key}") for key in _REPLIES]
        with gr.Column(visible=False, elem_id="choices") as self._card:
            self._choices = gr.CheckboxGroup(label=w["choices"], elem_id="choice-list")
            with gr.Row():
                self._send = gr.Button(
                    w["choices_send"], size="sm", variant="primary", elem_id="choices-send"
                )
                self._none = gr.Button(w["choices_none"], size="sm", elem_id="choices-none")
                self._unknown = gr.Button(w["unknown"], size="sm", elem_id="choices-unknown")

    @property
    def widgets(self) -> list[Any]:
        """What `shown` gives new values."""
        return [self._row, self._card, self._choices]

    @property
    def labelled(self) -> list[Any]:
        """What `translated` gives new labels. The card's list is named anew with every question."""
        return [*self._buttons, self._choices, self._send, self._none, self._unknown]

    def wire(self, act: Callable[..., list[Any]], inputs: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
        """Let the buttons answer, and return their events. act: does an `Act` with the inputs and gives the outputs."""

        def told(button: gr.Button, reply: Callable[[list[str]], Act]) -> Any:
            return button.click(
                lambda ticked, *who: act(reply(ticked), *who),
                [self._choices, *inputs],
                outputs,
                api_visibility="private",
            )

        plain = [
            told(button, lambda _, value=value: _replied(value))  # type: ignore[misc]
            for button, value in zip(self._buttons, (True, False, None), strict=True)
        ]
        return [
            *plain,
            told(self._send, _chosen),
            told(self._none, lambda _: _chosen([])),
            told(self._unknown, lambda _: _chosen([_UNSURE])),
        ]

    def shown(self, answer: Answer) -> list[Any]:
        """The widgets as an answer's question wants them."""
        question = answer.question
        card = question is not None and bool(question.choices)
        plain = question is not None and not card and not question.is_open
        return [gr.Row(visible=plain), gr.Column(visible=card), _listed(question, answer.language)]

    def translated(self, language: Language) -> list[Any]:
        """The labels in another language."""
        w = words(language)
        keys = ("choices_send", "choices_none", "unknown")
        return [
            *(gr.Button(w[key]) for key in _REPLIES),
            gr.CheckboxGroup(label=w["choices"]),
            *(gr.Button(w[key]) for key in keys),
        ]


def _listed(question: AskedQuestion | None, language: Language) -> Any:
    w = words(language)
    choices = [(choice.name, choice.finding) for choice in question.choices] if question else []
    if choices:
        choices.append((w["choices_unsure"], _UNSURE))
    return gr.CheckboxGroup(choices=choices, value=[], label=w["choices"])


def _replied(value: bool | None) -> Act:
    """Answer the open question with yes, no or "don't know"."""

    def act(session: Session) -> Answer:
        asked = open_asked(session.events, session.case)
        return session.reply(asked.ref, value) if asked else session.answer()

    return act


def _chosen(ticked: Sequence[str]) -> Act:
    """Answer the open card: what is ticked is so, the rest is not, or is unsure."""

    def act(session: Session) -> Answer:
        asked = open_asked(session.events, session.case)
        rest = None if _UNSURE in ticked else False
        return (
            session.choose({ref: ref in ticked or rest for ref in asked.refs}) if asked else session.answer()
        )

    return act
