"""Cases with what they state by name and their author did not note.

An author notes what leads to the diagnosis, and knew the findings that the pack had then; a text says more. Of 56 findings
read by name and not noted in cases of the part `fit`, about nine in ten were there. A reader that
learns from the notes alone learns that they are not.
"""

from assistant.intake import Intake
from assistant.training.bank import BankCase
from knowledge.base import KnowledgeBase


class Completer:
    """Completes cases; made once for a knowledge base."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self._intake = Intake(base)

    def __call__(self, case: BankCase) -> BankCase:
        """The case with the findings that its text names; what is kin to one that is noted is left as it is."""
        noted = {finding for finding, _ in case.findings}
        near = noted.union(
            *(self._base.ancestors[f] | self._base.descendants[f] for f in noted if f in self._base.findings)
        )
        read = self._intake.read(case.text, 0, case.language, case.age, case.sex).observations
        named = tuple(
            (o.bare, o.state)
            for o in read
            if o.ref.startswith("finding:")
            and o.manner == "name"
            and o.state != "unknown"
            and o.bare not in near
        )
        return case.model_copy(update={"findings": (*case.findings, *named)})
