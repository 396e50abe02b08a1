"""The labelled pairs, and the rules one by one."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from retrieval.cues import Cues
from retrieval.support import SupportChecker
from retrieval.support_score import read_pairs, score
from retrieval.words import Words

PAIRS = Path(__file__).parent / "support_pairs.jsonl"


@pytest.fixture(scope="module")
def checker(words: Words) -> SupportChecker:
    return SupportChecker(words)


def test_the_pairs_are_enough_and_balanced() -> None:
    pairs = read_pairs(PAIRS, "all")
    assert len(pairs) >= 1200
    assert sum(pair.language == "en" for pair in pairs) * 2 == len(pairs)
    assert {pair.label for pair in pairs} == {"supported", "contradicted", "not_enough"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_pairs_that_were_not_tuned_on(checker: SupportChecker, language: str) -> None:
    found = score([pair for pair in read_pairs(PAIRS, "report") if pair.language == language], checker)
    assert found.precision >= 0.96
    assert found.recall >= 0.85


def test_the_score_counts(checker: SupportChecker) -> None:
    pairs = [pair for pair in read_pairs(PAIRS, "tuning") if pair.label == "supported"][:4]
    assert score(pairs, checker).precision == 1
    wrong = [type(p)(p.fact, p.language, "not_enough", p.kind, p.passage, p.statement) for p in pairs[:2]]
    found = score(pairs + wrong, checker)
    assert (found.pairs, found.precision, found.recall) == (6, pytest.approx(4 / 6), 1)


def test_the_deciding_words_are_named(checker: SupportChecker) -> None:
    passages = ["Gout hurts.", "Rest helps. Take 500 mg of naproxen twice a day with food. Drink water."]
    agreed = checker.check("Naproxen 500 mg is taken twice a day.", passages)
    assert (agreed.verdict, agreed.passage) == ("supported", 1)
    assert passages[1][agreed.start : agreed.end] == "Take 500 mg of naproxen twice a day with food."
    denied = checker.check("Naproxen 250 mg is taken twice a day.", passages)
    assert (denied.verdict, denied.reason) == ("contradicted", "number")
    assert passages[1][denied.start : denied.end] == "500 mg"


def test_without_passages_nothing_is_supported(checker: SupportChecker) -> None:
    assert checker.check("Gout hurts.", []).verdict == "not_enough"


def test_an_empty_statement_is_not_supported(checker: SupportChecker) -> None:
    assert checker.check("", ["Gout hurts."]).verdict == "not_enough"


@dataclass(frozen=True)
class Named:
    start: int
    end: int
    refs: tuple[str, ...]


def test_concepts_bridge_names(words: Words) -> None:
    names = {"heart attack": "disease:mi", "myocardial infarction": "disease:mi"}

    def mentions(text: str) -> list[Named]:
        low = text.lower()
        return [Named(low.index(n), low.index(n) + len(n), (ref,)) for n, ref in names.items() if n in low]

    statement, passage = "A heart attack causes sweating.", ["Myocardial infarction causes sweating."]
    assert SupportChecker(words, mentions).check(statement, passage).verdict == "supported"


@pytest.mark.parametrize(
    ("passage", "verdict"),
    [
        ("High blood pressure damages vessels and can end in chronic kidney disease.", "supported"),
        ("Nothing is known about chronic renal scarring in dogs.", "not_enough"),
        ("There is no chronic kidney disease.", "not_enough"),
    ],
)
def test_a_name_made_of_words_for_a_group_is_still_a_name(words: Words, passage: str, verdict: str) -> None:
    def mentions(text: str) -> list[Named]:
        at = text.lower().find("kidney disease")
        return [Named(at, at + 14, ("disease:ckd",))] if at >= 0 else []

    assert SupportChecker(words, mentions).check("Kidney disease.", [passage]).verdict == verdict


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("500 mg", [(500, 500)]),
        ("0.5 g", [(500, 500)]),
        ("5 to 7 days", [(120, 168)]),
        ("疗程5～7天", [(120, 168)]),
        ("每日两次", [(2, 2)]),
        ("1,000 ml", [(1000, 1000)]),
    ],
)
def test_quantities_are_read_in_one_unit(text: str, values: list[tuple[float, float]]) -> None:
    assert [(q.low, q.high) for q in Cues().quantities(text)] == values


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It does not help", 1),
        ("not only fever", 0),
        ("没有发热", 1),
        ("不适", 0),
        ("非常疼", 0),
        ("nothing", 0),
    ],
)
def test_negations(text: str, count: int) -> None:
    assert len(Cues().negations(text)) == count
