"""Packs: what is wrong is named with file and line, all of it; what is right loads fast from the cache."""

import shutil
from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from knowledge.faults import PackError
from knowledge.pack import load_pack
from tests.conftest import WORLD


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy of the world that may be damaged."""
    return Path(shutil.copytree(WORLD, tmp_path / "world"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


PNEUMONIA = "diseases/respiratory/pneumonia.yaml"


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(PackError) as raised:
        load_pack(folder, use_cache=False)
    return [str(fault) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (PNEUMONIA, "id: cough,", "id: coff,", "`coff` is no finding of this pack"),
        (PNEUMONIA, "strength: 0.85", "strength: 1.3", "less than or equal to 1"),
        (PNEUMONIA, "strength: 0.85", "strength: 0.2", "strength 0.2 is not very_frequent"),
        (PNEUMONIA, "tier: brief", "tier: brief\ncolour: red", "Extra inputs are not permitted"),
        (PNEUMONIA, "tier: brief", "tier: brief\ntier: full", "`tier` stands twice"),
        (PNEUMONIA, "id: pneumonia", "id: lung", "they must agree"),
        (PNEUMONIA, "findings:", "findings: [", "not YAML"),
        (PNEUMONIA, "source: book", "source: scroll", "`scroll` is no source"),
        ("findings/all.yaml", "parents: [cough]", "parents: [productive_cough]", "an ancestor of itself"),
        ("findings/all.yaml", "zh: [咳嗽]", "zh: [咳嗽, 发热]", "already means"),
        ("sources/all.yaml", "checked: false", "checked: true", "names its document"),
        ("departments.yaml", "心内科]}}", "心内科]}, covers: [magic]}", "`magic` is no department"),
        ("pack.yaml", "licence", "license", "name, version and licence"),
    ],
)
def test_a_fault_is_named_with_its_place(broken: Path, file: str, old: str, new: str, said: str) -> None:
    change(broken, file, old, new)
    assert any((said in fault and f"{file}:" in fault) or said in fault for fault in faults_of(broken))


def test_the_line_is_the_line_of_the_fault(broken: Path) -> None:
    text = (broken / PNEUMONIA).read_text(encoding="utf-8")
    line = next(i for i, words in enumerate(text.splitlines(), 1) if "id: fever" in words)
    change(broken, PNEUMONIA, "id: fever", "id: feever")
    assert faults_of(broken)[0].startswith(f"{PNEUMONIA}:{line}: findings.1.id")


def test_all_faults_are_listed(broken: Path) -> None:
    change(broken, PNEUMONIA, "id: cough,", "id: coff,")
    change(broken, "diseases/cardiology/heart_attack.yaml", "department: cardiology", "department: magic")
    assert len(faults_of(broken)) == 2


def test_the_cache_gives_the_same_and_follows_changes(
    broken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AETIA_CACHE", str(tmp_path / "cache"))
    first, second = load_pack(broken), load_pack(broken)
    assert first == second
    assert len(list((tmp_path / "cache" / "packs").glob("*.json"))) == 1
    change(broken, PNEUMONIA, "strength: 0.85", "strength: 0.9")
    assert load_pack(broken).diseases["pneumonia"].findings[0].strength == 0.9


def test_every_claim_is_a_passage_with_a_source(world: KnowledgeBase) -> None:
    for passage in world.passages.values():
        assert passage.source in world.sources
    assert "pneumonia/workup/1" in world.passages
    assert "red_flag/shock" in world.passages
