"""Loads what reads a person's words: the encoder, the text models on it, and the witnesses they speak as."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.diagnosis import Witness
from assistant.retrieval_witness import RetrievalWitness
from assistant.second_reader import SecondReader
from assistant.text_model import READER, WITNESSES, TextModel
from assistant.words_witness import TextWitness
from knowledge.base import KnowledgeBase
from retrieval.embedding import Encoder


def load_witnesses(
    base: KnowledgeBase, progress: Callable[[str], None]
) -> tuple[Sequence[Witness], SecondReader]:
    """The witnesses of the words, and the second reader.

    AETIA_TEXT_ONNX names a folder of `aetia compress` whose networks take the place of ours. Raises ModelUnusable,
    TextWeightsMissing, OnnxUnusable.
    """
    from torch_pair import torch

    progress("Loading the text models")
    torch.set_num_threads(1)  # one person's words: more threads spend longer meeting than working
    encoder = Encoder.load()
    folders = (*WITNESSES, READER)
    models = [TextModel.load(encoder, folder) for folder in folders]
    if given := os.environ.get("AETIA_TEXT_ONNX"):
        from assistant.onnx_network import OnnxNetwork

        networks = (OnnxNetwork(Path(given) / f"{folder.name}.onnx") for folder in folders)
        models = [model.on(network) for model, network in zip(models, networks, strict=True)]
    progress("Reading what is written of each disease (counted once, in about ten seconds)")
    return (TextWitness(models[:-1], base), RetrievalWitness(base)), SecondReader(models[-1], base)
