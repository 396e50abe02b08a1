"""A text model while it learns: network, losses, one step, and what is kept of it."""

import copy
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from assistant.text_model import MAX_TOKENS
from assistant.text_network import CaseNetwork, Scores
from assistant.training.examples import Example
from knowledge.base import KnowledgeBase
from knowledge.noisy_or import Floats
from retrieval.adapter import lora_pairs, lora_weights
from retrieval.embedding import Encoder
from retrieval.vocabulary import Vocabulary
from torch_pair import torch  # before peft, which imports torchvision

LORA_RANK = 32
LORA_ALPHA = 64
LORA_ON = r".*encoder.*(query|key|value|dense)"
_FINDINGS_SHARE = 0.1
"""Weight of the findings' loss, summed over findings, beside that of the disease."""
_DENIED_SHARE = 0.5
_SAMPLED = 256
"""Findings scored for those that no text of a batch speaks of."""
_NAME_SCALE, _NAME_BIAS = 4.0, -4.0
"""The head over findings begins as a comparison with the vectors of their names."""


class Learner:
    """A network that learns, on a copy of an encoder's. reader: it learns the findings alone."""

    def __init__(self, base: KnowledgeBase, encoder: Encoder, seed: int, reader: bool = False) -> None:
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(seed)
        self._rng = random.Random(seed)
        body = copy.deepcopy(encoder.network[1])
        body.set_attn_implementation("eager")  # its backward is three times as fast on a CPU
        lora = LoraConfig(r=LORA_RANK, lora_alpha=LORA_ALPHA, target_modules=LORA_ON, lora_dropout=0.05)
        self._vocabulary = Vocabulary(encoder.folder, MAX_TOKENS, encoder.network[0].characters)
        self._diseases = () if reader else tuple(base.diseases)
        self._findings = tuple(base.findings)
        self.network = CaseNetwork(get_peft_model(body, lora), len(self._diseases), len(self._findings))
        self._begin_with_names(base, encoder)

    def parameters(self, learning_rate: float, head_learning_rate: float) -> list[dict[str, Any]]:
        """Groups for an optimizer: the LoRA, and the heads."""
        heads = [p for head in self._heads.values() for p in head.parameters()]
        mine = {id(p) for p in heads}
        slow = [p for p in self.network.parameters() if p.requires_grad and id(p) not in mine]
        return [{"params": slow, "lr": learning_rate}, {"params": heads, "lr": head_learning_rate}]

    def begin_with(self, weights: Mapping[str, Any], card: Mapping[str, Any]) -> None:
        """Go on from the weights of a model that was saved. card: its model card."""
        with torch.no_grad():
            for layer, side, value in lora_pairs(self.network.encoder):
                value.copy_(weights[f"{layer}.{side}"])
            for name, own in (("diseases", self._diseases), ("findings", self._findings)):
                row = {known: i for i, known in enumerate(own)}
                known = [(row[k], i) for i, k in enumerate(card[name]) if k in row]
                if known:
                    mine, theirs = (list(rows) for rows in zip(*known, strict=True))
                    for part, value in self._heads[name].named_parameters():
                        value[mine] = weights[f"{name}.{part}"][theirs].float()
            for part, value in self.network.denied.named_parameters():
                value.copy_(weights[f"denied.{part}"])

    def loss(self, batch: Sequence[Example], smoothing: float) -> Any:
        """Of a batch: the disease (not of a reader), the findings, and which of them are denied.

        Of the findings that no text of the batch speaks of, a sample is scored for all of them.
        """
        tokens, _ = self._vocabulary.tokens([example.text for example in batch])
        spoken = {f for example in batch for f in (*example.present, *example.absent)}
        others = [f for f in range(self.network.findings.out_features) if f not in spoken]
        few = sorted(spoken) + self._rng.sample(others, min(_SAMPLED, len(others)))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores: Scores = self.network(tokens, among=torch.tensor(few))
        column = {finding: i for i, finding in enumerate(few)}
        counts = torch.ones(len(few))
        counts[len(spoken) :] = len(others) / max(len(few) - len(spoken), 1)
        read = _FINDINGS_SHARE * _findings_loss(
            scores.findings.float(), batch, column, counts
        ) + _DENIED_SHARE * _denied_loss(scores.denied.float(), batch, column)
        if scores.diseases is None:
            return read
        return read + _disease_loss(scores.diseases.float(), batch, smoothing)

    def tokens(self, texts: Sequence[str]) -> dict[str, Any]:
        """(n, t) token ids and masks."""
        return self._vocabulary.tokens(texts)[0]

    def scores(self, texts: Sequence[str], batch: int = 64) -> tuple[Floats, Floats, Floats]:
        """(n, D) logits of diseases (of a reader none, D is 0), (n, F) of findings, (n, F) of denial."""
        self.network.eval()
        parts = []
        with torch.inference_mode():
            for at in range(0, len(texts), batch):
                found = self.network(self._vocabulary.tokens(texts[at : at + batch])[0])
                named = torch.empty(len(found.findings), 0) if found.diseases is None else found.diseases
                parts.append((named.numpy(), found.findings.numpy(), found.denied.numpy()))
        self.network.train()
        diseases, findings, denied = (np.concatenate(side) for side in zip(*parts, strict=True))
        return diseases, findings, denied

    def places(
        self, texts: Sequence[str], batch: int = 32
    ) -> Iterator[tuple[Floats, Floats, Sequence[tuple[int, int]]]]:
        """Of each text: (F,) probabilities of the findings, (F, t) shares of its tokens, and where those stand."""
        self.network.eval()
        with torch.inference_mode():
            for at in range(0, len(texts), batch):
                tokens, offsets = self._vocabulary.tokens(texts[at : at + batch])
                found = self.network(tokens, places=True)
                probability, shares = torch.sigmoid(found.findings).numpy(), found.places.numpy()
                for i, stands in enumerate(offsets):
                    yield probability[i], shares[i, :, : len(stands)], stands
        self.network.train()

    def weights(self) -> dict[str, Any]:
        """LoRA pairs by layer and heads, as float16."""
        named = lora_weights(self.network.encoder)
        for name, head in self._heads.items():
            for part, value in head.state_dict().items():
                named[f"{name}.{part}"] = value.detach().half().clone()
        return named

    def state(self) -> dict[str, Any]:
        """All that is trained, for a checkpoint."""
        kept = {name for name, p in self.network.named_parameters() if p.requires_grad}
        return {name: v for name, v in self.network.state_dict().items() if name in kept}

    @property
    def _heads(self) -> dict[str, Any]:
        named = ((name, getattr(self.network, name)) for name in ("diseases", "findings", "denied"))
        return {name: head for name, head in named if head is not None}

    def _begin_with_names(self, base: KnowledgeBase, encoder: Encoder) -> None:
        texts = [f"{f.names.en[0]}. {f.question.en}" for f in base.findings.values()]
        vectors = torch.from_numpy(encoder.encode(texts))
        with torch.no_grad():
            away = torch.nn.functional.normalize(vectors - vectors.mean(0), dim=1)
            self.network.findings.weight.copy_(_NAME_SCALE * away)
            self.network.findings.bias.fill_(_NAME_BIAS)


def _disease_loss(logits: Any, batch: Sequence[Example], smoothing: float) -> Any:
    """Cross-entropy with the shares of each target, over the texts that name a disease."""
    rows = [i for i, example in enumerate(batch) if example.diseases]
    if not rows:
        return logits.sum() * 0.0
    target = torch.full((len(rows), logits.shape[1]), smoothing / logits.shape[1])
    for at, i in enumerate(rows):
        for disease, share in batch[i].diseases.items():
            target[at, disease] += (1 - smoothing) * share
    return -(target * torch.log_softmax(logits[rows], dim=1)).sum(1).mean()


def _findings_loss(logits: Any, batch: Sequence[Example], column: Mapping[int, int], weight: Any) -> Any:
    """Asymmetric loss (Ridnik et al., ICCV 2021): easy negatives, nearly all, weigh nearly nothing."""
    target, counts = torch.zeros_like(logits), weight.repeat(len(batch), 1)
    for i, example in enumerate(batch):
        target[i, [column[f] for f in (*example.present, *example.absent)]] = 1.0
        counts[i, [column[f] for f in example.unsaid if f in column]] = 0.0
    probability = torch.sigmoid(logits)
    positive = -torch.nn.functional.logsigmoid(logits)
    negative = -torch.nn.functional.logsigmoid(-logits) * probability.detach() ** 2
    return (counts * (target * positive + (1 - target) * negative)).sum(1).mean()


def _denied_loss(logits: Any, batch: Sequence[Example], column: Mapping[int, int]) -> Any:
    """Cross-entropy of denial, over the findings that a text states or denies."""
    places = [(i, f) for i, e in enumerate(batch) for f in (*e.present, *e.absent)]
    if not places:
        return logits.sum() * 0.0
    target = torch.tensor([float(f in batch[i].absent) for i, f in places])
    rows, columns = zip(*places, strict=True)
    return torch.nn.functional.binary_cross_entropy_with_logits(
        logits[list(rows), [column[f] for f in columns]], target
    )
