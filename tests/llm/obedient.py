"""A language model that says whatever a test wants, as the worst one would."""

from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.llm.backend import Cancel, Finish, Prompt, Stream


@dataclass
class Obedient:
    """Answers with `say(prompt)`; keeps what it was given."""

    say: Callable[[Prompt], str]
    name: str = "obedient"
    where: str | None = None
    given: list[Prompt] = field(default_factory=list)

    def stream(self, prompt: Prompt, cancel: Cancel | None = None) -> Stream:
        self.given.append(prompt)
        text = self.say(prompt)
        for start in range(0, len(text), 11):
            yield text[start : start + 11]
        return Finish(self.name, "1", None, None, True)
