"""Scores: whole, computed as published, and never guessing what is not known."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.scores import Scorer
from benchmarks.care.scores import examples, run
from knowledge.base import KnowledgeBase
from knowledge.errors import AetiaError
from knowledge.scoring import ScoreLibrary
from knowledge.scoring.formula import compute, names_of
from knowledge.sources import SourceShelf, held_against

_CHINESE = re.compile(r"[\u3400-\u9fff]")
EXAMPLES = examples()


@pytest.fixture(scope="module")
def scorer(core: KnowledgeBase) -> Scorer:
    return Scorer(core)


def test_the_library_is_whole(scorer: Scorer) -> None:
    assert scorer.library.lacking == {}
    assert len(scorer.library.scores) >= 40


def test_every_score_has_three_examples_and_all_come_out(scorer: Scorer) -> None:
    found = run(scorer)
    counts = {s: sum(e["score"] == s for e in EXAMPLES) for s in scorer.library.scores}
    assert found["wrong"] == [] and found["outside"] == []
    assert [score for score, n in counts.items() if n < 3] == []


def test_both_languages_are_what_they_say(scorer: Scorer) -> None:
    texts = [t for s in scorer.library.scores.values() for t in (s.for_, *s.lines, *s.passages)]
    assert [t.en for t in texts if _CHINESE.search(t.en)] == []
    bands = [p.zh for p in scorer.library.passages if not _CHINESE.search(p.zh)]
    assert bands == []


def test_what_a_band_says_stands_in_its_checked_source(
    scorer: Scorer, core: KnowledgeBase, data: Path
) -> None:
    shelf = SourceShelf(data)
    faults = []
    for passage in scorer.library.passages:
        source = core.sources[passage.source]
        if source.checked:
            document = shelf.find(source)
            assert document is not None, source.id
            faults += [f"{passage.id}: {fault}" for fault in held_against(passage, document)]
    assert faults == []


def test_another_pack_gets_the_scores_that_it_has_the_concepts_for(world: KnowledgeBase) -> None:
    library = ScoreLibrary(world)
    assert library.lacking.keys().isdisjoint(library.scores)
    assert "curb65" in library.lacking


@given(st.sampled_from(EXAMPLES), st.randoms(use_true_random=False))
def test_learning_more_narrows_the_range(scorer: Scorer, example: dict[str, object], chance: object) -> None:
    given_values = dict(example["given"])  # type: ignore[call-overload]
    keys = sorted(given_values)
    chance.shuffle(keys)  # type: ignore[attr-defined]
    known = [{k: given_values[k] for k in keys[:n]} for n in range(len(keys) + 1)]
    results = [scorer.of_values(str(example["score"]), values) for values in known]
    for before, after in pairwise(results):
        assert before.low <= after.low <= after.high <= before.high


def test_nothing_known_is_nothing_guessed(scorer: Scorer) -> None:
    result = scorer.of_values("curb65", {})
    assert (result.low, result.high, result.known) == (0, 5, False)
    assert set(result.missing) == {
        "confusion",
        "urea",
        "respiratory_rate",
        "systolic_bp",
        "diastolic_bp",
        "age",
    }


def test_a_formula_waits_for_its_numbers_and_ranges_over_sex(scorer: Scorer) -> None:
    assert scorer.of_values("fib4", {"age": 50}).missing == ("ast", "platelets", "alt")
    either = scorer.of_values("ckd_epi_2021", {"age": 60, "creatinine": "1 mg/dL"})
    assert either.missing == ("sex",) and either.low < either.high


def test_a_score_computed_feeds_another(scorer: Scorer) -> None:
    staged = scorer.of_values("kdigo_ckd", {"age": 70, "sex": "male", "creatinine": 159.12})
    assert staged.low == 40 and "G3b" in staged.bands[0].en


def test_whom_it_is_not_meant_for(scorer: Scorer) -> None:
    assert scorer.of_values("curb65", {"age": 10}).applies is False
    assert scorer.of_values("news2", {"age": 30, "pregnancy": "yes"}).applies is False
    assert scorer.of_values("epds", {"sex": "male"}).applies is False


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("curb65", {"age": 190}, "no age in years from 0 to 120"),
        ("curb65", {"systolic_bp": 1200}, "cannot be right"),
        ("curb65", {"urea": "9 furlongs"}, "no unit of it that I know"),
        ("curb65", {"urea": "a lot"}, "is no number"),
        ("curb65", {"colour": "yes"}, "nothing that CURB-65 is computed from"),
        ("curb65", {"confusion": "rather"}, "none of its answers"),
        ("phq9", {"q1": 4}, "no whole number from 0 to 3"),
        ("cha2ds2_vasc", {"sex": "both"}, "neither female nor male"),
        ("wishful", {}, "no score that I know"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    scorer: Scorer, name: str, values: dict[str, str | float], message: str
) -> None:
    with pytest.raises(AetiaError, match=message):
        scorer.of_values(name, values)


@pytest.mark.parametrize("name", ["CHA₂DS₂-VASc", "cha2ds2-vasc", "CURB65", "肺炎严重指数"])
def test_found_by_any_spelling(scorer: Scorer, name: str) -> None:
    assert scorer.library.find(name).id in {"cha2ds2_vasc", "curb65", "psi"}


def test_plain_words_name_no_score(scorer: Scorer) -> None:
    assert scorer.library.named_in("my heart hurts and the cat is a grace") == []
    assert [s.id for s in scorer.library.named_in("What is the HEART score?")] == ["heart"]


@pytest.mark.parametrize(
    "formula", ["__import__('os').getcwd()", "open('x')", "age.__class__", "1 / 0", "9 ** 9 ** 9"]
)
def test_a_formula_is_arithmetic_and_nothing_else(formula: str) -> None:
    with pytest.raises(AetiaError):
        compute(formula, {}, {"age": 40.0})


def test_names_of_a_formula() -> None:
    assert names_of("max(urea, 1) + ln(age)") == ["urea", "age"]
    with pytest.raises(AetiaError, match="no formula"):
        names_of("1 +")
