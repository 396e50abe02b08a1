"""What if: the case changed in one thing, and what each thing in it does.

All on the one network: a changed reading is a new reading of changed evidence, `do` cuts what leads
to a disease (Pearl, Causality, 2009, ch. 3). Nothing here compares worlds that share their noise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from knowledge.evidence import BadEvidence, Evidence
from knowledge.graph import CausalGraph, GraphReading
from knowledge.noisy_or import Floats

_BY_DRUG = 0.15
"""P(finding | a drug that can cause it), where the pack gives no number: `occasional`."""


@dataclass(frozen=True)
class Change:
    """Two readings of one case. before, after: GraphReading."""

    before: GraphReading
    after: GraphReading

    @property
    def shift(self) -> Floats:
        """(D,) what the change adds to each disease's log-odds."""
        return _log_odds(self.after.posterior) - _log_odds(self.before.posterior)

    def largest(self, count: int = 5) -> list[tuple[str, float, float]]:
        """The diseases whose probability changes most: id, before, after."""
        change = np.abs(self.after.posterior - self.before.posterior)
        rows = np.argsort(-change, kind="stable")[:count]
        ids, old, new = self.before.diseases, self.before.posterior, self.after.posterior
        return [(ids[i], float(old[i]), float(new[i])) for i in rows]


@dataclass(frozen=True)
class LikelihoodRatio:
    """How much likelier a finding is with a disease than without it. positive: when it is there;
    negative: when it is not."""

    finding: str
    positive: float
    negative: float


def suppose(graph: CausalGraph, evidence: Evidence, changed: Evidence) -> Change:
    """The case before and after. Raises as CausalGraph.posterior does."""
    return Change(graph.posterior(evidence), graph.posterior(changed))


def with_finding(evidence: Evidence, finding: str, present: bool | None) -> Evidence:
    """The evidence with a finding there, not there, or (None) not known."""
    kept = {f: r for f, r in evidence.virtual.items() if f != finding}
    there = evidence.present | {finding} if present else evidence.present - {finding}
    gone = evidence.absent | {finding} if present is False else evidence.absent - {finding}
    changed = replace(evidence, present=frozenset(there), absent=frozenset(gone), virtual=kept)
    return replace(changed, sought=frozenset(evidence.sought - {finding}))


def ruled(evidence: Evidence, disease: str, present: bool | None) -> Evidence:
    """The evidence with a disease ruled in, out, or (None) neither."""
    confirmed, excluded = evidence.confirmed - {disease}, evidence.excluded - {disease}
    if present is not None:
        confirmed, excluded = (
            (confirmed | {disease}, excluded) if present else (confirmed, excluded | {disease})
        )
    return replace(evidence, confirmed=frozenset(confirmed), excluded=frozenset(excluded))


def intervened(evidence: Evidence, diseases: Mapping[str, bool]) -> Evidence:
    """The evidence under do(disease = present or not): its causes are not concluded from it."""
    decided = diseases.keys()
    return replace(
        evidence,
        do={**evidence.do, **diseases},
        confirmed=frozenset(evidence.confirmed - decided),
        excluded=frozenset(evidence.excluded - decided),
    )


def treated(graph: CausalGraph, evidence: Evidence, disease: str) -> dict[str, float]:
    """Finding -> P(it is there afterwards), for what is present now, if a treatment removed a disease.

    What the case says of the other diseases is kept, the disease is set absent by do, and the findings
    are drawn anew. A prediction for follow-up, not a way to rank diseases.
    """
    if disease not in graph.row:
        raise BadEvidence(f"not in this pack: {disease}")
    belief = graph.posterior(evidence).posterior.copy()
    belief[graph.row[disease]] = 0.0
    return {f: _chance(graph, f, belief) for f in sorted(evidence.present)}


def on_drug(graph: CausalGraph, evidence: Evidence, drug: str) -> Evidence:
    """The evidence if the person took a drug: what it can cause (as a finding) says less of diseases.

    The drug is one more cause of such a finding, which is always there: the same as evidence with the
    inverse likelihood ratio (see CausalGraph). Raises BadEvidence for a drug that is not in the pack.
    """
    if drug not in graph.base.drugs:
        raise BadEvidence(f"not in this pack: {drug}")
    explained = evidence.present & frozenset(graph.base.drugs[drug].causes)
    ratios = dict.fromkeys(explained, 1 / _BY_DRUG)
    return replace(
        evidence, present=frozenset(evidence.present - explained), virtual={**evidence.virtual, **ratios}
    )


def leave_one_out(graph: CausalGraph, evidence: Evidence) -> dict[str, Floats]:
    """What each thing in the evidence adds to each disease's log-odds, exactly: (D,) for each full id.

    Every finding, virtual finding and risk factor is left out in turn and the case read again.
    """
    whole = _log_odds(graph.posterior(evidence).posterior)
    return {
        ref: whole - _log_odds(graph.posterior(without).posterior) for ref, without in _each(graph, evidence)
    }


def likelihood_ratios(graph: CausalGraph, evidence: Evidence, disease: str) -> list[LikelihoodRatio]:
    """Of every finding that the disease, or one that it causes, shows, and of what that is a kind of, in
    a person of this age, sex and risks before any finding; the most telling first."""
    prior = graph.prior(replace(evidence, present=frozenset(), absent=frozenset(), virtual={}))
    ratios = [_ratio(graph, prior, disease, finding) for finding in _shown(graph, disease)]
    return sorted(ratios, key=lambda r: -max(abs(np.log(r.positive)), abs(np.log(max(r.negative, 1e-9)))))


def _each(graph: CausalGraph, evidence: Evidence) -> Iterator[tuple[str, Evidence]]:
    for finding in sorted({*evidence.present, *evidence.absent, *evidence.sought, *evidence.virtual}):
        yield f"finding:{finding}", with_finding(evidence, finding, None)
    for risk in sorted(evidence.risks):
        rest = {r: has for r, has in evidence.risks.items() if r != risk}
        yield graph.base.observable(risk) or f"risk:{risk}", replace(evidence, risks=rest)


def _shown(graph: CausalGraph, disease: str) -> list[str]:
    base = graph.base
    entries = [base.diseases[d] for d in (disease, *(e.disease for e in base.diseases[disease].causes))]
    named = {edge.id for entry in entries for edge in entry.findings}
    return sorted(named.union(*(base.ancestors[f] for f in named)))


def _ratio(graph: CausalGraph, prior: Floats, disease: str, finding: str) -> LikelihoodRatio:
    row = graph.row[disease]
    column, leak = graph.column(finding), graph.base.findings[finding].leak_probability
    others = 1 - prior * column
    others[row] = 1.0
    silent = (1 - leak) * float(np.prod(others))
    with_it = 1 - silent * (1 - column[row])
    return LikelihoodRatio(finding, with_it / (1 - silent), (1 - with_it) / silent)


def _chance(graph: CausalGraph, finding: str, belief: Floats) -> float:
    leak = graph.base.findings[finding].leak_probability
    return float(1 - (1 - leak) * np.prod(1 - belief * graph.column(finding)))


def _log_odds(probability: Floats) -> Floats:
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(p) - np.log1p(-p))
