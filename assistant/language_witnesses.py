"""Loads what reads a person's words: the encoder, on it the text model, and what they give evidence as."""

from collections.abc import Callable, Sequence

from assistant.diagnosis import Witness
from assistant.second_reader import SecondReader
from assistant.text_model import TextModel
from assistant.words_witness import TextWitness
from knowledge.base import KnowledgeBase
from retrieval.embedding import Encoder


def load_witnesses(
    base: KnowledgeBase, progress: Callable[[str], None]
) -> tuple[Sequence[Witness], SecondReader]:
    """The witness of the words, and the second reader.

    Raises ModelUnusable, TextWeightsMissing.
    """
    from torch_pair import torch

    progress("Loading the text model")
    torch.set_num_threads(1)  # one person's words: more threads spend longer meeting than working
    model = TextModel.load(Encoder.load())
    return (TextWitness(model, base),), SecondReader(model, base)
