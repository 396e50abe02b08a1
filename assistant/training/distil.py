"""`aetia train chinese`: give the Chinese characters their meaning; a Chinese text is to have the vector of its English twin.

Knowledge distillation across languages (Reimers and Gurevych, EMNLP 2020). The teacher is MiniLM as
published; the pupil is the same network reading Chinese, in which only the rows of the characters are
trained. The twins are what the pack says in both languages: names, questions, statements.
"""

import copy
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from assistant.training.bank import bank
from knowledge.base import KnowledgeBase
from knowledge.concepts import Finding, RiskFactor
from knowledge.normalise import is_chinese
from knowledge.pack import CORE, content_hash, load_pack
from retrieval.chinese import ChineseRows, ExtendedEmbedding, pooled
from retrieval.embedding import CHINESE, Encoder
from retrieval.vocabulary import Vocabulary, characters
from torch_pair import torch

Progress = Callable[[int, int], None]

_LONG, _APART = 13, 400
"""Texts kept apart to measure: so many, of at least so many characters."""
_LONGEST = 160


def twins(base: KnowledgeBase) -> list[tuple[str, str]]:
    """(English, Chinese) of all that the pack says in both languages."""
    pairs = [*_names(base), *_questions(base), *((p.en, p.zh) for p in base.passages.values())]
    return list(dict.fromkeys(pairs))


def train(
    out: Path | None = None,
    epochs: int = 4,
    seed: int = 0,
    learning_rate: float = 1e-2,
    batch: int = 64,
    progress: Progress = lambda done, total: None,
) -> str:
    """Learn the rows from the pack's twins but some, save them, and say how well those are found."""
    base, encoder = load_pack(), Encoder.english()
    pairs = twins(base)
    random.Random(seed).shuffle(pairs)
    apart = [pair for pair in pairs if len(pair[1]) >= _LONG][:_APART]
    learnt = sorted(set(pairs) - set(apart))
    told = [case.text for case in bank("train")]
    vocabulary = Vocabulary(encoder.folder, _LONGEST, characters([*(chinese for _, chinese in pairs), *told]))
    rows = character_rows(encoder, vocabulary, learnt, epochs, seed, learning_rate, batch, progress)
    path = out or CHINESE
    card: dict[str, Any] = {
        "what": "rows of Chinese characters for all-MiniLM-L6-v2, so that it reads Chinese",
        "how": {"epochs": epochs, "seed": seed, "learning_rate": learning_rate, "batch": batch},
        "pairs": {"learnt": len(learnt), "kept_apart": len(apart)},
        "pack": content_hash(CORE),
        "made": time.strftime("%Y-%m-%d"),
    }
    made = ChineseRows(vocabulary.characters, rows, "")
    made.save(path, card)
    card["found_among_those_apart"] = _found(Encoder.load() if out is None else encoder, apart)
    made.save(path, card)
    return json.dumps(card)


def _found(encoder: Encoder, apart: Sequence[tuple[str, str]]) -> float:
    """Share of Chinese texts whose nearest English text is their twin."""
    english, chinese = (encoder.encode(list(side)) for side in zip(*apart, strict=True))
    nearest = (chinese @ english.T).argmax(axis=1)
    return round(float((nearest == np.arange(len(apart))).mean()), 4)


def character_rows(
    encoder: Encoder,
    vocabulary: Vocabulary,
    pairs: Sequence[tuple[str, str]],
    epochs: int,
    seed: int,
    learning_rate: float,
    batch: int,
    progress: Progress,
) -> Any:
    """(characters, width) embeddings of the vocabulary's characters, learnt from pairs of texts."""
    torch.manual_seed(seed)
    teacher = torch.from_numpy(encoder.encode([english for english, _ in pairs]))
    pupil = copy.deepcopy(encoder.network[1]).requires_grad_(False)
    pupil.set_attn_implementation("eager")  # its backward is three times as fast on a CPU
    words = pupil.get_input_embeddings()
    rows = ExtendedEmbedding(words, start_rows(words, len(vocabulary.characters)))
    pupil.set_input_embeddings(rows)
    optimizer = torch.optim.AdamW([rows.added], lr=learning_rate, weight_decay=0.0)
    chinese = [text for _, text in pairs]
    epoch_batches = [list(batches(chinese, batch, f"{seed}/{epoch}")) for epoch in range(epochs)]
    steps = [few for groups in epoch_batches for few in groups]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=len(steps))
    for done, few in enumerate(steps, 1):
        tokens, _ = vocabulary.tokens([chinese[i] for i in few])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors = pooled(pupil(**tokens).last_hidden_state, tokens["attention_mask"])
        likeness = torch.nn.functional.cosine_similarity(vectors.float(), teacher[few])
        optimizer.zero_grad()
        (1 - likeness).mean().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        progress(done, len(steps))
    return rows.added.detach()


def start_rows(words: Any, count: int) -> Any:
    """(count, width) rows near the mean of the known words, so that an untrained one says little."""
    mean = words.weight.detach().mean(0, keepdim=True)
    return mean + 0.02 * torch.randn(count, words.weight.shape[1])


def batches(texts: Sequence[str], size: int, seed: str) -> Iterator[list[int]]:
    """Rows in batches of texts of like length, so that little is padded; shuffled by the seed."""
    rng = random.Random(seed)
    order = sorted(range(len(texts)), key=lambda i: _length(texts[i]) * rng.uniform(0.9, 1.1))
    groups = [order[at : at + size] for at in range(0, len(order), size)]
    rng.shuffle(groups)
    yield from groups


def _length(text: str) -> float:
    """About how many tokens: a Chinese character is one, an English word takes some letters."""
    chinese = sum(is_chinese(ch) for ch in text)
    return chinese + (len(text) - chinese) / 4.5


def _names(base: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Names side by side, the first with the first; where one language has more, with its first."""
    for entries in base.by_prefix.values():
        for entry in entries.values():
            first_en, first_zh = entry.names.en[0], entry.names.zh[0]
            for english, chinese in zip_longest(entry.names.en, entry.names.zh):
                yield english or first_en, chinese or first_zh


def _questions(base: KnowledgeBase) -> Iterator[tuple[str, str]]:
    askable: list[Finding | RiskFactor] = [*base.findings.values(), *base.risk_factors.values()]
    for entry in askable:
        yield entry.question.en, entry.question.zh
