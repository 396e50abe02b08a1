"""What every language model is to the rest: a prompt goes in, text streams out."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

from assistant.llm.settings import ModelSettings
from assistant.llm.words import phrase
from knowledge.concepts import Language
from knowledge.errors import AetiaError

SEED = 0
"""Sent with temperature 0, so that the same prompt is answered by the same words."""


class ModelFault(AetiaError):
    """The language model gave nothing that may be used.

    key: which fault, a phrase of language_model.yaml. passing: it may be gone in a moment. wait: seconds that
    the server asked for.
    """

    def __init__(self, key: str, passing: bool = False, wait: float = 0.0, **slots: object) -> None:
        self.key, self.passing, self.wait, self.slots = key, passing, wait, slots
        super().__init__(self.text("en"))

    def text(self, language: Language) -> str:
        """What went wrong, in a language."""
        return phrase(language, self.key, **self.slots)


@dataclass(frozen=True)
class Prompt:
    """system: what the model is to do. user: what it is to do it with. limit: tokens it may write. schema: JSON
    schema that its answer must follow, held to by servers that can."""

    system: str
    user: str
    limit: int = 512
    schema: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """All words that are sent."""
        return f"{self.system}\n{self.user}"


@dataclass(frozen=True)
class Finish:
    """How an answer ended. model, version: who answered, as it names itself. prompt_tokens,
    completion_tokens: counted by the model; None when it does not say. whole: it ended by itself and not at the limit.
    """

    model: str
    version: str
    prompt_tokens: int | None
    completion_tokens: int | None
    whole: bool


class Cancel:
    """Stops an answer from any thread; once cancelled, it stays so."""

    def __init__(self) -> None:
        self._event = Event()
        self._stops: list[Callable[[], None]] = []

    @classmethod
    def within(cls, outer: "Cancel | None") -> "Cancel":
        """One that stops with `outer`, and can be stopped alone."""
        inner = cls()
        if outer:
            outer.on(inner)
        return inner

    def __call__(self) -> None:
        """Stop now."""
        self._event.set()
        for stop in list(self._stops):
            stop()

    @property
    def cancelled(self) -> bool:
        """Whether it was stopped."""
        return self._event.is_set()

    def on(self, stop: Callable[[], None]) -> None:
        """Call `stop` when stopped; at once when that was before."""
        self._stops.append(stop)
        if self.cancelled:
            stop()


Stream = Generator[str, None, Finish]


class Backend(Protocol):
    """A language model. name: as configured. where: the server that words go to; None when
    they stay in this process. A server on this machine may pass them on, so it counts as one."""

    name: str
    where: str | None

    def stream(self, prompt: Prompt, cancel: Cancel | None = None) -> Stream:
        """The answer in pieces as they come; the generator's value says how it ended.

        Raises ModelFault when there is no answer, or one that may not be used. Closing the generator stops it.
        """


def read(stream: Stream) -> tuple[str, Finish]:
    """The whole of a stream."""
    pieces: list[str] = []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as end:
            return "".join(pieces), end.value


def switched_on(settings: ModelSettings) -> Backend | None:
    """The model that a person switched on, or None."""
    if settings.path:
        from assistant.llm.local import LocalModel

        return LocalModel(settings)
    if settings.base_url:
        from assistant.llm.server import Server

        return Server(settings)
    return None
