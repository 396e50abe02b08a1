"""Loads what reads language: the encoder once, and on it the classifier, the literature, similarity."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.diagnosis import Witness
from assistant.literature import Literature
from assistant.similar import SimilarFindings, finding_texts
from assistant.text_model import TextModel, TextWitness
from knowledge.base import KnowledgeBase
from knowledge.pack import cache_folder, load_pack
from retrieval.embedding import Encoder
from retrieval.vector_cache import VectorCache, text_key, write_shard

SHIPPED = Path(__file__).parent / "weights" / "vectors.npy"
"""Vectors of the built-in pack's passages and findings, so that a first start need not make them."""


def load_witnesses(
    base: KnowledgeBase, progress: Callable[[str], None]
) -> tuple[Sequence[Witness], SimilarFindings]:
    """The text classifier and the literature, and the similarity of clauses to findings.

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
    names = finding_texts(base)
    vectors = cache.vectors([*about, *(text for _, text in names)], made)
    literature = Literature(base, encode, vectors[: len(about)], rows)
    similar = SimilarFindings([finding for finding, _ in names], vectors[len(about) :], encode)
    progress("Loading the text classifier")
    tokenizer, network = encoder.network
    model = TextModel.load(network, tokenizer)
    return (TextWitness(model, base), literature), similar


def ship_vectors() -> str:
    """Write the vectors that come with the built-in pack; says how many."""
    base = load_pack()
    texts = sorted({*passage_texts(base)[0], *(text for _, text in finding_texts(base))})
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
