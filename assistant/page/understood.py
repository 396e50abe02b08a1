"""The tab of what was understood: findings that can be taken back, the person, and all that was read."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from assistant.answer import Answer
from assistant.api import Assistant, Session
from assistant.case import Case
from assistant.desk import Act
from assistant.panels import observation_choices, understood_lines, words
from knowledge.concepts import Language


class UnderstoodTab:
    """Widgets of the tab, made in the current context."""

    def __init__(self) -> None:
        w = words("en")
        self._facts = gr.Markdown()
        self._present = gr.CheckboxGroup(label=w["present"], elem_id="present")
        self._absent = gr.CheckboxGroup(label=w["absent"])
        with gr.Row():
            self._age = gr.Number(label=w["age"], minimum=0, maximum=120, precision=1)
            self._sex = gr.Radio([("female · 女", "female"), ("male · 男", "male")], label=w["sex"])
        self._apply = gr.Button(w["apply"])

    @property
    def widgets(self) -> list[Any]:
        """What `shown` gives new values."""
        return [self._facts, self._present, self._absent, self._age, self._sex]

    def wire(self, act: Callable[..., list[Any]], inputs: Sequence[Any], outputs: Sequence[Any]) -> Any:
        """Let the button apply what was changed, and return its event. act: as for `Questions.wire`."""
        return self._apply.click(
            lambda present, absent, age, sex, *who: act(_edited(present, absent, age, sex), *who),
            [self._present, self._absent, self._age, self._sex, *inputs],
            outputs,
            api_visibility="private",
        )

    def shown(self, assistant: Assistant, case: Case) -> list[Any]:
        """The widgets as a case fills them."""
        present = observation_choices(assistant, case, "present")
        absent = observation_choices(assistant, case, "absent")
        return [
            "\n".join(f"- {line}" for line in understood_lines(assistant, case)),
            gr.CheckboxGroup(choices=present, value=[ref for _, ref in present]),
            gr.CheckboxGroup(choices=absent, value=[ref for _, ref in absent]),
            case.age,
            case.sex,
        ]

    @property
    def labelled(self) -> list[Any]:
        """The widgets that bear words, in the order of `translated`."""
        return [self._present, self._absent, self._age, self._sex, self._apply]

    def translated(self, language: Language) -> list[Any]:
        """The same widgets in a language."""
        w = words(language)
        return [
            gr.CheckboxGroup(label=w["present"]),
            gr.CheckboxGroup(label=w["absent"]),
            gr.Number(label=w["age"]),
            gr.Radio(label=w["sex"]),
            gr.Button(w["apply"]),
        ]


def _edited(present: Sequence[str], absent: Sequence[str], age: float | None, sex: Any) -> Act:
    """Strike what was unticked, and set age and sex where they are new."""

    def act(session: Session) -> Answer | None:
        answer = None
        told = [r for r in session.case.observations if session.case.state(r) in ("present", "absent")]
        for ref in told:
            if ref not in (*present, *absent):
                answer = session.strike(ref)
        if (age is not None and age != session.case.age) or (sex and sex != session.case.sex):
            answer = session.describe(age, sex or None)
        return answer

    return act
