"""The words that an encoder reads: its own vocabulary, and Chinese characters numbered after it.

all-MiniLM-L6-v2 was trained on English; of Chinese it knows 488 characters by name only. Its tokenizer
already splits Chinese into characters, so each character that the pack and our cases use gets a row of its
own at the end of the vocabulary; `aetia train chinese` gives the rows their meaning.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from knowledge.normalise import is_chinese

FEWEST_USES = 2
"""Uses from which a character is worth a row."""
_PADS = ("[PAD]", "<pad>")


def characters(texts: Iterable[str]) -> tuple[str, ...]:
    """The Chinese characters that texts use at least `FEWEST_USES` times, in code-point order."""
    uses = Counter(ch for text in texts for ch in text if is_chinese(ch))
    return tuple(sorted(ch for ch, count in uses.items() if count >= FEWEST_USES))


class Vocabulary:
    """Texts -> token ids.

    folder: of a model, with its tokenizer.json. longest: tokens after which a text is cut.
    characters: the rows added, in their order; for a WordPiece vocabulary only.
    """

    def __init__(self, folder: Path, longest: int, characters: Sequence[str] = ()) -> None:
        from tokenizers import Tokenizer

        raw = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        if characters:
            words: dict[str, int] = raw["model"]["vocab"]
            after = max(words.values()) + 1
            words.update({character: after + row for row, character in enumerate(characters)})
        self.characters = tuple(characters)
        self._tokenizer: Any = Tokenizer.from_str(json.dumps(raw))
        self._tokenizer.enable_truncation(max_length=longest)
        pads = {pad: self._tokenizer.token_to_id(pad) for pad in _PADS}
        pad, pad_id = next((p, i) for p, i in pads.items() if i is not None)
        self._tokenizer.enable_padding(pad_id=pad_id, pad_token=pad)

    def tokens(self, texts: Sequence[str]) -> tuple[dict[str, Any], list[list[tuple[int, int]]]]:
        """(n, t) tensors `input_ids` and `attention_mask`, and where each token stands in its text."""
        from torch_pair import torch

        encoded = self._tokenizer.encode_batch(list(texts))
        return (
            {
                "input_ids": torch.tensor([e.ids for e in encoded]),
                "attention_mask": torch.tensor([e.attention_mask for e in encoded]),
            },
            [e.offsets for e in encoded],
        )
