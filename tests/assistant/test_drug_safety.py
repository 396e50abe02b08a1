"""Drugs for a person: allergies, conditions, age, values, other drugs; and what is not covered."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.drug_safety import STANDINGS, DrugSafety, Patient
from knowledge.base import KnowledgeBase
from knowledge.pack import load_pack

CORE = load_pack()
SAFETY = DrugSafety(CORE)
_DRUGS = st.sampled_from(sorted(CORE.drugs))
_CONDITIONS = st.sampled_from(
    sorted({c.when for d in CORE.drugs.values() for c in d.contraindications if c.when} | {"asthma"})
)
_PATIENTS = st.builds(
    Patient,
    age=st.none() | st.floats(0, 100),
    conditions=st.frozensets(_CONDITIONS, max_size=3),
    drugs=st.frozensets(_DRUGS, max_size=2),
    allergies=st.frozensets(_DRUGS, max_size=1),
)


@pytest.fixture(scope="module")
def safety(world: KnowledgeBase) -> DrugSafety:
    return DrugSafety(world)


@pytest.mark.parametrize(
    ("drug", "patient", "standing", "because"),
    [
        ("amoxicillin", Patient(allergies=frozenset({"oxacillin"})), "contraindicated", "drug:oxacillin"),
        ("oxacillin", Patient(allergies=frozenset({"penicillins"})), "contraindicated", "class:penicillins"),
        ("salbutamol", Patient(allergies=frozenset({"oxacillin"})), "open", None),
        ("codeine", Patient(age=11.5), "contraindicated", "age"),
        ("codeine", Patient(age=12), "open", None),
        ("codeine", Patient(conditions=frozenset({"asthma"})), "adjust", "disease:asthma"),
        ("codeine", Patient(age=60, conditions=frozenset({"heart_attack"})), "open", None),
        ("codeine", Patient(age=70, conditions=frozenset({"heart_attack"})), "contraindicated", "disease:heart_attack"),
        ("codeine", Patient(values=(("temperature", 40.2),)), "adjust", "quantity:temperature"),
        ("codeine", Patient(values=(("temperature", 39.0),)), "open", None),
        ("ibuprofen", Patient(drugs=frozenset({"warfarin"})), "interacting", "drug:warfarin"),
        ("warfarin", Patient(drugs=frozenset({"ibuprofen"})), "interacting", "drug:ibuprofen"),
        ("ibuprofen", Patient(conditions=frozenset({"anticoagulants"})), "interacting", "class:anticoagulants"),
        ("ibuprofen", Patient(drugs=frozenset({"ibuprofen"})), "open", None),
    ],
)  # fmt: skip
def test_a_drug_stands_by_what_is_known(
    safety: DrugSafety, drug: str, patient: Patient, standing: str, because: str | None
) -> None:
    verdict = safety.verdict(drug, patient)
    assert verdict.standing == standing
    assert (verdict.reasons[0].because if verdict.reasons else None) == because


def test_what_the_pack_is_silent_about_is_named(safety: DrugSafety) -> None:
    patient = Patient(
        conditions=frozenset({"asthma"}), drugs=frozenset({"warfarin"}), allergies=frozenset({"codeine"})
    )
    verdict = safety.verdict("salbutamol", patient)
    assert verdict.standing == "open"
    assert verdict.uncovered == ("drug:codeine", "drug:warfarin", "disease:asthma")
    assert "disease:asthma" not in safety.verdict("codeine", patient).uncovered


def test_a_complaint_is_no_illness_to_be_held_against_a_drug(core: KnowledgeBase) -> None:
    told = Patient(conditions=frozenset({"hair_loss", "asthma"}))
    assert DrugSafety(core).verdict("levothyroxine", told).uncovered == ("disease:asthma",)


def test_every_reason_opens_its_passage() -> None:
    everything = Patient(
        conditions=frozenset(CORE.diseases) | CORE.risk_factors.keys(), allergies=frozenset({"amoxicillin"})
    )
    reasons = [r for drug in CORE.drugs for r in SAFETY.verdict(drug, everything).reasons]
    assert len(reasons) > 400
    assert all(r.passage in CORE.passages for r in reasons)


@settings(max_examples=150, deadline=None)
@given(drug=_DRUGS, patient=_PATIENTS, allergy=_DRUGS)
def test_a_further_allergy_never_makes_a_drug_better(drug: str, patient: Patient, allergy: str) -> None:
    worse = replace(patient, allergies=patient.allergies | {allergy})
    before, after = SAFETY.verdict(drug, patient), SAFETY.verdict(drug, worse)
    assert STANDINGS.index(after.standing) <= STANDINGS.index(before.standing)
    assert set(before.reasons) <= set(after.reasons)
    if allergy == drug:
        assert after.standing == "contraindicated"


@settings(max_examples=100, deadline=None)
@given(patient=_PATIENTS, drug=_DRUGS, other=_DRUGS)
def test_an_interaction_is_the_same_from_both_sides(patient: Patient, drug: str, other: str) -> None:
    def passages(one: str, two: str) -> set[str]:
        return {r.passage for r in SAFETY.between(one, two)}

    assert passages(drug, other) == passages(other, drug)


@pytest.mark.parametrize(
    ("told", "implied"),
    [
        (Patient(values=(("egfr", 35.0),)), "chronic_kidney_disease"),
        (Patient(conditions=frozenset({"type_2_diabetes"})), "diabetes"),
        (Patient(conditions=frozenset({"alcoholic_cirrhosis"})), "liver_disease"),
        (Patient(conditions=frozenset({"anticoagulant_use"})), "anticoagulants"),
    ],
)
def test_what_counts_as_a_condition(told: Patient, implied: str) -> None:
    assert implied in told.completed(CORE).conditions


def test_good_kidneys_imply_nothing() -> None:
    assert not Patient(values=(("egfr", 90.0),)).completed(CORE).conditions
