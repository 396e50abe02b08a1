"""Chinese for an English encoder: rows of characters added to its word embedding."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.errors import AetiaError
from torch_pair import torch


class ChineseUnusable(AetiaError):
    """The rows of the Chinese characters are missing or damaged."""


@dataclass(frozen=True)
class ChineseRows:
    """characters: in the order of the rows. rows: (characters, width) float32. sha256: of the file."""

    characters: tuple[str, ...]
    rows: Any
    sha256: str

    @classmethod
    def load(cls, path: Path) -> "ChineseRows":
        """Rows and their characters, checked against the hash that stands beside them.

        Raises ChineseUnusable.
        """
        from safetensors.torch import load

        try:
            content = path.read_bytes()
            card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise ChineseUnusable(f"{path} cannot be read: {fault}. Reinstall Aetia.") from fault
        if (found := hashlib.sha256(content).hexdigest()) != card["sha256"]:
            raise ChineseUnusable(f"{path} has SHA-256 {found}, expected {card['sha256']}. Reinstall Aetia.")
        return cls(tuple(card["characters"]), load(content)["rows"].float(), found)

    def save(self, path: Path, card: dict[str, Any]) -> None:
        """Write rows as float16 and a card with characters and hash."""
        from safetensors.torch import save

        content = save({"rows": self.rows.half()})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        named = {
            **card,
            "sha256": hashlib.sha256(content).hexdigest(),
            "characters": "".join(self.characters),
        }
        path.with_suffix(".json").write_text(json.dumps(named, indent=1, ensure_ascii=False), "utf-8")


class ExtendedEmbedding(torch.nn.Module):
    """A frozen word embedding with rows added. added: (rows, width)."""

    def __init__(self, base: Any, added: Any) -> None:
        super().__init__()
        self.base = base
        self.added = torch.nn.Parameter(added)

    def forward(self, ids: Any) -> Any:
        """Embeddings of token ids; those past the base's end are rows of `added`."""
        size = self.base.num_embeddings
        old = self.base(ids.clamp(max=size - 1))
        new = self.added[(ids - size).clamp(min=0)]
        return torch.where((ids >= size).unsqueeze(-1), new, old)


def pooled(states: Any, mask: Any) -> Any:
    """(n, width) mean of the token states (n, t, width) under a mask (n, t)."""
    share = mask.unsqueeze(-1).to(states.dtype)
    return (states * share).sum(1) / share.sum(1)
