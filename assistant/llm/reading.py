"""The language model as one more reader: what it finds is suggested, never believed.

Each observation that it lists must quote words of the text, and name a concept that the lexicon knows; the words
around the quote must not say otherwise. What passes is shown beside our own reading, marked, until the person says
yes to it or strikes it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.context import Context
from assistant.events import Observation, State
from assistant.llm.backend import Cancel, Prompt
from assistant.llm.recorder import Recorder
from assistant.llm.words import instruction
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language
from knowledge.lexicon import Lexicon

_LIMIT = 700
_QUOTE = 160
"""Characters of a quote at most: a finding is a few words."""


class Found(BaseModel):
    """One observation as the model lists it."""

    model_config = ConfigDict(extra="forbid")
    finding: str
    state: Literal["present", "absent"]
    quote: str


class Listed(BaseModel):
    """All that it lists."""

    model_config = ConfigDict(extra="forbid")
    observations: list[dict[str, Any]]


class ModelReader:
    """Reads one knowledge base's findings through a language model; made once."""

    def __init__(self, base: KnowledgeBase, lexicon: Lexicon) -> None:
        self._base = base
        self._lexicon = lexicon
        self._schema = _schema()

    def read(
        self, recorder: Recorder, text: str, said: int, language: Language, cancel: Cancel | None = None
    ) -> tuple[Observation, ...]:
        """What the model finds in the words of one message, the first of each concept. Raises ModelFault."""
        prompt = Prompt(instruction("reading", language), text, _LIMIT, self._schema)
        context = Context(text, language)
        found: dict[str, Observation] = {}
        for one in _listed(recorder.text("reading", prompt, cancel)):
            if observation := self._mapped(one, text, said, context):
                found.setdefault(observation.ref, observation)
        return tuple(found.values())

    def _mapped(self, one: Found, text: str, said: int, context: Context) -> Observation | None:
        """The observation, when its quote stands in the text, its name is a finding's, and its state agrees."""
        place = _place(one.quote, text)
        ref = self._finding(one.finding)
        if place is None or ref is None:
            return None
        senses = context.senses(*place, scattered=True)
        if senses & {"family", "past", "asking", "uncertain"}:
            return None
        state: State = "absent" if "negation" in senses else "present"
        if state != one.state:
            return None
        start, end = place
        return Observation(
            ref=ref, state=state, manner="model", text=text[start:end], said=said, start=start, end=end
        )

    def _finding(self, name: str) -> str | None:
        """The one finding that a name names as a whole."""
        refs = {
            ref
            for m in self._lexicon.mentions(name)
            if 2 * (m.end - m.start) >= len(name.strip())
            for ref in m.refs
            if ref.startswith("finding:")
        }
        return refs.pop() if len(refs) == 1 else None


def _listed(answer: str) -> Iterator[Found]:
    """The well-formed observations of an answer; words around the JSON are passed over."""
    start, end = answer.find("{"), answer.rfind("}")
    try:
        raw = Listed.model_validate(json.loads(answer[start : end + 1]))
    except (ValueError, RecursionError):
        return
    for one in raw.observations:
        try:
            yield Found.model_validate(one)
        except ValidationError:
            continue


def _place(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands, whatever its spaces and capitals."""
    words = quote.split()
    if not words or len(quote) > _QUOTE:
        return None
    match = re.search(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE)
    return match.span() if match else None


def _schema() -> dict[str, Any]:
    listed = Listed.model_json_schema()
    listed["properties"]["observations"]["items"] = Found.model_json_schema()
    return listed
