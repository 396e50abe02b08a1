"""What a "what if …?" supposes: findings there or not, a disease ruled in or out or treated, a medicine taken,
another age or sex (rules/what_if.yaml).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assistant.case import Case, with_observations
from assistant.context import Context
from assistant.events import Observation
from assistant.patterns import compiled
from knowledge.base import KnowledgeBase
from knowledge.concepts import Sex
from knowledge.evidence import Evidence
from knowledge.graph import CausalGraph
from knowledge.lexicon import Lexicon
from knowledge.mentions import Mention
from knowledge.what_if import on_drug, ruled

_OLDEST = 120


@dataclass(frozen=True)
class Supposition:
    """present, absent: full ids of findings, risk factors and known conditions. ruled_in, ruled_out, treated:
    bare disease ids. drugs: bare ids. age in years."""

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    ruled_in: tuple[str, ...] = ()
    ruled_out: tuple[str, ...] = ()
    treated: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    age: float | None = None
    sex: Sex | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is supposed that the engine could work out."""
        return self == Supposition()

    @property
    def changes_case(self) -> bool:
        """Whether more is supposed than treatment, which foretells findings and says nothing of causes."""
        return self != Supposition(treated=self.treated)

    def case(self, case: Case, ancestors: Mapping[str, frozenset[str]]) -> Case:
        """The case under it, but for what only evidence can say (see `evidence`). ancestors: as in `fold`."""
        supposed = [Observation(ref=ref, state="absent", manner="asked") for ref in self.absent]
        supposed += [Observation(ref=ref, state="present", manner="asked") for ref in self.present]
        person = {key: value for key, value in (("age", self.age), ("sex", self.sex)) if value is not None}
        excluded = (case.excluded | frozenset(self.ruled_out)) - frozenset(self.ruled_in)
        otherwise = with_observations(case, supposed, ancestors)
        return otherwise.model_copy(update={"excluded": excluded, **person})

    def evidence(self, graph: CausalGraph, evidence: Evidence) -> Evidence:
        """The evidence with the diseases ruled in and the medicines taken."""
        for disease in self.ruled_in:
            evidence = ruled(evidence, disease, True)
        for drug in self.drugs:
            evidence = on_drug(graph, evidence, drug)
        return evidence


def supposition_in(text: str, case: Case, lexicon: Lexicon, base: KnowledgeBase) -> Supposition:
    """What a message supposes of a case."""
    context = Context(text, case.language)
    found: dict[str, list[str]] = {}
    for mention in lexicon.mentions(text):
        absent = "negation" in context.senses(mention.start, mention.end) or _says("absent", text)
        for kind, ref in _read(mention, absent, text, base):
            found.setdefault(kind, []).append(ref)
    unique = {kind: tuple(dict.fromkeys(refs)) for kind, refs in found.items()}
    return Supposition(**unique, age=_age(text), sex=_sex(text))


def _read(mention: Mention, absent: bool, text: str, base: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """The part of a supposition that each concept of a mention belongs to."""
    found = [ref for ref in mention.refs if ref.startswith("finding:")]
    for ref in found or mention.refs:
        prefix, _, bare = ref.partition(":")
        if prefix in ("finding", "risk"):
            yield ("absent" if absent else "present"), ref
        elif prefix == "drug" and not absent:
            yield "drugs", bare
        elif prefix == "disease" and bare in base.diseases:
            if _says("treated", text):
                yield "treated", bare
            elif absent:
                yield "ruled_out", bare
            elif _says("known", text):
                yield "present", ref
            else:
                yield "ruled_in", bare


def _says(key: str, text: str) -> bool:
    return any(compiled(pattern).search(text) for pattern in _rules()[key])


def _age(text: str) -> float | None:
    for pattern in _rules()["age"]:
        if (match := compiled(pattern).search(text)) and float(match[1]) <= _OLDEST:
            return float(match[1])
    return None


def _sex(text: str) -> Sex | None:
    sexes: tuple[Sex, Sex] = ("female", "male")
    return next((sex for sex in sexes if _says(sex, text)), None)


@cache
def _rules() -> dict[str, Any]:
    text = (files("assistant") / "rules" / "what_if.yaml").read_text(encoding="utf-8")
    rules: dict[str, Any] = yaml.safe_load(text)
    return rules
