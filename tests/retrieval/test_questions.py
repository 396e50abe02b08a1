"""A message is brought down to its question, which finds its like."""

from pathlib import Path

import pytest

from benchmarks.asked.asking import Asking
from benchmarks.asked.focus import FocusIndex
from benchmarks.asked.search import QuestionSearcher
from benchmarks.asked.spelling import Speller
from retrieval.embedding import Encoder
from retrieval.passages import TextPassage
from retrieval.vector_cache import VectorCache
from retrieval.words import Words

ASKED = {
    "information": "What is (are) {} ?",
    "causes": "What causes {} ?",
    "treatment": "What are the treatments for {} ?",
}
"""Kind -> form of the question."""
FOCI = ["Noonan syndrome", "Turner syndrome", "Gout", "Rickets"]


@pytest.fixture
def passages() -> list[TextPassage]:
    return [
        TextPassage(f"{focus}/{kind}", text.format(focus), "en", title=focus, topic=kind, source="collection")
        for focus in FOCI
        for kind, text in ASKED.items()
    ]


@pytest.mark.parametrize(
    ("subject", "message", "question"),
    [
        (
            "Gout",
            "Hello. I am 60 years old. what can I eat with it? Thank you very much.",
            "Gout. what can I eat with it?",
        ),
        ("General health", "How do you catch measles?", "How do you catch measles?"),
        ("", "My toe hurts. It is red.", "My toe hurts. It is red."),
        ("Gout", "", "Gout"),
        ("", "您好。我今年60岁。痛风能吃什么？谢谢。", "痛风能吃什么？"),
        ("", "Thank you", "Thank you"),
        (
            "Rickets",
            "Please send help. I am looking for information on it.",
            "Rickets. I am looking for information on it.",
        ),
    ],
)
def test_the_asking_sentences_under_their_subject(
    words: Words, subject: str, message: str, question: str
) -> None:
    assert Asking(words).question(message, subject) == question


def test_only_unknown_words_are_mended_and_only_to_near_ones() -> None:
    speller = Speller(["Hydralazine for hypertension", "Rickets"], {"table", "hydration"}.__contains__)
    assert speller.mended("Is hydrslazine good?") == "Is hydralazine good?"
    assert speller.mended("Ricketts and hypretension") == "rickets and hypertension"
    assert speller.mended("hydration tables ricket") == "hydration tables ricket"


def test_a_rare_word_names_more_than_a_common_one(words: Words) -> None:
    match = FocusIndex([[focus] for focus in FOCI], words).match("my child has noonan syndrome")
    assert match.coverage == pytest.approx([1.0, match.coverage[1], 0.0, 0.0])
    assert 0 < match.coverage[1] < 0.5
    assert match.mass[0] == 1
    by_synonym = FocusIndex([["Rickets", "Vitamin D deficiency"], ["Gout"]], words).match(
        "deficiency of vitamin d"
    )
    assert by_synonym.coverage.tolist() == pytest.approx([1.0, 0.0])


def test_the_thing_is_found_in_a_long_message_and_by_another_name(
    passages: list[TextPassage], encoder: Encoder, words: Words, tmp_path: Path
) -> None:
    cache = VectorCache(tmp_path, encoder)
    searcher = QuestionSearcher(passages, cache, encoder, words, {"Gout": ["podagra"]})
    told = "Hello. I am 67 years old and my daughter has been unwell. Is there a cure for nooanan syndrome? Thank you."
    assert searcher.search(told, 1)[0].id == "Noonan syndrome/treatment"
    assert searcher.search("how did I get it?", 1, subject="Podagra")[0].title == "Gout"
    assert searcher.search(" ", 3) == []
    assert len(searcher.search("gout", 100)) == len(passages)
