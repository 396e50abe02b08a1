"""A case told otherwise is still the same case."""

import numpy as np

from assistant.training.bank import bank
from assistant.training.examples import Examples
from assistant.training.variety import Variety, _digressions
from knowledge.base import KnowledgeBase


def test_what_is_changed_stays_true(core: KnowledgeBase) -> None:
    examples = list(Examples(core, 0.1).of_bank(bank("fit")))[:300]
    vary = Variety(core, np.random.default_rng(0))
    changed = [vary(example) for example in examples]
    assert 0.3 < np.mean([a.text != b.text for a, b in zip(examples, changed, strict=True)]) < 0.9
    for before, after in zip(examples, changed, strict=True):
        assert after.diseases == before.diseases
        assert set(after.present) <= set(before.present)
        denied = set(after.absent) - set(before.absent)
        assert not denied & {*before.present, *before.unsaid}
        lost = {*before.present, *before.absent} - {*after.present, *after.absent}
        assert lost <= after.unsaid


def test_digressions_are_told_beside_the_case(core: KnowledgeBase) -> None:
    examples = list(Examples(core, 0.1).of_bank(bank("fit")))[:200]
    changed = list(map(Variety(core, np.random.default_rng(1)), examples))
    told = [line for lines in _digressions().values() for line in lines]
    assert len(told) == len(set(told))
    share = np.mean([any(line in example.text for line in told) for example in changed])
    assert 0.05 < share < 0.25


def test_the_same_seed_changes_alike(core: KnowledgeBase) -> None:
    examples = list(Examples(core, 0.1).of_bank(bank("fit")))[:50]
    once, again = (list(map(Variety(core, np.random.default_rng(3)), examples)) for _ in range(2))
    assert once == again
