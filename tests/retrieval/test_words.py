import subprocess
import sys

import pytest

from retrieval.words import Words, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("chest pain", "en"),
        ("胸痛三天", "zh"),
        ("CT 检查显示肺炎", "zh"),
        ("", "en"),
        ("the term 气 means breath", "en"),
    ],
)
def test_language_is_the_one_that_carries_most(text: str, language: str) -> None:
    assert language_of(text) == language


def test_english_is_stemmed_and_common_words_are_left_out(words: Words) -> None:
    assert words.terms("The coughing of infected children") == ["cough", "infect", "children"]


def test_numbers_stay_whole(words: Words) -> None:
    assert words.terms("38.5 mg, covid-19") == ["38.5", "mg", "covid-19"]


def test_chinese_is_cut_into_words_and_the_words_within(words: Words) -> None:
    terms = words.terms("高血压患者出现呼吸困难")
    assert {"高血压", "血压", "患者", "呼吸困难", "呼吸", "困难"} <= set(terms)


def test_segmenting_says_nothing_and_keeps_its_dictionary_in_the_cache(tmp_path: object) -> None:
    code = "from retrieval.words import Words; Words().terms('发热咳嗽')"
    env = {"AETIA_CACHE": f"{tmp_path}/c", "PATH": ""}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")
    assert (tmp_path / "c" / "jieba.cache").exists()  # type: ignore[operator]


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = (
        "import sys, retrieval.index, retrieval.search, retrieval.support, retrieval.documents;"
        "print([m for m in ('torch', 'faiss', 'transformers', 'jieba', 'pypdf', 'lxml') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
