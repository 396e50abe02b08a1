"""What is known of one person, in bare ids: the input of the causal graph."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from knowledge.concepts import Sex


@dataclass(frozen=True)
class Evidence:
    """Findings, risk factors and the person.

    age: years. risks: risk factor or disease id -> whether the person has it.
    virtual: finding -> likelihood ratio in its favour (an image that says 0.8).
    excluded: diseases ruled out by the user.
    """

    present: Set[str] = frozenset()
    absent: Set[str] = frozenset()
    risks: Mapping[str, bool] = field(default_factory=dict)
    age: float | None = None
    sex: Sex | None = None
    virtual: Mapping[str, float] = field(default_factory=dict)
    excluded: Set[str] = frozenset()
