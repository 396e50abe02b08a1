"""What a person's values should be: the most particular target of the pack that holds for them."""

from collections.abc import Iterator

from assistant.drug_safety import Patient
from knowledge.base import KnowledgeBase
from knowledge.concepts import Target
from knowledge.criteria import Judge, Truth


def targets_for(patient: Patient, base: KnowledgeBase) -> Iterator[Target]:
    """The targets of a person, in the pack's order. One that hangs on something unknown is left out, but
    an adult's holds for a person whose age is not known."""
    held = {t.id: t for t in base.targets.values() if _holds(t, patient)}
    replaced = {t.instead_of for t in held.values()}
    yield from (t for t in held.values() if t.id not in replaced)


def _holds(target: Target, patient: Patient) -> bool:
    if target.when is None:
        return True
    values = dict(patient.values)

    def value(quantity: str) -> float | None:
        return (_ADULT if patient.age is None else patient.age) if quantity == "age" else values.get(quantity)

    def state(bare: str) -> Truth:
        return True if bare in patient.conditions else None

    return Judge(state, value, patient.sex).holds(target.when) is True


_ADULT = 40.0
