"""Cases drawn from the pack, and the pack held against tables that others made."""

from pathlib import Path

import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.coherence import coherence, pairs
from knowledge.coverage import coverage
from knowledge.sampling import Sampler
from tests.conftest import WORLD


def test_people_have_the_ages_and_sex_of_the_disease(core: KnowledgeBase) -> None:
    sampler = Sampler(np.random.default_rng(0))
    ages = [sampler.person(core.diseases["bronchiolitis"])[0] for _ in range(200)]
    assert np.mean(np.array(ages) < 3) > 0.9
    newborn = [sampler.person(core.diseases["neonatal_asphyxia"])[0] for _ in range(50)]
    assert max(newborn) <= 0.1
    assert {sampler.person(core.diseases["benign_prostatic_hyperplasia"])[1] for _ in range(20)} == {"male"}


def test_findings_are_shown_as_often_as_the_row_says(core: KnowledgeBase) -> None:
    disease = core.diseases["asthma"]
    sampler = Sampler(np.random.default_rng(0))
    drawn = [sampler.shown(disease)[0] for _ in range(800)]
    for edge in disease.findings[:8]:
        assert abs(np.mean([edge.id in shown for shown in drawn]) - edge.probability) < 0.07


def test_the_world_knows_its_own_diseases(world: KnowledgeBase) -> None:
    rows = coherence(world, 10)
    assert [r.disease for r in rows] == [d.id for d in world.diseases.values() if not d.traditional_pattern]
    assert np.mean([r.among_first for r in rows]) > 0.8
    assert rows == coherence(world, 10)
    assert all(share >= 0.25 for _, _, share in pairs(rows))


def test_a_symptom_is_covered_by_a_link_a_kind_or_a_reason(world: KnowledgeBase, tmp_path: Path) -> None:
    for name in ("graph", "ontology"):
        (tmp_path / name).mkdir()
    (tmp_path / "graph" / "rotmensch2017_disease_symptom.csv").write_text(
        'Diseases,Symptoms\npneumonia,"cough (0.5), gloom (0.4)"\n', encoding="utf-8"
    )
    (tmp_path / "ontology" / "do_disease_symptom.tsv").write_text(
        "disease_id\tdisease_label\tsymptom_id\tsymptom_label\nD\tno such thing\tS\tcough\n", encoding="utf-8"
    )
    found = {p.symptom: p for p in coverage(world, WORLD, tmp_path)}
    assert found["cough"].covered and not found["gloom"].settled
    (tmp_path / "coverage.yaml").write_text("everywhere: {gloom: no symptom}\n", encoding="utf-8")
    found = {p.symptom: p for p in coverage(world, tmp_path, tmp_path)}
    assert found["gloom"].reason == "no symptom" and found["gloom"].settled
