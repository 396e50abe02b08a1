"""Structured pruning of the text model's encoder: whole neurons leave, so that every matrix becomes smaller.

Of each feed-forward layer those go whose incoming and outgoing weights are least (the product of their norms; after
Li et al., ICLR 2017). Nothing is trained afterwards: what it costs is measured (`python -m benchmarks.compress`).
"""

import copy
from typing import Any

from torch_pair import torch


def pruned(network: Any, share: float) -> Any:
    """A copy of a case network without a share (0 to below 1) of the neurons of each feed-forward layer.

    Raises ValueError for a share that leaves none.
    """
    if not 0 <= share < 1:
        raise ValueError(f"a share of {share} of the neurons cannot be taken out")
    smaller = copy.deepcopy(network)
    with torch.no_grad():
        for layer in smaller.encoder.encoder.layer:
            _prune(layer, share)
    return smaller


def _prune(layer: Any, share: float) -> None:
    """layer: of a BERT; its `intermediate.dense` goes in and its `output.dense` comes out."""
    into, back = layer.intermediate.dense, layer.output.dense
    worth = into.weight.norm(dim=1) * back.weight.norm(dim=0)
    kept = worth.argsort(descending=True)[: max(1, round((1 - share) * len(worth)))].sort().values
    layer.intermediate.dense = _linear(into.weight[kept], into.bias[kept])
    layer.output.dense = _linear(back.weight[:, kept], back.bias)


def _linear(weight: Any, bias: Any) -> Any:
    made = torch.nn.Linear(weight.shape[1], weight.shape[0])
    made.weight.copy_(weight)
    made.bias.copy_(bias)
    return made
