"""Loads what reads a person's words: the encoder, on it the text model, and what they give evidence as."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.diagnosis import Witness
from assistant.second_reader import SecondReader
from assistant.text_model import BUILTIN, READER, TextModel
from assistant.words_witness import TextWitness
from knowledge.base import KnowledgeBase
from retrieval.embedding import Encoder


def load_witnesses(
    base: KnowledgeBase, progress: Callable[[str], None]
) -> tuple[Sequence[Witness], SecondReader]:
    """The witness of the words, and the second reader.

    AETIA_TEXT_ONNX names a folder of `aetia compress` whose networks take the place of ours. Raises ModelUnusable,
    TextWeightsMissing, OnnxUnusable.
    """
    from torch_pair import torch

    progress("Loading the text model")
    torch.set_num_threads(1)  # one person's words: more threads spend longer meeting than working
    encoder = Encoder.load()
    model, reader = (TextModel.load(encoder, folder) for folder in (BUILTIN, READER))
    if given := os.environ.get("AETIA_TEXT_ONNX"):
        from assistant.onnx_network import OnnxNetwork

        model = model.on(OnnxNetwork(Path(given) / f"{BUILTIN.name}.onnx"))
        reader = reader.on(OnnxNetwork(Path(given) / f"{READER.name}.onnx"))
    return (TextWitness(model, base),), SecondReader(reader, base)
