"""Words to concepts in both languages."""

import os
import subprocess
import sys

import pytest

from knowledge.base import KnowledgeBase
from knowledge.lexicon import Lexicon


@pytest.fixture(scope="module")
def lexicon(world: KnowledgeBase) -> Lexicon:
    return Lexicon(world)


@pytest.mark.parametrize(
    ("text", "ref", "words"),
    [
        ("He was coughing all night", "finding:cough", "coughing"),
        ("I can't catch my breath", "finding:dyspnea", "can't catch my breath"),
        ("I couldn’t catch breath", "finding:dyspnea", "couldn’t catch breath"),
        ("there is pain in the middle of my chest", "finding:chest_pain", "pain in the middle of my chest"),
        ("my chest hurts", "finding:chest_pain", "chest hurts"),
        ("coughing up phlegm", "finding:productive_cough", "coughing up phlegm"),
        ("胸口一直有点疼", "finding:chest_pain", "胸口一直有点疼"),
        ("喘不上气", "finding:dyspnea", "喘不上气"),
        ("有痰", "finding:productive_cough", "有痰"),
        ("胸部疼痛", "finding:chest_pain", "胸部疼痛"),
        ("took albuterol", "drug:salbutamol", "albuterol"),
        ("a smoker", "risk:smoking", "smoker"),
    ],
)
def test_finds(lexicon: Lexicon, text: str, ref: str, words: str) -> None:
    found = {m.refs[0]: text[m.start : m.end] for m in lexicon.mentions(text)}
    assert found == {ref: words}


def test_the_fullest_name_wins(lexicon: Lexicon) -> None:
    refs = [m.refs for m in lexicon.mentions("productive cough")]
    assert refs == [("finding:productive_cough",)]


def test_words_of_two_sentences_make_no_name(lexicon: Lexicon) -> None:
    assert lexicon.mentions("There is pain. The chest is clear.") == []


def test_words_on_both_sides_of_a_denial_make_no_name(lexicon: Lexicon) -> None:
    text = "There is no pain, no chest trauma."
    assert lexicon.mentions(text) == []
    assert [m.refs[0] for m in lexicon.mentions("No pain in the chest.")] == ["finding:chest_pain"]


def test_a_word_is_not_taken_for_another_of_its_stem(core: KnowledgeBase) -> None:
    refs = {ref for m in Lexicon(core).mentions("a tearing pain, and spotting") for ref in m.refs}
    assert not refs & {"finding:low_mood", "disease:acne"}
    assert "finding:intermenstrual_bleeding" in refs


def test_words_far_apart_make_no_name(lexicon: Lexicon) -> None:
    assert lexicon.mentions("pain in the knee that came on after lifting a heavy chest") == []


def test_a_filler_stays_where_a_name_would_mean_another_thing_without_it(core: KnowledgeBase) -> None:
    lexicon = Lexicon(core, ("finding",))

    def named(text: str) -> set[str]:
        return {ref for mention in lexicon.mentions(text) for ref in mention.refs}

    assert named("血压升高") == {"finding:high_blood_pressure"}
    assert "finding:severe_high_blood_pressure" in named("血压重度升高")
    assert named("天旋地转") == {"finding:vertigo"}


def test_reads_the_same_whatever_the_order_of_sets() -> None:
    code = (
        "from itertools import islice\n"
        "from assistant.training.bank import bank\n"
        "from knowledge.lexicon import Lexicon\n"
        "from knowledge.pack import load_pack\n"
        "lexicon = Lexicon(load_pack())\n"
        "print([lexicon.mentions(case.text) for case in islice(bank('test'), 0, None, 8)])"
    )
    read = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in "12"
    ]
    assert len(read[0]) > 10_000
    assert read[0] == read[1]


@pytest.mark.parametrize(
    ("text", "ref"), [("头不疼", "headache"), ("胸也不痛", "chest_pain"), ("腿不肿", "ankle_swelling")]
)
def test_a_short_chinese_name_is_found_around_its_denial(core: KnowledgeBase, text: str, ref: str) -> None:
    found = Lexicon(core).mentions(text)
    assert [(m.refs, m.manner) for m in found] == [((f"finding:{ref}",), "scattered")]
