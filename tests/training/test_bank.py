"""The case bank: whole, bilingual, about diseases and findings that exist, and nobody else's words."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.training.bank import BankCase, bank
from knowledge.base import KnowledgeBase

IN_A_ROW = 8
_WORD = re.compile(r"[a-z0-9']+|[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def cases() -> list[BankCase]:
    return list(bank())


def runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return zip(*(words[i:] for i in range(IN_A_ROW)), strict=False)


def test_is_as_large_as_promised(cases: list[BankCase], core: KnowledgeBase) -> None:
    assert len(cases) >= 6000
    languages = {
        language: Counter(c.diagnosis for c in cases if c.language == language) for language in ("en", "zh")
    }
    assert [d for d in core.diseases if languages["en"][d] < 5 or languages["zh"][d] < 3] == []


def test_every_id_exists_and_no_text_or_id_comes_twice(cases: list[BankCase], core: KnowledgeBase) -> None:
    assert {c.diagnosis for c in cases} <= core.diseases.keys()
    assert {d for c in cases for d in c.differential} <= core.diseases.keys()
    assert {f for c in cases for f, _ in c.findings} <= core.findings.keys()
    assert Counter(c.id for c in cases).most_common(1)[0][1] == 1
    assert Counter(c.text for c in cases).most_common(1)[0][1] == 1


def test_at_least_two_cases_of_every_disease_are_kept_from_training(
    cases: list[BankCase], core: KnowledgeBase
) -> None:
    apart = Counter(c.diagnosis for c in cases if c.part != "train")
    assert {d: n for d in core.diseases if (n := apart[d]) < 2} == {}


def test_no_text_names_its_diagnosis(cases: list[BankCase], core: KnowledgeBase) -> None:
    told = [
        c.id
        for c in cases
        if c.language == "en"
        and any(
            len(name) > 9 and re.search(rf"\b{re.escape(name.lower())}\b", c.text.lower())
            for name in core.diseases[c.diagnosis].names.en
        )
    ]
    assert len(told) <= 0.02 * len(cases), told


def test_shares_no_eight_words_in_a_row_with_the_evaluation_data(cases: list[BankCase], data: Path) -> None:
    theirs: set[tuple[str, ...]] = set()
    for line in (data / "vignettes" / "avey_dev.jsonl").read_text(encoding="utf-8").splitlines():
        for told in json.loads(line).values():
            theirs.update(runs(str(told)))
    for language in ("en", "zh"):
        path = data / "dxbench" / f"dxbench_dev_{language}.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines():
            given = json.loads(line)
            symptoms = given["explicit_symptoms"] + given["implicit_symptoms"]
            theirs.update(runs(", ".join(name for name, _ in symptoms)))
    assert [c.id for c in cases if theirs & set(runs(c.text))] == []
