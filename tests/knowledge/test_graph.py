"""The causal graph: structure worked into strengths, priors, and common sense."""

import numpy as np
import pytest

from knowledge.base import KnowledgeBase
from knowledge.evidence import Evidence
from knowledge.graph import CausalGraph, GraphReading


@pytest.fixture(scope="module")
def graph(world: KnowledgeBase) -> CausalGraph:
    return CausalGraph(world)


def probability(reading: GraphReading, disease: str) -> float:
    return float(reading.posterior[reading.diseases.index(disease)])


def test_a_shadow_and_fever_make_pneumonia(graph: CausalGraph) -> None:
    reading = graph.posterior(Evidence(present={"chest_opacity", "fever", "cough"}))
    assert probability(reading, "pneumonia") > 0.8


def test_a_kind_of_finding_counts_once(graph: CausalGraph) -> None:
    narrow = graph.posterior(Evidence(present={"productive_cough"}))
    both = graph.posterior(Evidence(present={"productive_cough", "cough"}))
    np.testing.assert_allclose(narrow.posterior, both.posterior)


def test_no_cough_at_all_says_more_than_no_phlegm(graph: CausalGraph) -> None:
    dry = graph.posterior(Evidence(present={"fever"}, absent={"productive_cough"}))
    silent = graph.posterior(Evidence(present={"fever"}, absent={"cough"}))
    assert probability(silent, "pneumonia") < probability(dry, "pneumonia")


def test_a_complication_lends_its_findings(graph: CausalGraph) -> None:
    assert graph.strength("pneumonia", "chest_pain") == pytest.approx(0.02 * 0.9)


def test_risk_factors_raise_and_their_absence_lowers(graph: CausalGraph) -> None:
    row = graph.diseases.index("heart_attack")
    plain = graph.prior(Evidence())[row]
    assert graph.prior(Evidence(risks={"smoking": True}))[row] > plain
    assert graph.prior(Evidence(risks={"smoking": False}))[row] < plain


def test_the_department_that_a_person_is_seen_in_tells(graph: CausalGraph, world: KnowledgeBase) -> None:
    alone = graph.prior(Evidence())
    there = graph.prior(Evidence(department="cardiology"))
    seen = np.array([d.department == "cardiology" for d in world.diseases.values()])
    assert 0 < seen.sum() < len(seen)
    assert (there[seen] == alone[seen]).all() and (there[~seen] == 0.1 * alone[~seen]).all()


def test_a_department_covers_others(world: KnowledgeBase) -> None:
    both = world.departments["cardiology"].model_copy(update={"covers": ("respiratory",)})
    wide = CausalGraph(world.model_copy(update={"departments": {**world.departments, "cardiology": both}}))
    assert (wide.prior(Evidence(department="cardiology")) == wide.prior(Evidence())).all()


def test_a_likelihood_ratio_moves_the_odds_of_a_sole_cause_by_itself(world: KnowledgeBase) -> None:
    graph = CausalGraph(world)
    before = probability(graph.posterior(Evidence()), "pneumonia")
    after = probability(graph.posterior(Evidence(virtual={"chest_opacity": 10.0})), "pneumonia")
    strength, leak = 0.95, 0.01
    ratio = (1 + 9 * (1 - (1 - strength) * (1 - leak))) / (1 + 9 * leak)
    assert after / (1 - after) == pytest.approx(before / (1 - before) * ratio, rel=1e-6)


def test_a_picture_that_says_no_lowers(graph: CausalGraph) -> None:
    before = graph.posterior(Evidence(present={"cough"}))
    after = graph.posterior(Evidence(present={"cough"}, virtual={"chest_opacity": 0.1}))
    assert probability(after, "pneumonia") < probability(before, "pneumonia")


def test_a_disease_ruled_out_is_out(graph: CausalGraph) -> None:
    reading = graph.posterior(Evidence(present={"chest_opacity"}, excluded={"pneumonia"}))
    assert probability(reading, "pneumonia") == 0


def test_weights_say_what_each_finding_adds(graph: CausalGraph) -> None:
    reading = graph.posterior(Evidence(present={"wheeze", "dyspnea"}, absent={"fever"}))
    row = reading.diseases.index("asthma")
    by_finding = {finding: reading.weights[i, row] for i, (finding, _) in enumerate(reading.findings)}
    assert by_finding["wheeze"] > by_finding["dyspnea"] > 0
    without = graph.posterior(Evidence(present={"dyspnea"}, absent={"fever"}))

    def log_odds(p: float) -> float:
        return float(np.log(p / (1 - p)))

    expected = log_odds(probability(reading, "asthma")) - log_odds(probability(without, "asthma"))
    assert by_finding["wheeze"] == pytest.approx(expected)


def test_the_drawing_holds_every_edge(graph: CausalGraph, world: KnowledgeBase) -> None:
    edges = sum(len(d.findings) + len(d.risk_factors) + len(d.causes) for d in world.diseases.values())
    assert graph.drawing.number_of_edges() == edges
    assert graph.drawing.edges["disease:asthma", "finding:wheeze"]["strength"] == 0.85


def test_findings_beyond_the_budget_are_bounded_and_the_bounds_hold_the_exact_answer(
    graph: CausalGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = Evidence(
        present={"fever", "cough", "dyspnea", "chest_pain", "wheeze"}, absent={"chest_opacity"}
    )
    exact = graph.posterior(evidence)
    assert exact.bounded == ()
    np.testing.assert_array_equal(exact.lower, exact.upper)
    monkeypatch.setattr("knowledge.graph.BUDGET", 200.0)
    reading = graph.posterior(evidence)
    assert 0 < len(reading.bounded) < 5
    assert {f for f, present in reading.findings if present} == evidence.present - set(reading.bounded)
    assert (reading.lower <= exact.posterior + 1e-9).all()
    assert (exact.posterior <= reading.upper + 1e-9).all()
    np.testing.assert_allclose(reading.posterior, exact.posterior, atol=0.1)


def test_a_stage_of_life_takes_the_mean_of_its_years(world: KnowledgeBase) -> None:
    pneumonia = world.diseases["pneumonia"]
    young = pneumonia.model_copy(
        update={"incidence": pneumonia.incidence.model_copy(update={"by_age": {"0-1": 8.0, "2-79": 2.0}})}
    )
    graph = CausalGraph(world.model_copy(update={"diseases": world.diseases | {"pneumonia": young}}))
    row = graph.row["pneumonia"]
    assert graph.prior(Evidence(life_stage="0-3"))[row] == pytest.approx(0.005)
    assert graph.prior(Evidence(life_stage="0-3", age=1.0))[row] == pytest.approx(0.008)
    assert graph.prior(Evidence(life_stage="2-14"))[row] == pytest.approx(0.002)


def test_a_drug_tells_of_what_it_treats(core: KnowledgeBase) -> None:
    graph = CausalGraph(core)
    plain, taking = graph.prior(Evidence()), graph.prior(Evidence(drugs={"mirabegron", "ibuprofen"}))
    treated = {
        drug: [d for d in core.diseases.values() if any(drug in t.drugs for t in d.treatment)]
        for drug in ("mirabegron", "ibuprofen")
    }
    bladder, aches = (graph.row[treated[drug][0].id] for drug in treated)
    assert taking[bladder] > 2 * plain[bladder]
    assert plain[aches] < taking[aches] < 1.1 * plain[aches]
