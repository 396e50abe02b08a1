"""Our own count of tokens: what a prompt may take, and whether the model read all of it.

No tokenizer is known beforehand, so the count is a pair of bounds. A server that cuts long prompts in silence
(Ollama at its context length) reports fewer tokens than the lower bound, or than its own rate on short prompts
lets expect.
"""

import re
from dataclasses import dataclass, field

from assistant.llm.backend import ModelFault, Prompt

_WORD = re.compile(r"[A-Za-zÀ-ÿ]+|\d|[^\sA-Za-zÀ-ÿ\d\u3400-\u9fff]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_TEMPLATE = 1024
"""Tokens at most that a chat template adds."""
_SHORT = 400
"""A prompt of so many tokens is within any context, so its rate can be trusted."""
_SAME_RATE = 0.7
"""Share of the expected tokens from which a prompt counts as read whole: texts differ that much."""
_LETTERS_A_TOKEN = 3.0


def least(text: str) -> int:
    """Tokens that no usual tokenizer stays below: a token a word, half a token a Chinese character."""
    words = sum(0.3 if w.isdigit() else 1.0 for w in _WORD.findall(text))
    return int(0.9 * words + 0.5 * len(_CHINESE.findall(text)))


def most(text: str) -> int:
    """Tokens that a usual tokenizer stays below, by which prompts are kept within the budget."""
    words = sum(max(1.0, len(w) / _LETTERS_A_TOKEN) for w in _WORD.findall(text))
    return int(words + 1.3 * len(_CHINESE.findall(text))) + 1


@dataclass
class Ruler:
    """Measures one model's prompts. context: tokens that prompt and answer may take together."""

    context: int
    where: str
    _rates: list[float] = field(default_factory=list)

    def fit(self, prompt: Prompt) -> None:
        """Raises ModelFault when a prompt is beyond the budget: it is never cut."""
        budget = self.context - prompt.limit
        if (tokens := most(prompt.text)) > budget:
            raise ModelFault("prompt_too_long", tokens=tokens, budget=budget)

    def check(self, prompt: Prompt, read: int | None) -> None:
        """Raises ModelFault when the tokens that the model says it read cannot be the whole prompt."""
        sent, size = least(prompt.text), len(prompt.text.encode())
        if read is None:
            if sent > _SHORT:
                raise ModelFault("usage_missing", where=self.where, tokens=sent)
            return
        if read > size + _TEMPLATE:
            raise ModelFault("usage_wrong", where=self.where, read=read, bytes=size)
        expected = max(float(sent), *(_SAME_RATE * rate * sent for rate in self._rates), 0.0)
        if read < expected:
            raise ModelFault("prompt_cut", where=self.where, read=read, sent=round(expected))
        if sent <= _SHORT and not self._rates:
            self._rates.append(read / max(sent, 1))
