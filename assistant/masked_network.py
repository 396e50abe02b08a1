"""A small network that names the diagnosis from as much of a consultation as is known.

Each epoch hides another part of every record, so that the network is calibrated for what is known in
the middle of a consultation and not only at its end (masked training, as in Bao et al. 2020 and Chen
et al. 2022, here with one hidden layer: the public sets hold a few hundred to a few thousand records).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.consultation_records import Heard, Known, Records
from knowledge.noisy_or import Floats

if TYPE_CHECKING:
    from torch_pair import torch

_HIDDEN = 256
_DROPOUT = 0.7
_FORGET = 0.1
"""Share of what is known that is hidden at random."""
_EPOCHS = 25
_BATCH = 64
_RATE = 3e-3
_DECAY = 1e-2
_MOST_ASKED = 14
_WHOLE = 0.15
"""Share of the records that are shown whole in an epoch."""


@dataclass(frozen=True)
class MaskedNetwork:
    """A fitted network: what is known -> P(diagnosis)."""

    layers: "torch.nn.Sequential"

    @classmethod
    def fit(cls, records: Records, seed: int) -> "MaskedNetwork":
        """Train on records; the same seed gives the same network on the same machine."""
        from torch_pair import torch

        rng = np.random.default_rng(seed)
        torch.manual_seed(seed)
        layers = torch.nn.Sequential(
            torch.nn.Linear(features(records.told[:1]).shape[1], _HIDDEN),
            torch.nn.ReLU(),
            torch.nn.Dropout(_DROPOUT),
            torch.nn.Linear(_HIDDEN, len(records.diagnoses)),
        )
        batches = -(-len(records) // _BATCH)
        optimizer = torch.optim.AdamW(layers.parameters(), lr=_RATE, weight_decay=_DECAY)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, _RATE, total_steps=_EPOCHS * batches, pct_start=0.2
        )
        diagnosis = torch.from_numpy(records.diagnosis)
        for _ in range(_EPOCHS):
            known = features(part_of(records, rng))
            for rows in np.array_split(rng.permutation(len(records)), batches):
                loss = torch.nn.functional.cross_entropy(
                    layers(torch.from_numpy(known[rows])), diagnosis[rows]
                )
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                schedule.step()
        return cls(layers.eval())

    def belief(self, known: Known) -> Floats:
        """(N, D) P(diagnosis | what is known)."""
        from torch_pair import torch

        with torch.no_grad():
            shares = torch.softmax(self.layers(torch.from_numpy(features(known))), dim=-1)
        return shares.numpy().astype(np.float64)


def features(known: Known) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(N, 8 S) one column for each thing that may be known of a symptom, and two that do not tell
    whether it was told or asked."""
    parts = [known == code for code in Heard if code is not Heard.NOTHING]
    parts.append((known == Heard.TOLD_PRESENT) | (known == Heard.PRESENT))
    parts.append((known == Heard.TOLD_ABSENT) | (known == Heard.ABSENT))
    return np.concatenate(parts, axis=1).astype(np.float32)


def part_of(records: Records, rng: np.random.Generator) -> Known:
    """(N, S) each record as it may be known after some questions, the commoner symptoms asked more."""
    size = records.told.shape
    asked = ((records.answers != Heard.NOT_MENTIONED) & (records.told == Heard.NOTHING)).mean(axis=0)
    taste = np.log(asked + 1e-3) * rng.uniform(0, 1.5, (len(records), 1)) + rng.gumbel(size=size)
    taste[records.told != Heard.NOTHING] = -np.inf
    place = np.argsort(np.argsort(-taste, axis=1), axis=1)
    count = rng.integers(0, _MOST_ASKED + 1, (len(records), 1))
    count[rng.random(len(records)) < _WHOLE] = size[1]
    shown = (place < count) | (records.told != Heard.NOTHING)
    return np.where(shown & (rng.random(size) >= _FORGET), records.answers, np.int8(Heard.NOTHING))
