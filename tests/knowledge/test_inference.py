"""The readings that a pack may ask for: each against its definition."""

import itertools

import numpy as np
import pytest

from knowledge.base import Inference, KnowledgeBase
from knowledge.diseases import Exposure
from knowledge.evidence import Evidence
from knowledge.graph import CausalGraph
from knowledge.noisy_or import ImpossibleEvidence, NoisyOr
from knowledge.single_cause import single_cause


def read_as(world: KnowledgeBase, **options: float) -> CausalGraph:
    return CausalGraph(world.model_copy(update={"inference": Inference(**options)}))


def odds(graph: CausalGraph, evidence: Evidence) -> np.ndarray:
    p = graph.posterior(evidence).posterior
    return np.asarray(p / (1 - p))


def test_a_single_cause_is_enumeration_over_single_diseases() -> None:
    rng = np.random.default_rng(0)
    net = NoisyOr(rng.uniform(0, 0.3, 5), rng.uniform(0, 0.9, (5, 6)), rng.uniform(0.01, 0.2, 6))
    positive, negative = [0, 2, 3], [1, 4]

    def weight(disease: int | None) -> float:
        total = float(np.prod([1 - p for d, p in enumerate(net.prior) if d != disease]))
        total *= 1.0 if disease is None else float(net.prior[disease])
        for f in [*positive, *negative]:
            silent = (1 - net.leak[f]) * (1 if disease is None else 1 - net.strength[disease, f])
            total *= silent if f in negative else 1 - silent
        return total

    weights = np.array([weight(d) for d in range(5)])
    whole = weights.sum() + weight(None)
    found = single_cause(net, positive, negative)
    np.testing.assert_allclose(found.probability, weights / whole, rtol=1e-12)
    assert found.evidence == pytest.approx(whole, rel=1e-12)
    for i, left_out in enumerate([*positive, *negative]):
        others = single_cause(
            net, [f for f in positive if f != left_out], [f for f in negative if f != left_out]
        )
        np.testing.assert_allclose(found.without[i], others.probability, rtol=1e-12)


def test_a_single_cause_names_impossible_evidence() -> None:
    net = NoisyOr(np.array([0.1]), np.array([[0.5]]), np.array([0.0]))
    with pytest.raises(ImpossibleEvidence):
        single_cause(net, [0], [])


def test_more_findings_than_the_exact_method_holds_need_no_bound(world: KnowledgeBase) -> None:
    graph = read_as(world, single=True)
    reading = graph.posterior(Evidence(present=frozenset(world.findings)))
    assert reading.bounded == ()
    assert reading.posterior.sum() <= 1 + 1e-12


def test_what_a_case_leaves_out_speaks_against_diseases_that_show_much(world: KnowledgeBase) -> None:
    evidence = Evidence(present={"fever", "dyspnea"})
    plain, broad = read_as(world), read_as(world, breadth=0.5)
    left = np.array(
        [
            sum(e.probability for e in d.findings if e.id not in ("fever", "dyspnea"))
            for d in world.diseases.values()
        ]
    )
    factor = (1 + left) ** -1.0  # two findings, each to the power of a half
    prior = plain.prior(evidence)
    moved = prior * factor / factor.max()
    moved = moved / (1 - prior + moved)
    network = plain._network(evidence).net
    same = NoisyOr(moved, network.strength, network.leak).posterior([0, 1], [])
    np.testing.assert_allclose(broad.posterior(evidence).posterior, same.probability, rtol=1e-9)


def test_what_is_believed_of_a_denial_is_a_likelihood_ratio(world: KnowledgeBase) -> None:
    half = read_as(world, denied=0.5).posterior(Evidence(absent={"fever"}))
    virtual = read_as(world).posterior(Evidence(virtual={"fever": 0.5}))
    np.testing.assert_allclose(half.posterior, virtual.posterior, rtol=1e-12)


def test_resemblance_adds_the_information_that_is_shared(world: KnowledgeBase) -> None:
    evidence = Evidence(present={"wheeze"})
    plain, alike = odds(read_as(world), evidence), odds(read_as(world, similarity=1.0), evidence)
    shows = np.array([read_as(world).strength(d, "wheeze") > 0 for d in world.diseases])
    assert shows.any() and not shows.all()
    gain = np.log(alike / plain)
    assert gain[shows].min() > gain[~shows].max()


def test_everything_off_is_the_plain_network(world: KnowledgeBase) -> None:
    for a, b in itertools.pairwise(
        [Evidence(present={"fever"}), Evidence(present={"cough"}, absent={"fever"})]
    ):
        for evidence in (a, b):
            network = read_as(world)._network(evidence)
            positive = list(range(len(network.positive)))
            negative = list(range(len(positive), len(network.net.leak)))
            same = network.net.posterior(positive, negative).probability
            np.testing.assert_array_equal(read_as(world).posterior(evidence).posterior, same)


def test_what_was_sought_is_absent_in_a_plain_pack_and_a_hint_where_the_pack_says_so(
    world: KnowledgeBase,
) -> None:
    plain = read_as(world)
    sought, absent = (
        Evidence(present={"cough"}, sought={"wheeze"}),
        Evidence(present={"cough"}, absent={"wheeze"}),
    )
    np.testing.assert_array_equal(plain.posterior(sought).posterior, plain.posterior(absent).posterior)
    hint, without = (
        odds(read_as(world, sought=0.5), sought),
        odds(read_as(world), Evidence(present={"cough"})),
    )
    gain = np.log(hint / without)
    shows = np.array([plain.strength(d, "wheeze") > 0 for d in world.diseases])
    assert gain[shows].max() > gain[~shows].max()
    assert plain.posterior(Evidence(present={"wheeze"}, sought={"wheeze"})).contradictions == ("wheeze",)


def test_what_nobody_leaves_out_speaks_against_what_it_belongs_to(world: KnowledgeBase) -> None:
    told = world.findings["fever"].model_copy(update={"told": 0.8, "told_by": ("smoking",)})
    graph = CausalGraph(world.model_copy(update={"findings": {**world.findings, "fever": told}}))
    plain = CausalGraph(world)
    evidence = Evidence(present={"cough"})
    shift = np.log(odds_of_prior(graph, evidence) / odds_of_prior(plain, evidence))
    np.testing.assert_allclose(shift, np.log1p(-0.8 * plain.column("fever")), atol=1e-9)
    for settled in (
        Evidence(present={"cough", "fever"}),
        Evidence(present={"cough"}, absent={"fever"}),
        Evidence(present={"cough"}, risks={"smoking": True}),
        Evidence(),
    ):
        np.testing.assert_array_equal(graph.posterior(settled).posterior, plain.posterior(settled).posterior)


def test_what_never_comes_without_an_exposure_is_unlikely_where_none_was_told(world: KnowledgeBase) -> None:
    never_without = Exposure(told=0.9, any=("smoking", "fever"))
    pneumonia = world.diseases["pneumonia"].model_copy(update={"exposure": never_without})
    graph = CausalGraph(world.model_copy(update={"diseases": {**world.diseases, "pneumonia": pneumonia}}))
    plain = CausalGraph(world)
    evidence = Evidence(present={"cough"})
    shift = np.log(odds_of_prior(graph, evidence) / odds_of_prior(plain, evidence))
    expected = [np.log1p(-0.9) if d == "pneumonia" else 0.0 for d in world.diseases]
    np.testing.assert_allclose(shift, expected, atol=1e-9)
    for met in (
        Evidence(present={"cough", "fever"}),
        Evidence(present={"cough"}, risks={"smoking": True}),
        Evidence(),
    ):
        np.testing.assert_array_equal(graph.posterior(met).posterior, plain.posterior(met).posterior)
    denied = Evidence(present={"cough"}, risks={"smoking": False})
    assert (odds_of_prior(graph, denied) <= odds_of_prior(plain, denied)).all()
    assert (odds_of_prior(graph, denied) < odds_of_prior(plain, denied)).any()


def odds_of_prior(graph: CausalGraph, evidence: Evidence) -> np.ndarray:
    p = graph._network(evidence).net.prior
    return np.asarray(p / (1 - p))
