"""The words as a witness: all that was told is heard, by both models."""

from dataclasses import replace

import numpy as np

from assistant.api import Assistant
from assistant.rendering import as_told
from assistant.text_model import WITNESSES, TextModel
from assistant.words_witness import TextWitness
from retrieval.embedding import Encoder

TOLD = "He is 18, tired, has dark red urine and belly pain."
CLUE = "Yesterday he was at a lunch with friends. He ate broad beans there for the first time in his life."


def test_the_opinion_is_the_mean_of_those_who_know_the_disease(assistant: Assistant) -> None:
    case = assistant.start()
    case.say(TOLD)
    base, encoder = assistant.base, Encoder.load()
    first, second = (TextModel.load(encoder, folder) for folder in WITNESSES)
    second = replace(second, diseases=tuple("unheard_of" if d == "asthma" else d for d in second.diseases))
    both, one, other = (
        TextWitness(models, base).opinion(case.case) for models in ([first, second], [first], [second])
    )
    assert both is not None and one is not None and other is not None
    row = {disease: i for i, disease in enumerate(base.diseases)}
    assert other[row["asthma"]] == 0
    assert both[row["asthma"]] == one[row["asthma"]] != 0
    known = [row[d] for d in first.diseases if d in second.diseases]
    assert np.allclose(np.exp(both[known]), (np.exp(one[known]) + np.exp(other[known])) / 2)
    assert not np.allclose(one[known], other[known])


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
