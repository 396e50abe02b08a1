"""What if: changes go the way that causes go, and every weight is what leaving out would show."""

import numpy as np
import pytest

from knowledge.base import KnowledgeBase
from knowledge.causal_paths import causal_paths
from knowledge.evidence import BadEvidence, Evidence
from knowledge.graph import CausalGraph, GraphReading
from knowledge.what_if import (
    intervened,
    leave_one_out,
    likelihood_ratios,
    on_drug,
    ruled,
    suppose,
    treated,
    with_finding,
)


@pytest.fixture(scope="module")
def graph(world: KnowledgeBase) -> CausalGraph:
    return CausalGraph(world)


CASE = Evidence(present={"cough", "fever"}, absent={"wheeze"}, age=60, risks={"smoking": True})


def probability(reading: GraphReading, disease: str) -> float:
    return float(reading.posterior[reading.diseases.index(disease)])


def log_odds(p: float) -> float:
    return float(np.log(p / (1 - p)))


def test_a_finding_toggled_there_and_back_changes_nothing(graph: CausalGraph) -> None:
    there = with_finding(CASE, "chest_opacity", True)
    back = with_finding(there, "chest_opacity", None)
    assert suppose(graph, CASE, back).shift == pytest.approx(np.zeros(len(graph.diseases)))
    change = suppose(graph, CASE, there)
    assert change.largest(1)[0][0] == "pneumonia"
    assert change.shift[graph.row["pneumonia"]] > 1


def test_ruling_a_disease_in_explains_its_findings_away(graph: CausalGraph) -> None:
    change = suppose(graph, CASE, ruled(CASE, "pneumonia", True))
    assert probability(change.after, "pneumonia") == 1
    others = [d for d in graph.diseases if d != "pneumonia" and graph.strength(d, "fever") > 0]
    assert others and all(change.shift[graph.row[d]] < 0 for d in others)


def test_seeing_a_disease_raises_its_cause_and_doing_it_does_not(graph: CausalGraph) -> None:
    effect, cause = next((edge.disease, d.id) for d in graph.base.diseases.values() for edge in d.causes)
    nothing = Evidence()
    before = probability(graph.posterior(nothing), cause)
    seen = probability(graph.posterior(ruled(nothing, effect, True)), cause)
    done = probability(graph.posterior(intervened(nothing, {effect: True})), cause)
    assert seen > 1.5 * before
    assert done == pytest.approx(before)
    assert probability(graph.posterior(ruled(nothing, effect, False)), cause) < before


def test_a_removed_disease_no_longer_lends_its_findings(graph: CausalGraph) -> None:
    effect, cause = next((edge.disease, d.id) for d in graph.base.diseases.values() for edge in d.causes)
    finding = next(
        e.id for e in graph.base.diseases[effect].findings
        if e.id not in {own.id for own in graph.base.diseases[cause].findings}
    )  # fmt: skip
    seen = Evidence(present={finding})
    before = probability(graph.posterior(seen), cause)
    after = probability(graph.posterior(intervened(seen, {effect: False})), cause)
    assert after < before
    assert after == pytest.approx(graph.prior(seen)[graph.row[cause]])


def test_leaving_one_out_is_exact_for_present_findings(graph: CausalGraph) -> None:
    reading = graph.posterior(CASE)
    exact = leave_one_out(graph, CASE)
    assert set(exact) == {"finding:cough", "finding:fever", "finding:wheeze", "risk:smoking"}
    for i, (finding, present) in enumerate(reading.findings):
        if present:
            np.testing.assert_allclose(reading.weights[i], exact[f"finding:{finding}"], atol=1e-9)
    assert exact["finding:wheeze"][graph.row["asthma"]] < 0


def test_likelihood_ratios_are_those_of_the_network(graph: CausalGraph) -> None:
    ratios = {r.finding: r for r in likelihood_ratios(graph, Evidence(), "pneumonia")}
    for finding in ("chest_opacity", "fever"):
        prior = log_odds(probability(graph.posterior(Evidence()), "pneumonia"))
        there = log_odds(probability(graph.posterior(Evidence(present={finding})), "pneumonia"))
        gone = log_odds(probability(graph.posterior(Evidence(absent={finding})), "pneumonia"))
        assert np.log(ratios[finding].positive) == pytest.approx(there - prior, abs=1e-9)
        assert np.log(ratios[finding].negative) == pytest.approx(gone - prior, abs=1e-9)


def test_treatment_takes_away_what_the_disease_caused(graph: CausalGraph) -> None:
    case = Evidence(present={"chest_opacity", "fever", "cough"})
    after = treated(graph, case, "pneumonia")
    assert after["chest_opacity"] < 0.1
    spared = treated(graph, case, "asthma")
    assert spared["chest_opacity"] > 0.8


def test_a_drug_that_can_cause_a_finding_takes_weight_from_it(
    world: KnowledgeBase, graph: CausalGraph
) -> None:
    drug = next(iter(world.drugs.values()))
    causing = world.model_copy(update={"drugs": {drug.id: drug.model_copy(update={"causes": ("wheeze",)})}})
    graph = CausalGraph(causing)
    case = Evidence(present={"wheeze"})
    change = suppose(graph, case, on_drug(graph, case, drug.id))
    row = graph.row["asthma"]
    assert graph.prior(case)[row] < change.after.posterior[row] < change.before.posterior[row]


def test_paths_lead_from_risk_through_disease_to_finding(graph: CausalGraph) -> None:
    case = Evidence(present={"chest_pain"}, risks={"smoking": True})
    paths = causal_paths(graph, case, "heart_attack")
    ends = [(path[0].cause, path[-1].effect) for path in paths]
    assert ends == [("risk:smoking", "disease:heart_attack"), ("disease:heart_attack", "finding:chest_pain")]
    assert all(step.basis for path in paths for step in path)


def test_paths_go_through_what_a_disease_causes(graph: CausalGraph) -> None:
    (path,) = causal_paths(graph, Evidence(present={"chest_pain"}), "pneumonia")
    assert [step.effect for step in path] == ["disease:heart_attack", "finding:chest_pain"]


def test_paths_end_at_a_kind_of_what_the_disease_shows(graph: CausalGraph) -> None:
    shown = next(d.id for d in graph.base.diseases.values() if "cough" in {e.id for e in d.findings})
    (path,) = causal_paths(graph, Evidence(present={"productive_cough"}), shown)
    assert (path[-1].kind, path[-1].effect) == ("is_a", "finding:productive_cough")


def test_evidence_that_makes_no_sense_is_named(graph: CausalGraph) -> None:
    with pytest.raises(BadEvidence, match="decided in two ways at once: asthma"):
        Evidence(excluded={"asthma"}, confirmed={"asthma"})
    with pytest.raises(BadEvidence, match=r"likelihood ratio of `fever` is 0.*above 0"):
        Evidence(virtual={"fever": 0.0})
    with pytest.raises(BadEvidence, match="not in this pack: nonsense"):
        graph.posterior(Evidence(present={"nonsense"}))
    with pytest.raises(BadEvidence, match="not in this pack: nothing"):
        treated(graph, CASE, "nothing")


def test_a_contradiction_is_named_and_presence_believed(graph: CausalGraph) -> None:
    reading = graph.posterior(Evidence(present={"productive_cough"}, absent={"cough", "fever"}))
    assert reading.contradictions == ("cough",)
    assert reading.findings == (("productive_cough", True), ("fever", False))
