"""The network of the text models: one pass over the words names the disease, or reads the findings, or both.

A transformer encoder; on the mean of its token states a linear head over diseases; on every token
state a linear head over findings, pooled over the tokens by a softmax of the same scores (attention
pooling: Ilse et al., ICML 2018), and one over denial, pooled with the same weights. So each finding
comes with the place in the text that speaks for it.
"""

from dataclasses import dataclass
from typing import Any

from retrieval.chinese import pooled
from torch_pair import torch

_SHARPNESS = 2.0
"""Of the softmax over tokens: higher, and a finding rests on fewer words."""


@dataclass(frozen=True)
class Scores:
    """Of n texts. diseases: (n, D) logits, None without that head. findings: (n, F) logits that a text speaks of a finding.
    denied: (n, F) logits that it denies it. places: (n, F, t) share of each token; None in training."""

    diseases: Any
    findings: Any
    denied: Any
    places: Any


class CaseNetwork(torch.nn.Module):
    """Encoder with heads. encoder: a transformers model with `last_hidden_state`. diseases: none of them, and the
    network has no head for them."""

    def __init__(self, encoder: Any, diseases: int, findings: int) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.diseases = torch.nn.Linear(width, diseases) if diseases else None
        self.findings = torch.nn.Linear(width, findings)
        self.denied = torch.nn.Linear(width, 1)

    def forward(self, tokens: dict[str, Any], places: bool = False, among: Any = None) -> Scores:
        """Scores of a batch of token ids and masks, each (n, t).

        among: (K,) rows of the findings to score; all when None, and F is K otherwise.
        """
        states = self.encoder(**tokens).last_hidden_state
        mask = tokens["attention_mask"]
        head = self.findings
        weight, bias = (head.weight, head.bias) if among is None else (head.weight[among], head.bias[among])
        each = torch.nn.functional.linear(states, weight, bias)
        share = torch.softmax(_SHARPNESS * each + (mask.unsqueeze(-1).to(each.dtype) - 1) * 1e4, dim=1)
        return Scores(
            self.diseases(pooled(states, mask)) if self.diseases else None,
            (share * each).sum(1),
            (share * self.denied(states)).sum(1),
            share.transpose(1, 2) if places else None,
        )
