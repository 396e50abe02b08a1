"""What is written of each disease as a witness."""

from pathlib import Path

import numpy as np
import pytest

from assistant.api import Assistant
from assistant.retrieval_witness import RetrievalWitness, documents
from assistant.training.bank import bank


@pytest.fixture(scope="module")
def witness(assistant: Assistant) -> RetrievalWitness:
    return RetrievalWitness(assistant.base)


@pytest.mark.parametrize(
    ("told", "disease"),
    [
        ("He ate broad beans for the first time, and now his urine is dark red.", "g6pd_deficiency"),
        (
            "He has been in bed since the cat scratched him; the node in his armpit hurts.",
            "cat_scratch_disease",
        ),
        ("一吃蚕豆就脸色发黄，尿像酱油", "g6pd_deficiency"),
    ],
)
def test_a_telling_word_speaks_for_the_disease_of_which_it_is_written(
    assistant: Assistant, witness: RetrievalWitness, told: str, disease: str
) -> None:
    session = assistant.start()
    session.say(told)
    opinion = witness.opinion(session.case)
    assert opinion is not None and opinion.shape == (len(assistant.base.diseases),)
    assert abs(opinion.mean()) < 1e-9
    best = list(assistant.base.diseases)[int(opinion.argmax())]
    assert best == disease


def test_nothing_told_is_no_opinion(assistant: Assistant, witness: RetrievalWitness) -> None:
    assert witness.opinion(assistant.start().case) is None


def test_words_of_what_is_denied_are_left_out(assistant: Assistant, witness: RetrievalWitness) -> None:
    def opinion(text: str) -> np.ndarray:
        session = assistant.start()
        session.say(text)
        found = witness.opinion(session.case)
        assert found is not None
        return found

    with_denial = opinion("I have a sore throat. I do not have neck stiffness or photophobia.")
    meningitis = list(assistant.base.diseases).index("purulent_meningitis")
    assert (
        with_denial[meningitis] < opinion("I have a sore throat, neck stiffness and photophobia.")[meningitis]
    )
    assert abs(with_denial[meningitis] - opinion("I have a sore throat.")[meningitis]) < 0.3


def test_an_answered_no_leaves_the_words_of_the_question_out(
    assistant: Assistant, witness: RetrievalWitness
) -> None:
    session = assistant.start()
    session.say("I have had a cough for three weeks.")
    before = witness.opinion(session.case)
    session.reply("finding:hemoptysis", False)
    after = witness.opinion(session.case)
    assert before is not None and after is not None and np.allclose(before, after)


def test_a_disease_is_written_of_by_its_names_findings_passages_and_taught_cases(
    assistant: Assistant,
) -> None:
    written = dict(zip(assistant.base.diseases, documents(assistant.base), strict=True))
    asthma = written["asthma"]
    assert "Asthma\n" in asthma and "哮喘" in asthma and "wheez" in asthma.lower()
    assert assistant.base.passages["asthma/treatment/1"].in_language("zh") in asthma
    assert next(c.text for c in bank("train") if c.diagnosis == "asthma") in asthma
    for part in ("fit", "test"):
        kept_apart = [c for c in bank(part) if c.diagnosis in written]  # type: ignore[arg-type]
        assert kept_apart and not any(c.text in written[c.diagnosis] for c in kept_apart)


def test_counts_kept_for_the_next_start_give_the_same_opinion(
    assistant: Assistant, witness: RetrievalWitness, tmp_path: Path
) -> None:
    session = assistant.start()
    session.say("burning when I pee and fever")
    made, kept = (RetrievalWitness(assistant.base, tmp_path).opinion(session.case) for _ in range(2))
    expected = witness.opinion(session.case)
    assert made is not None and kept is not None and expected is not None
    assert np.array_equal(made, kept) and np.array_equal(made, expected)
