from pathlib import Path

import pytest

from retrieval.bm25 import TermCounts
from retrieval.count_cache import kept_counts
from retrieval.words import Words
from tests.retrieval.test_bm25 import same


@pytest.mark.parametrize("texts", [["fever and cough", "发热咳嗽 fever"], [""], []])
def test_counts_read_back_are_those_counted(tmp_path: Path, words: Words, texts: list[str]) -> None:
    expected = TermCounts.of(words.terms(text) for text in texts)
    same(kept_counts(texts, words.terms, tmp_path), expected)
    same(kept_counts(texts, None, tmp_path), expected)  # type: ignore[arg-type]


def test_damaged_counts_are_counted_again(tmp_path: Path, words: Words) -> None:
    first = kept_counts(["fever"], words.terms, tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    same(kept_counts(["fever"], words.terms, tmp_path), first)


def test_other_texts_are_other_counts(tmp_path: Path, words: Words) -> None:
    kept_counts(["ab", "c"], words.terms, tmp_path)
    assert kept_counts(["a", "bc"], words.terms, tmp_path).vocabulary == ("bc",)
