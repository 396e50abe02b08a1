"""What a person at the page chooses of the language model: which, for what, and for whom it words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, Literal, get_args

import gradio as gr

from assistant.llm.settings import BadModelSetting, ModelSettings
from assistant.llm.telling import Use
from assistant.llm.voice import Audience
from assistant.llm.words import phrase
from knowledge.concepts import Language

Place = Literal["off", "server", "folder"]


@dataclass(frozen=True)
class Choice:
    """settings: of the model; none is on when they name none. uses: what it may do. audience: whom it words for."""

    settings: ModelSettings
    uses: frozenset[Use] = frozenset(get_args(Use))
    audience: Audience = "patient"

    @property
    def place(self) -> Place:
        """Where the model is."""
        return "server" if self.settings.base_url else "folder" if self.settings.path else "off"


class ModelChoice:
    """The widgets of the choice. may_choose: see ModelPanel; held to here, whatever a browser sends."""

    def __init__(self, may_choose: bool) -> None:
        self._configured = ModelSettings.configured()
        self._may_choose = may_choose
        self.first = Choice(self._configured)
        self.state = gr.State(self.first)

    def widgets(self) -> None:
        """Make them here."""
        configured, free = self._configured, self._may_choose
        self._explained = gr.Markdown(phrase("en", "model_explained"))
        self._place = gr.Radio(
            self._places("en"),
            value=self.first.place,
            label=phrase("en", "where_model"),
            elem_id="model-place",
        )
        with gr.Group(visible=free):
            self._url = gr.Textbox(
                configured.base_url, label=phrase("en", "address"), placeholder="http://127.0.0.1:8000/v1",
                elem_id="model-url",
            )  # fmt: skip
            self._name = gr.Textbox(configured.model, label=phrase("en", "model_name"), elem_id="model-name")
            self._path = gr.Textbox(
                str(configured.path or ""), label=phrase("en", "folder"), elem_id="model-path"
            )
        self._uses = gr.CheckboxGroup(_uses("en"), value=list(get_args(Use)), label=phrase("en", "uses"))
        self._audience = gr.Radio(_audiences("en"), value="patient", label=phrase("en", "audience"))
        self._apply = gr.Button(phrase("en", "apply_model"), elem_id="model-apply")
        self._fault = gr.HTML(elem_id="model-fault")

    def wire(self, language: Any) -> Any:
        """The event after which the choice holds."""
        given = [self._place, self._url, self._name, self._path, self._uses, self._audience]
        return self._apply.click(
            self._chosen, [self.state, language, *given], [self.state, self._fault], api_visibility="private"
        )

    @property
    def labelled(self) -> list[Any]:
        """Widgets that `translated` gives new words."""
        return [
            self._explained, self._place, self._url, self._name, self._path, self._uses, self._audience, self._apply,
        ]  # fmt: skip

    def translated(self, language: Language) -> list[Any]:
        """The widgets of `labelled` in a language."""
        return [
            phrase(language, "model_explained"),
            gr.Radio(choices=self._places(language), label=phrase(language, "where_model")),
            gr.Textbox(label=phrase(language, "address")),
            gr.Textbox(label=phrase(language, "model_name")),
            gr.Textbox(label=phrase(language, "folder")),
            gr.CheckboxGroup(choices=_uses(language), label=phrase(language, "uses")),
            gr.Radio(choices=_audiences(language), label=phrase(language, "audience")),
            gr.Button(phrase(language, "apply_model")),
        ]

    def _places(self, language: Language) -> list[tuple[str, str]]:
        offered = get_args(Place) if self._may_choose else dict.fromkeys(("off", self.first.place))
        return [(phrase(language, f"place_{place}"), place) for place in offered]

    def _chosen(
        self,
        before: Choice,
        language: Language,
        place: Place,
        url: str,
        name: str,
        path: str,
        uses: Sequence[Use],
        audience: Audience,
    ) -> tuple[Choice, str]:
        """The choice, or the one before with what is wrong."""
        try:
            settings = self._settings(place, url.strip().rstrip("/"), name.strip(), path.strip())
        except BadModelSetting as fault:
            return before, f'<p class="notice" role="alert">{escape(str(fault))}</p>'
        return Choice(settings, frozenset(uses), audience), f"<p>{escape(phrase(language, 'chosen'))}</p>"

    def _settings(self, place: Place, url: str, name: str, path: str) -> ModelSettings:
        if place == "off":
            return ModelSettings()
        if not self._may_choose:
            return self._configured
        if place == "folder":
            if not path:
                raise BadModelSetting("Name the folder of the model")
            return replace(self._configured, base_url="", model="", key="", path=Path(path))
        if not url:
            raise BadModelSetting("Give the address of the server, such as http://127.0.0.1:8000/v1")
        # The key of the environment is for the server that is configured, and for no other.
        key = self._configured.key if url == self._configured.base_url else ""
        return replace(self._configured, base_url=url, model=name, key=key, path=None)


def _uses(language: Language) -> list[tuple[str, str]]:
    return [(phrase(language, f"use_{use}"), use) for use in get_args(Use)]


def _audiences(language: Language) -> list[tuple[str, str]]:
    return [(phrase(language, f"for_{audience}"), audience) for audience in get_args(Audience)]
