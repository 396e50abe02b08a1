"""What a sentence says by itself: the labels of a case go with the words that they rest on."""

import json

import numpy as np
import pytest

from assistant import packed_weights
from assistant.text_model import READER
from assistant.training.cuttings import cuttings
from assistant.training.examples import Example
from assistant.training.learning import Learner
from knowledge.base import KnowledgeBase
from retrieval.embedding import Encoder

TOLD = {
    "en": ("A 40-year-old man.", "He vomits all day.", "There is no fever."),
    "zh": ("40岁男性。", "一天到晚呕吐。", "没有发热。"),
}


@pytest.fixture(scope="module")
def learner(core: KnowledgeBase) -> Learner:
    learner = Learner(core, Encoder.load(), seed=0, reader=True)
    card = json.loads((READER / "card.json").read_text(encoding="utf-8"))
    learner.begin_with(packed_weights.load(READER / "model.safetensors"), card)
    return learner


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_cutting_states_what_its_own_words_state(
    learner: Learner, core: KnowledgeBase, language: str
) -> None:
    rows = {finding: row for row, finding in enumerate(core.findings)}
    _, vomits, denies = TOLD[language]
    case = Example(" ".join(TOLD[language]), {0: 1.0}, (rows["vomiting"],), (rows["fever"],))
    cut = list(cuttings(learner, [case] * 30, 30, np.random.default_rng(0)))
    assert any(vomits in one.text for one in cut) and any(denies in one.text for one in cut)
    for one in cut:
        assert not one.diseases
        assert (rows["vomiting"] in one.present) == (vomits in one.text)
        assert (rows["fever"] in one.absent) == (denies in one.text)


def test_a_finding_that_the_network_does_not_see_is_left_out_of_the_loss(
    learner: Learner, core: KnowledgeBase
) -> None:
    unseen = list(core.findings).index("hemoptysis")
    case = Example("She is well. The dog likes the park. We moved house.", {}, (unseen,))
    for one in cuttings(learner, [case] * 8, 8, np.random.default_rng(0)):
        assert unseen in one.unsaid and unseen not in one.present


def test_what_one_cutting_denies_and_another_states_is_left_out(
    learner: Learner, core: KnowledgeBase
) -> None:
    fever = list(core.findings).index("fever")
    cases = [
        Example("A woman. She has a fever.", {}, (fever,)),
        Example("A man. He has no fever.", {}, (), (fever,)),
    ]
    seen = set()
    for one in cuttings(learner, cases * 20, 40, np.random.default_rng(0)):
        states, denies = "has a fever" in one.text, "no fever" in one.text
        assert (fever in one.unsaid) == (states and denies)
        seen.add((states, denies))
    assert (True, True) in seen
