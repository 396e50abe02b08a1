"""The text models: all-MiniLM-L6-v2 that reads Chinese, with a LoRA and heads over diseases and findings.

Each has weights and a model card in a folder of assistant/weights. `text` (`aetia train text`) and `text_first` are
the witness of the words, P(disease | the words of the case): the other is the same made earlier, from whole cases and
fewer generated ones. They err differently, and their mean is better than either. `reader` goes on with the findings
alone (`aetia train reader`), and is the second reader beside the lexicon.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant import packed_weights
from knowledge.errors import AetiaError
from knowledge.noisy_or import Floats
from retrieval.embedding import Encoder
from retrieval.vocabulary import Vocabulary

BUILTIN = Path(__file__).parent / "weights" / "text"
WITNESSES = (BUILTIN, BUILTIN.with_name("text_first"))
READER = BUILTIN.with_name("reader")
MAX_TOKENS = 384
_CLAUSE_ENDS = frozenset(",;.!?\n，、；。！？")


class TextWeightsMissing(AetiaError):
    """The text model's weights are not where they should be, or not whole."""


@dataclass(frozen=True)
class ReadFinding:
    """A finding (bare id) that the model reads in a text.

    probability: that the text speaks of it. denied: probability that it is denied where it is spoken of.
    start, end: the clause that speaks for it most. at: where in it the word stands that does.
    """

    finding: str
    probability: float
    denied: float
    start: int
    end: int
    at: int


@dataclass(frozen=True)
class TextModel:
    """A network ready to read. diseases, findings: bare ids, one for each row of a head; no diseases in the reader.

    temperature: divides the logits of diseases, so that the probabilities are calibrated.
    """

    diseases: tuple[str, ...]
    findings: tuple[str, ...]
    temperature: float
    _vocabulary: Vocabulary
    _network: Any

    @classmethod
    def load(cls, encoder: Encoder, folder: Path = BUILTIN) -> "TextModel":
        """The model on a copy of an encoder's network, whose weights the LoRA changes.

        Raises TextWeightsMissing.
        """
        from assistant.text_network import CaseNetwork
        from retrieval.adapter import apply_lora

        try:
            card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
            weights = packed_weights.load(folder / "model.safetensors")
        except (OSError, ValueError) as fault:
            raise TextWeightsMissing(
                f"The text model's weights cannot be read in {folder}: {fault}. "
                f"Reinstall Aetia, or make them with `aetia train {folder.name}`."
            ) from fault
        whole = encoder.network[1]
        # The vectors of words, half of it, are as they were in all of them.
        body = copy.deepcopy(whole, {id(whole.embeddings): whole.embeddings})
        apply_lora(body, weights, card["lora"]["scale"])
        network = CaseNetwork(body, len(card["diseases"]), len(card["findings"]))
        for name in ("diseases", "findings", "denied") if card["diseases"] else ("findings", "denied"):
            state = {part: weights[f"{name}.{part}"] for part in ("weight", "bias")}
            getattr(network, name).load_state_dict(state)
        return cls(
            tuple(card["diseases"]),
            tuple(card["findings"]),
            card["temperature"],
            Vocabulary(encoder.folder, MAX_TOKENS, encoder.network[0].characters),
            network.eval(),
        )

    @property
    def network(self) -> Any:
        """The network, as CaseNetwork is called."""
        return self._network

    def on(self, network: Any) -> "TextModel":
        """The same model on another form of its network."""
        return replace(self, _network=network)

    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        """(n, diseases) log P(disease | text), calibrated."""
        from torch_pair import torch

        with torch.inference_mode():
            tokens, _ = self._vocabulary.tokens(texts)
            logits = self._network(tokens).diseases / self.temperature
            return np.asarray(torch.log_softmax(logits, dim=1).double().numpy())

    def states(self, texts: Sequence[str]) -> Any:
        """(n, width) what the network's head over diseases reads, of the network as it was trained."""
        from retrieval.chinese import pooled
        from torch_pair import torch

        with torch.inference_mode():
            tokens, _ = self._vocabulary.tokens(texts)
            return pooled(self._network.encoder(**tokens).last_hidden_state, tokens["attention_mask"])

    def read(self, text: str, least: float) -> list[ReadFinding]:
        """The findings that a text speaks of with at least a probability, in the order of the text."""
        from torch_pair import torch

        with torch.inference_mode():
            tokens, offsets = self._vocabulary.tokens([text])
            scores = self._network(tokens, places=True)
            probability = torch.sigmoid(scores.findings[0]).numpy()
            denied = torch.sigmoid(scores.denied[0]).numpy()
            places = scores.places[0]
        found = []
        for row in np.flatnonzero(probability >= least):
            at, until = offsets[0][int(np.argmax(places[row].numpy()))]
            start, end = _clause(at, until, text)
            found.append(
                ReadFinding(self.findings[row], float(probability[row]), float(denied[row]), start, end, at)
            )
        return sorted(found, key=lambda f: (f.start, f.finding))


def _clause(start: int, end: int, text: str) -> tuple[int, int]:
    """The clause around a token."""
    while start > 0 and text[start - 1] not in _CLAUSE_ENDS:
        start -= 1
    while end < len(text) and text[end] not in _CLAUSE_ENDS:
        end += 1
    while start < end and text[start].isspace():
        start += 1
    return start, end
