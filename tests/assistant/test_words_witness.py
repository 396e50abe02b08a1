"""The words as a witness: all that was told is heard, by both models."""

import numpy as np

from assistant.api import Assistant
from assistant.rendering import as_told
from assistant.text_model import WITNESSES, TextModel
from assistant.words_witness import TextWitness
from retrieval.embedding import Encoder

TOLD = "He is 18, tired, has dark red urine and belly pain."
CLUE = "Yesterday he was at a lunch with friends. He ate broad beans there for the first time in his life."


def test_the_opinion_is_the_mean_of_what_each_model_finds_probable(assistant: Assistant) -> None:
    case = assistant.start()
    case.say(TOLD)
    encoder = Encoder.load()
    models = [TextModel.load(encoder, folder) for folder in WITNESSES]
    both = TextWitness(models, assistant.base).opinion(case.case)
    each = [TextWitness([model], assistant.base).opinion(case.case) for model in models]
    assert both is not None and each[0] is not None and each[1] is not None
    assert np.allclose(np.exp(both), (np.exp(each[0]) + np.exp(each[1])) / 2)
    assert not np.allclose(each[0], each[1])


def test_sentences_without_a_known_word_are_heard_too(assistant: Assistant) -> None:
    def chance(text: str) -> float:
        session = assistant.start()
        session.say(text)
        assert as_told(session.case, assistant.base).endswith(text)
        return next(
            h.probability
            for h in session.assessment.differential.hypotheses
            if h.disease == "g6pd_deficiency"
        )

    assert chance(f"{TOLD} {CLUE}") > 2 * chance(TOLD)
