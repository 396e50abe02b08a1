"""What is known of one person, in bare ids: the input of the causal graph."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from knowledge.concepts import Sex
from knowledge.errors import AetiaError


class BadEvidence(AetiaError, ValueError):
    """Evidence that contradicts itself or means nothing; the message names it."""


@dataclass(frozen=True)
class Evidence:
    """Findings, risk factors and the person.

    sought: findings that are not there and that somebody looked for because of what they suspected, as
    a case report lists them; unlike `absent`, they were not asked of everybody. What was suspected is
    evidence too, in packs that say so (Inference.sought); elsewhere they count as absent.
    age: years. life_stage: the band of ages (years) that the person is in, where no age is known.
    risks: risk factor or disease id -> whether the person has it.
    drugs: what the person takes (bare ids), which tells of what it treats.
    department: where the person is seen, which tells what kind of illness it is taken for.
    virtual: finding -> likelihood ratio in its favour (an image that says 0.8).
    excluded, confirmed: diseases ruled out and in, as one who saw the person may; what causes a
    disease becomes likelier when it is ruled in. do: disease -> present or not, by an intervention
    (Pearl's do operator): it says nothing about the disease's causes.

    Raises BadEvidence.
    """

    present: Set[str] = frozenset()
    absent: Set[str] = frozenset()
    sought: Set[str] = frozenset()
    risks: Mapping[str, bool] = field(default_factory=dict)
    age: float | None = None
    sex: Sex | None = None
    life_stage: str | None = None
    drugs: Set[str] = frozenset()
    department: str | None = None
    virtual: Mapping[str, float] = field(default_factory=dict)
    excluded: Set[str] = frozenset()
    confirmed: Set[str] = frozenset()
    do: Mapping[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for finding, ratio in self.virtual.items():
            if not 0 < ratio < float("inf"):
                raise BadEvidence(
                    f"the likelihood ratio of `{finding}` is {ratio}, expected a number above 0"
                )
        decided = (self.excluded, self.confirmed, self.do.keys())
        if twice := sorted(set().union(*(a & b for a in decided for b in decided if a is not b))):
            raise BadEvidence(f"decided in two ways at once: {', '.join(twice)}; keep one of them")
