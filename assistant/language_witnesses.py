"""Loads what reads language: the encoder once, and on it the text model and the literature."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.diagnosis import Witness
from assistant.literature import Literature
from assistant.second_reader import SecondReader
from assistant.text_model import TextModel
from assistant.words_witness import TextWitness
from knowledge.base import KnowledgeBase
from knowledge.pack import cache_folder, load_pack
from retrieval.embedding import Encoder
from retrieval.vector_cache import VectorCache, text_key, write_shard

SHIPPED = Path(__file__).parent / "weights" / "vectors.npy"
"""Vectors of the built-in pack's passages, so that a first start need not make them."""


def load_witnesses(
    base: KnowledgeBase, progress: Callable[[str], None]
) -> tuple[Sequence[Witness], SecondReader]:
    """The witnesses of the words and of the literature, and the second reader.

    Raises ModelUnusable, TextWeightsMissing.
    """
    from torch_pair import torch

    progress("Loading the sentence encoder")
    torch.set_num_threads(1)  # one person's words: more threads spend longer meeting than working
    encoder = Encoder.load()
    cache = VectorCache(cache_folder() / "vectors", encoder, [SHIPPED])
    encode = _remembering(encoder)

    def made(done: int, total: int) -> None:
        progress(f"Reading the passages of the pack, {done} of {total}")

    about, rows = passage_texts(base)
    literature = Literature(base, encode, cache.vectors(about, made), rows)
    progress("Loading the text model")
    model = TextModel.load(encoder)
    return (TextWitness(model, base), literature), SecondReader(model, base)


def ship_vectors() -> str:
    """Write the vectors that come with the built-in pack; says how many."""
    base = load_pack()
    texts = sorted(set(passage_texts(base)[0]))
    encoder = Encoder.load()
    vectors = VectorCache(cache_folder() / "vectors", encoder).vectors(texts)
    write_shard(SHIPPED, encoder.sha256, [text_key(text) for text in texts], vectors.astype(np.float16))
    return f"{len(texts)} vectors in {SHIPPED}"


def passage_texts(base: KnowledgeBase) -> tuple[list[str], NDArray[np.int64]]:
    """English texts of the passages about diseases, and (n,) the row of each one's disease."""
    row = {f"disease:{d}": i for i, d in enumerate(base.diseases)}
    pairs = [(p.en, row[ref]) for p in base.passages.values() for ref in p.about if ref in row]
    return [text for text, _ in pairs], np.array([r for _, r in pairs], np.int64)


def _remembering(encoder: Encoder) -> Callable[[list[str]], Any]:
    """An encoder that does not read the same words twice in a row (a case within one turn)."""
    last: dict[str, Any] = {}

    def encode(texts: list[str]) -> Any:
        missing = [text for text in dict.fromkeys(texts) if text not in last]
        kept = {text: last[text] for text in texts if text in last}
        fresh = dict(zip(missing, encoder.encode(missing), strict=True)) if missing else {}
        last.clear()
        last.update(kept | fresh)
        return np.array([last[text] for text in texts])

    return encode
