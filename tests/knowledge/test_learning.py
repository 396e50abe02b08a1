"""Learning finds the numbers that made the cases, moves only as far as they carry, and forgets no source."""

import numpy as np
import pytest

from knowledge.base import KnowledgeBase
from knowledge.graph import CausalGraph
from knowledge.learning import BadCases, LabelledCase, _expect_and_maximise


@pytest.fixture(scope="module")
def graph(world: KnowledgeBase) -> CausalGraph:
    return CausalGraph(world)


def simulated(graph: CausalGraph, number: int, seed: int, asked: float = 0.7) -> list[LabelledCase]:
    """Cases drawn from the graph's own links and leaks, with every disease as common as another."""
    rng = np.random.default_rng(seed)
    top = [f for f in graph.base.findings.values() if not f.parents and not graph.base.descendants[f.id]]
    cases = []
    for _ in range(number):
        diseases = {d for d in graph.diseases if rng.random() < 0.2}
        seen = {f.id: rng.random() < _chance(graph, diseases, f.id) for f in top if rng.random() < asked}
        present = frozenset(f for f, there in seen.items() if there)
        cases.append(LabelledCase(frozenset(diseases), present, frozenset(seen) - present))
    return cases


def _chance(graph: CausalGraph, diseases: set[str], finding: str) -> float:
    silent = 1 - graph.base.findings[finding].leak_probability
    for disease in diseases:
        own = {e.id: e.probability for e in graph.base.diseases[disease].findings}
        silent *= 1 - own.get(finding, 0.0)
    return 1 - silent


def strengths(graph: CausalGraph, findings: set[str]) -> dict[tuple[str, str], float]:
    return {
        (d.id, e.id): e.probability
        for d in graph.base.diseases.values()
        for e in d.findings
        if e.id in findings
    }


def blunted(base: KnowledgeBase) -> KnowledgeBase:
    """The same structure with all strengths alike."""
    diseases = {
        d.id: d.model_copy(
            update={
                "findings": tuple(
                    e.model_copy(update={"frequency": "frequent", "strength": 0.5}) for e in d.findings
                )
            }
        )
        for d in base.diseases.values()
    }
    return base.model_copy(update={"diseases": diseases})


def test_finds_the_strengths_that_made_the_cases(graph: CausalGraph) -> None:
    cases = simulated(graph, 4000, seed=1)
    seen = {f for case in cases for f in case.present | case.absent}
    learnt = strengths(CausalGraph(blunted(graph.base)).fit(cases), seen)
    true = strengths(graph, seen)
    assert len(true) > 5
    assert max(abs(learnt[link] - true[link]) for link in true) < 0.06


def test_one_cause_alone_is_the_mean_under_its_beta_prior() -> None:
    causes, shown = np.ones((10, 1)), np.arange(10) < 4
    learnt = _expect_and_maximise(causes, shown, np.array([0.2]), weight=5.0)
    assert learnt[0] == pytest.approx((5 * 0.2 + 4) / 15)


def test_each_round_of_em_makes_the_cases_likelier() -> None:
    rng = np.random.default_rng(0)
    causes = np.column_stack([np.ones(300), rng.random((300, 3)) < 0.4]).astype(float)
    true = np.array([0.05, 0.9, 0.4, 0.2])
    shown = rng.random(300) < 1 - np.prod(1 - causes * true, axis=1)

    def log_likelihood(strength: np.ndarray) -> float:
        there = 1 - np.prod(1 - causes * strength, axis=1)
        return float(np.log(np.where(shown, there, 1 - there)).sum())

    start = np.full(4, 0.5)
    learnt = _expect_and_maximise(causes, shown, start, weight=1e-9)
    assert log_likelihood(learnt) > log_likelihood(start)
    assert log_likelihood(learnt) >= log_likelihood(true)
    for i in range(4):
        for step in (-0.02, 0.02):
            near = learnt.copy()
            near[i] = np.clip(near[i] + step, 1e-6, 1 - 1e-6)
            assert log_likelihood(near) <= log_likelihood(learnt) + 1e-4


def test_a_few_cases_refine_and_do_not_overturn(graph: CausalGraph) -> None:
    before = strengths(graph, {"wheeze"})["asthma", "wheeze"]
    cases = [LabelledCase(frozenset({"asthma"}), absent=frozenset({"wheeze"}))] * 5
    updated = graph.update(cases)
    after = strengths(updated, {"wheeze"})["asthma", "wheeze"]
    assert before * 20 / 25 == pytest.approx(after, abs=1e-3)
    (edge,) = (e for e in updated.base.diseases["asthma"].findings if e.id == "wheeze")
    (old,) = (e for e in graph.base.diseases["asthma"].findings if e.id == "wheeze")
    assert (edge.basis, edge.source) == (old.basis, old.source)


def test_many_cases_make_an_edge_measured(graph: CausalGraph) -> None:
    cases = [LabelledCase(frozenset({"asthma"}), present=frozenset({"wheeze"}))] * 50
    (edge,) = (e for e in graph.update(cases).base.diseases["asthma"].findings if e.id == "wheeze")
    assert edge.basis == "measured"


def test_an_answer_that_is_missing_teaches_nothing(graph: CausalGraph) -> None:
    cases = [LabelledCase(frozenset({"asthma"}), present=frozenset({"wheeze"}))] * 10
    updated = graph.update(cases)
    untouched = {f for f in graph.base.findings if f not in {"wheeze"} | graph.base.ancestors["wheeze"]}
    assert strengths(updated, untouched) == strengths(graph, untouched)


def test_no_cases_change_nothing(graph: CausalGraph) -> None:
    assert graph.fit([]).base == graph.base


def test_cases_that_cannot_be_are_named(graph: CausalGraph) -> None:
    bad = [
        LabelledCase(frozenset({"flu_of_mars"})),
        LabelledCase(frozenset(), present=frozenset({"productive_cough"}), absent=frozenset({"cough"})),
    ]
    with pytest.raises(BadCases, match=r"case 1: no disease .*flu_of_mars; case 2: both .*cough"):
        graph.fit(bad)
