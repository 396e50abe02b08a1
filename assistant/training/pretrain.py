"""`aetia train text --pretrain CORPUS`: medical text before medical cases.

The LoRA that will learn cases first learns to fill in masked words (Devlin et al., NAACL 2019: 15 % of the tokens,
of which 8 in 10 become [MASK], 1 another token, 1 stays). The head that guesses the words is tied to the word
embedding and thrown away afterwards, so the weights that are shipped have the same form with it and without.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.training.distil import batches
from assistant.training.learning import Learner
from knowledge.errors import AetiaError
from retrieval.documents import SUFFIXES, DocumentRefused, read
from retrieval.passages import split
from torch_pair import torch

_MASKED = 0.15
_SHARES = (0.8, 0.9)
"""Of the masked tokens: below the first [MASK], below the second another token, else as it was."""
_HELD = 20
"""One text in so many is kept apart."""
_NEVER = ("[PAD]", "[CLS]", "[SEP]")
_UNCOUNTED = -100


class CorpusUnusable(AetiaError):
    """There is no text to learn from."""


@dataclass(frozen=True)
class Corpus:
    """texts: passages, in the order of the files. sha256: of them all."""

    texts: tuple[str, ...]
    sha256: str

    @classmethod
    def open(cls, path: Path) -> "Corpus":
        """The passages of a file or folder; a file that cannot be read is passed over. Raises CorpusUnusable."""
        texts = tuple(dict.fromkeys(_passages(path)))
        if len(texts) < _HELD:
            raise CorpusUnusable(f"{path} holds {len(texts)} passages; at least {_HELD} are needed")
        return cls(texts, hashlib.sha256("\0".join(texts).encode()).hexdigest())


def _passages(path: Path) -> Iterator[str]:
    files = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES) if path.is_dir() else [path]
    for file in files:
        try:
            yield from (passage.text for document in read(file) for passage in split(document))
        except DocumentRefused:
            continue


class Filler:
    """Guesses masked words with a learner's encoder. folder: of the encoder, with its tokenizer.json."""

    def __init__(self, learner: Learner, folder: Path, seed: int) -> None:
        words = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
        if not isinstance(words, dict) or "[MASK]" not in words:
            raise CorpusUnusable(
                f"The vocabulary in {folder} has no [MASK], so no word can be masked with it"
            )
        self._learner = learner
        self._mask, self._words = words["[MASK]"], len(words)
        self._never = torch.tensor([words[name] for name in _NEVER])
        self._random = torch.Generator().manual_seed(seed)
        width = learner.network.findings.in_features
        torch.manual_seed(seed)
        self.head = torch.nn.Sequential(
            torch.nn.Linear(width, width), torch.nn.GELU(), torch.nn.LayerNorm(width)
        )

    def loss(self, texts: Sequence[str], generator: Any = None) -> Any:
        """Mean nats a masked word. generator: draws the masks; the filler's own when None."""
        tokens, labels = self._masked(texts, generator or self._random)
        encoder = self._learner.network.encoder
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = encoder(**tokens).last_hidden_state[labels != _UNCOUNTED]
            guesses = self.head(states) @ self._embedding(encoder).T
        return torch.nn.functional.cross_entropy(guesses.float(), labels[labels != _UNCOUNTED])

    def _masked(self, texts: Sequence[str], generator: Any) -> tuple[dict[str, Any], Any]:
        tokens = self._learner.tokens(texts)
        ids = tokens["input_ids"]
        drawn = torch.rand(ids.shape, generator=generator)
        chosen = (drawn < _MASKED) & ~torch.isin(ids, self._never)
        if not chosen.any():
            chosen[0, 1] = True
        how = torch.rand(ids.shape, generator=generator)
        other = torch.randint(0, self._words, ids.shape, generator=generator)
        masked = torch.where(how < _SHARES[0], self._mask, torch.where(how < _SHARES[1], other, ids))
        labels = torch.where(chosen, ids, _UNCOUNTED)
        return {**tokens, "input_ids": torch.where(chosen, masked, ids)}, labels

    def _embedding(self, encoder: Any) -> Any:
        """(words, width), with the rows of the Chinese characters after those of the base."""
        words = encoder.get_input_embeddings()
        return torch.cat([words.base.weight, words.added]) if hasattr(words, "added") else words.weight


def pretrain(
    learner: Learner, folder: Path, corpus: Corpus, seed: int, passes: int = 1, batch: int = 32
) -> list[float]:
    """Let the learner's LoRA read a corpus; nats a masked word on the texts kept apart, before and after each pass."""
    from tqdm import tqdm

    held = corpus.texts[::_HELD]
    taught = [text for at, text in enumerate(corpus.texts) if at % _HELD]
    filler = Filler(learner, folder, seed)
    lora = [p for name, p in learner.network.encoder.named_parameters() if "lora_" in name]
    parameters = [*lora, *filler.head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01)
    measured = [_held_loss(filler, held, batch)]
    for at in range(passes):
        for few in tqdm(list(batches(taught, batch, f"{seed}/{at}")), desc=f"pass {at + 1}", mininterval=5):
            optimizer.zero_grad()
            filler.loss([taught[i] for i in few]).backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
        measured.append(_held_loss(filler, held, batch))
    return measured


def _held_loss(filler: Filler, held: Sequence[str], batch: int) -> float:
    """On the texts kept apart, with the same masks each time."""
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        few = [held[at : at + batch] for at in range(0, len(held), batch)]
        return round(sum(float(filler.loss(texts, generator)) for texts in few) / len(few), 4)
