"""Searching the library by what a person wants to see."""

from pathlib import Path

import pytest

from assistant.library import Library, Wanted
from knowledge.errors import AetiaError
from knowledge.pack import load_pack
from tests.conftest import WORLD


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.setenv("AETIA_INDEXES", str(tmp_path))
    return Library(load_pack(WORLD), "none")


def test_only_passages_of_a_department_and_a_date(library: Library) -> None:
    base = load_pack(WORLD)
    department = next(iter(base.diseases.values())).department
    within = {f"disease:{i}" for i, d in base.diseases.items() if d.department == department}
    hits = library.search("fever and cough", 20, Wanted(department=department))
    assert hits
    assert all(within.intersection(found.hit.passage.about) for found in hits)
    assert library.search("fever and cough", 20, Wanted(since="2999")) == []
    assert len(library.search("fever and cough", 20)) >= len(hits)
    with pytest.raises(AetiaError, match="There is no department `kitchen`"):
        library.search("fever", 5, Wanted(department="kitchen"))


def test_a_hit_shows_its_source_and_licence(library: Library) -> None:
    (found,) = library.search("fever and cough", 1)
    passage = found.hit.passage
    assert passage.title in found.in_words()
    assert passage.text in found.in_words()
    assert found.as_json()["licence"] == passage.licence
