"""One conversation's way to the language model: masked on the way out, and written in the log.

The same prompt in the same conversation gets the same words: those of the log. Without a model the log alone is
read, which is how a conversation is replayed.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from assistant.events import Event, Generated
from assistant.llm.backend import SEED, Backend, Cancel, Finish, ModelFault, Prompt
from assistant.llm.masking import Mask

Purpose = Literal["voice", "question", "reading"]


@dataclass
class Recorder:
    """events: the log of the conversation, added to. backend: None to replay. exact: the entry must be of the
    same prompt; else the latest of its purpose is read, as when the log of one answer is shown again: what it
    says is checked anew either way.
    """

    backend: Backend | None
    events: list[Event]
    exact: bool = True
    _mask: Mask = field(default_factory=Mask)

    def lines(self, purpose: Purpose, prompt: Prompt, cancel: Cancel | None = None) -> Iterator[str]:
        """The lines of the answer as each is complete; a last line that was cut off is left out.

        Raises ModelFault after the lines that came before it, and when a replay has no such entry.
        """
        logged = self._logged(purpose, _digest(prompt))
        if logged is None:
            yield from self._asked(purpose, prompt, cancel)
            return
        yield from _complete(logged.text, logged.whole)
        if logged.fault:
            raise ModelFault(logged.fault, False, 0.0, **dict(logged.slots))

    def text(self, purpose: Purpose, prompt: Prompt, cancel: Cancel | None = None) -> str:
        """The whole answer. Raises ModelFault."""
        return "\n".join(self.lines(purpose, prompt, cancel))

    def _logged(self, purpose: Purpose, digest: str) -> Generated | None:
        """The entry of a prompt. One that failed counts in a replay only: it may be tried again."""
        for event in reversed(self.events):
            if not isinstance(event, Generated) or event.purpose != purpose:
                continue
            if event.prompt == digest or not self.exact:
                if event.fault and self.backend:
                    continue
                return event
        return None

    def _asked(self, purpose: Purpose, prompt: Prompt, cancel: Cancel | None) -> Iterator[str]:
        if self.backend is None:
            raise ModelFault("not_logged")
        written, given = "", 0
        stream = self.backend.stream(self._masked(prompt), cancel)
        try:
            while True:
                try:
                    written += next(stream)
                except StopIteration as end:
                    finish: Finish = end.value
                    break
                while (stop := written.find("\n", given)) >= 0:
                    line, given = written[given:stop], stop + 1
                    yield self._mask.show(line)
        except ModelFault as fault:
            slots = tuple((key, str(value)) for key, value in fault.slots.items())
            nobody = Finish(self.backend.name, "", None, None, False)
            self._log(purpose, prompt, written, nobody, fault.key, slots)
            raise
        finally:
            stream.close()
        self._log(purpose, prompt, written, finish)
        if finish.whole and written[given:].strip():
            yield self._mask.show(written[given:])

    def _masked(self, prompt: Prompt) -> Prompt:
        """As it may leave the process."""
        if self.backend is None or self.backend.where is None:
            return prompt
        return Prompt(prompt.system, self._mask.hide(prompt.user), prompt.limit, prompt.schema)

    def _log(
        self,
        purpose: Purpose,
        prompt: Prompt,
        text: str,
        finish: Finish,
        fault: str = "",
        slots: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.events.append(
            Generated(
                purpose=purpose,
                model=finish.model,
                version=finish.version,
                temperature=0.0,
                seed=SEED,
                prompt=_digest(prompt),
                text=self._mask.show(text),
                whole=finish.whole,
                fault=fault,
                slots=slots,
            )
        )


def _digest(prompt: Prompt) -> str:
    given = json.dumps([prompt.system, prompt.user, prompt.limit, prompt.schema], sort_keys=True)
    return hashlib.sha256(given.encode()).hexdigest()


def _complete(text: str, whole: bool) -> Iterator[str]:
    *lines, last = text.split("\n")
    yield from lines
    if whole and last.strip():
        yield last
