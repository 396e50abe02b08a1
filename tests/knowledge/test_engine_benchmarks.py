"""The benchmarks of the engine: rivals agree where they can run, ranks and shares are what they say."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import rare
from benchmarks.noisy_or import growth, like_the_pack, of_the_pack, positives
from benchmarks.rivals import Posteriors, pgmpy, pyagrum, quickscore, with_sixty_digits, within
from knowledge.base import KnowledgeBase
from knowledge.compiled import write_compiled
from knowledge.errors import AetiaError
from knowledge.graph import CausalGraph
from knowledge.noisy_or import NoisyOr


def network() -> NoisyOr:
    rng = np.random.default_rng(2)
    strength = rng.uniform(0.1, 0.9, (6, 5)) * (rng.random((6, 5)) < 0.6)
    return NoisyOr(rng.uniform(0.01, 0.2, 6), strength, rng.uniform(0.01, 0.1, 5))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("rival", [quickscore, with_sixty_digits, pyagrum, pgmpy])
def test_rivals_agree_where_the_evidence_is_probable(rival: Posteriors) -> None:
    net, positive = network(), [0, 2, 4]
    np.testing.assert_allclose(rival(net, positive)[1], net.posterior(positive, []).probability, atol=1e-9)


def test_quickscore_is_wrong_where_the_evidence_is_not() -> None:
    rng = np.random.default_rng(0)
    strength = rng.uniform(0.1, 0.9, (20, 10)) * (rng.random((20, 10)) < 0.3)
    net = NoisyOr(np.full(20, 1e-4), strength, np.full(10, 1e-3))
    positive = list(range(10))
    truth = with_sixty_digits(net, positive)[1]
    assert np.abs(net.posterior(positive, []).probability - truth).max() < 1e-12
    assert not np.nanmax(np.abs(quickscore(net, positive)[1] - truth)) < 1e-6


def test_a_rival_that_cannot_says_why() -> None:
    crowded = NoisyOr(np.full(30, 0.01), np.full((30, 2), 0.5), np.full(2, 0.01))
    answer = within(30, pgmpy, crowded, [0, 1])
    assert answer == "ValueError: a finding with 30 parents needs a table of 2^31 numbers"


def test_networks_have_their_size_and_the_commonest_findings_most_links(world: KnowledgeBase) -> None:
    net = like_the_pack(CausalGraph(world), 12, 20, seed=0)
    assert net.strength.shape == (12, 20)
    degree = np.count_nonzero(net.strength, axis=0)
    assert sorted(degree)[-3:] == sorted(degree[positives(net, 3, "commonest", 0)])
    assert set(growth(net, (2,))["2"]) == {"random_ms", "commonest_ms"}
    assert of_the_pack(world, seed=0).strength.shape[0] == len(world.diseases)


def test_equal_scores_share_their_places() -> None:
    score = np.array([0.5, 0.5, 0.9, 0.1])
    assert [rare.rank(score, row, range(4)) for row in range(4)] == [2.5, 2.5, 1.0, 4.0]
    assert rare.rank(score, 3, [1, 3]) == 2.0


def test_macro_counts_diseases_and_micro_cases() -> None:
    found = rare.shares([1, 1, 1, 4], ["a", "a", "a", "b"])
    assert (found["top1"]["micro"], found["top1"]["macro"]) == (0.75, 0.5)
    assert found["top10"]["micro"] == 1.0


def test_cases_are_ranked_and_what_is_unknown_is_named(
    world: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diseases = {
        f"omim_{i}": d.model_copy(update={"id": f"omim_{i}"}) for i, d in enumerate(world.diseases.values())
    }
    causes = {i: d.model_copy(update={"causes": (), "mimics": ()}) for i, d in diseases.items()}
    terms = {f: f"HP:{i:07d}" for i, f in enumerate(world.findings)}
    findings = {f.id: f.model_copy(update={"hpo": terms[f.id]}) for f in world.findings.values()}
    pack = world.model_copy(
        update={"diseases": causes, "findings": findings, "red_flags": (), "own_passages": ()}
    )
    asthma = list(world.diseases).index("asthma")
    case = {"id": "x", "disease": f"OMIM:{asthma}", "sex": "MALE", "age": "P13Y2M"}
    case |= {"observed": [terms["wheeze"], "HP:9999999"], "excluded": [terms["fever"]]}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case) + "\n")
    risky = {i: d.model_copy(update={"risk_factors": ()}) for i, d in causes.items()}
    nothing = {"drugs": {}, "drug_classes": {}, "implications": (), "targets": {}}
    pack = pack.model_copy(update={"diseases": risky, **nothing})
    write_compiled(pack, tmp_path / "pack")
    command = ["rare", "--cases", "cases.jsonl", "--pack", "pack", "--out", "r.json"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", command)
    rare.main()
    result = json.loads((tmp_path / "r.json").read_text())
    assert result["top1"]["micro"] == 1.0
    assert result["terms_not_in_the_pack"] == ["HP:9999999"]


def test_a_line_that_is_no_case_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"id": "x"}\n')
    with pytest.raises(AetiaError, match=r"c.jsonl:1: no case: KeyError"):
        rare.read_cases(tmp_path / "c.jsonl", {})
