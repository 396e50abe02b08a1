"""`aetia train reading`: how far the second reader is trusted, and how well findings are read.

A finding of a case counts as read when it was read, or a kind of it or what it is a kind of in the
same state; what was read beside that counts against precision, but for what is reckoned from times and
what numbers rule out. Findings that a number merely rules out say nothing that the
text states, and are left out. The trust is fitted for F1 on the part `fit`, one number after the
other, and measured on `test`.
"""

import copy
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from assistant.api import Assistant
from assistant.events import Observation
from assistant.intake import Intake
from assistant.second_reader import SecondReader, Trust
from assistant.text_model import ReadFinding
from assistant.training.bank import BankCase, bank
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language

OUT = Path(__file__).parent.parent / "weights" / "reading.json"
_ADDS = (0.8, 0.85, 0.9)
"""No lower, though F1 on our cases would have it: in a few words, unlike our cases, it reads at .7 what nobody told."""
_REFINES = (0.95, 0.98)
_DOUBTS = {"name": (0.0, 0.01, 0.03, 0.1), "scattered": (0.0, 0.03, 0.1, 0.3)}
"""No higher: what stands there by name is doubted only where the second reader is nearly sure, for on words unlike our
cases it is surer than it should be."""
_DENIES, _AT_CUE = (0.6, 0.7, 0.8, 0.9), (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""`denies` no lower: at .5 a fever that was told beside blisters was taken for denied, and an emergency called less."""
_LEAST = 0.01


@dataclass
class Tally:
    """Observations read that the text states, those stated, those read beside; states that agree."""

    read: int = 0
    stated: int = 0
    beside: int = 0
    denials_right: int = 0
    denials: int = 0

    @property
    def measures(self) -> dict[str, float]:
        """Precision, recall, F1, and among findings that are denied or read as denied, the share agreed."""
        precision = self.read / max(self.read + self.beside, 1)
        recall = self.read / max(self.stated, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        agreed = self.denials_right / max(self.denials, 1)
        named = {"precision": precision, "recall": recall, "f1": f1, "negation_accuracy": agreed}
        return {name: round(value, 4) for name, value in named.items()}

    def add(self, case: BankCase, observations: Iterable[Observation], base: KnowledgeBase) -> None:
        """Count one case."""
        findings = [o for o in observations if o.ref.startswith("finding:")]
        reckoned = {o.bare: o.state for o in findings if not _says(o)}
        got = {o.bare: o.state for o in findings if _says(o)}
        implied = {above for f, state in got.items() if state == "present" for above in base.ancestors[f]}
        got = {f: state for f, state in got.items() if f not in implied or state != "present"}
        used: set[str] = set()
        for finding, state in case.findings:
            if finding not in base.findings or state == "unknown":
                continue
            kin = base.ancestors[finding] | base.descendants[finding]
            near = [f for f in got if f == finding or (f in kin and got[f] == state)]
            if not near and reckoned.get(finding) == state:
                near = [finding]
            self.stated += 1
            used.update(near)
            if near:
                self.read += 1
                told = got.get(finding, state)
                if "absent" in (state, told):
                    self.denials += 1
                    self.denials_right += state == told
        self.beside += sum(f not in used and state != "unknown" for f, state in got.items())


def train(out: Path = OUT) -> str:
    """Fit the trust, save it, and say what it measures on cases kept apart."""
    assistant = Assistant.load()
    second = assistant.dialogue.intake.second
    if second is None:
        return "There is no second reader to fit: the text model is switched off."
    recalled = _Recalled(second)
    best = _fitted(assistant.base, recalled, list(bank("fit")))
    measured = measure(assistant.base, recalled.trusting(best), list(bank("test")))
    content = {
        "trust": asdict(best),
        "measured": {k: t.measures for k, t in measured.items()},
    }
    out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return json.dumps(content)


def _fitted(base: KnowledgeBase, recalled: "_Recalled", cases: Sequence[BankCase]) -> Trust:
    def f1(trust: Trust) -> float:
        return measure(base, recalled.trusting(trust), cases)["all"].measures["f1"]

    def agreed(trust: Trust) -> float:
        return measure(base, recalled.trusting(trust), cases)["all"].measures["negation_accuracy"]

    trust = Trust(0.5, {"name": 0.01, "scattered": 0.1})
    for _ in range(2):
        trust = max((replace(trust, adds=p) for p in _ADDS), key=f1)
        for manner, ladder in _DOUBTS.items():
            trust = max((replace(trust, doubts={**trust.doubts, manner: p}) for p in ladder), key=f1)
    trust = max((replace(trust, refines=p) for p in _REFINES), key=f1)
    trust = max((replace(trust, denies=p) for p in _DENIES), key=agreed)
    trust = max((replace(trust, denies_at_cue=p) for p in _AT_CUE), key=agreed)
    return max((replace(trust, believes_cue=p) for p in _AT_CUE), key=agreed)


class _Recalled(SecondReader):
    """A second reader that reads each text once, however it is trusted afterwards."""

    def __init__(self, second: SecondReader) -> None:
        super().__init__(second.model, second.base, Trust(_LEAST, {"name": _LEAST}))
        self._read: dict[str, dict[str, ReadFinding]] = {}

    def trusting(self, trust: Trust) -> "_Recalled":
        """The same with another trust."""
        other = copy.copy(self)
        other.trust = trust
        return other

    def read(self, text: str) -> dict[str, ReadFinding]:
        """What was read in a text before, or is read now."""
        if text not in self._read:
            wide = copy.copy(self)
            wide.trust = Trust(_LEAST, {"name": _LEAST})
            self._read[text] = SecondReader.read(wide, text)
        return self._read[text]


def measure(
    base: KnowledgeBase,
    second: SecondReader | None,
    cases: Sequence[BankCase],
    also: Callable[[BankCase], Iterable[Observation]] = lambda _: (),
) -> dict[Language | str, Tally]:
    """Tallies by language, and of all. also: what one more reader finds, which counts where we found nothing."""
    intake = Intake(base, second)
    tallies: dict[Language | str, Tally] = {"en": Tally(), "zh": Tally(), "all": Tally()}
    for case in cases:
        ours = intake.read(case.text, 0, case.language, case.age, case.sex).observations
        known = {o.ref for o in ours}
        read = [*ours, *(o for o in also(case) if o.ref not in known)]
        tallies[case.language].add(case, read, base)
        tallies["all"].add(case, read, base)
    return tallies


def _says(observation: Observation) -> bool:
    """Whether it is said, and not reckoned from a time or ruled out by a number or a normal value."""
    if observation.manner in ("measured", "level"):
        return observation.state == "present"
    return observation.manner != "course"
