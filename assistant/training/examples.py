"""What the text model learns from: our cases, cases that the graph generates, and names of findings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.rendering import person
from assistant.training.bank import BankCase
from assistant.training.simulate import SimulatedCase
from knowledge.base import KnowledgeBase
from knowledge.concepts import Finding, Language
from knowledge.normalise import is_chinese


@dataclass(frozen=True)
class Example:
    """One text and what is known of it.

    diseases: row -> share of the target, empty where the text names none. present, absent: rows of the
    findings that it states or denies. unsaid: rows of findings that it may imply, left out of the loss.
    """

    text: str
    diseases: Mapping[int, float]
    present: tuple[int, ...] = ()
    absent: tuple[int, ...] = ()
    unsaid: frozenset[int] = frozenset()


class Examples:
    """Makes examples for the diseases and findings of a knowledge base.

    differential_share: of a case's target, what goes to its acceptable differential.
    """

    def __init__(self, base: KnowledgeBase, differential_share: float) -> None:
        self._base = base
        self._share = differential_share
        self.disease_rows = {disease: row for row, disease in enumerate(base.diseases)}
        self.finding_rows = {finding: row for row, finding in enumerate(base.findings)}

    def of_bank(self, cases: Iterable[BankCase]) -> Iterator[Example]:
        """Our own cases; one whose diagnosis the pack does not know is left out."""
        for case in cases:
            if case.diagnosis in self.disease_rows:
                told = f"{person(case.age, case.sex, case.language)} {case.text}".strip()
                states = dict(case.findings)
                yield self._example(told, self._target(case), states)

    def of_simulated(self, cases: Iterable[SimulatedCase]) -> Iterator[Example]:
        """Cases that the graph generates."""
        for case in cases:
            states = dict.fromkeys(case.present, "present") | dict.fromkeys(case.absent, "absent")
            yield self._example(case.text, {self.disease_rows[case.disease]: 1.0}, states)

    def of_names(self, rng: np.random.Generator, share: float) -> Iterator[Example]:
        """A share of the names and questions of findings, a few to a text, some denied."""
        languages: tuple[Language, ...] = ("en", "zh")
        for language in languages:
            names = [
                (finding, name)
                for finding in self._base.findings.values()
                for name in (*finding.names.in_language(language), finding.question.in_language(language))
            ]
            order = list(rng.permutation(len(names))[: round(share * len(names))])
            while order:
                few = [names[order.pop()] for _ in range(min(len(order), int(rng.integers(1, 5))))]
                yield self._named(few, language, rng)

    def _named(self, few: list[tuple[Finding, str]], language: Language, rng: np.random.Generator) -> Example:
        no, between = ("没有", "，") if language == "zh" else ("no ", ", ")
        words, states = [], {}
        for finding, name in few:
            denied = rng.random() < 0.25 and not name.endswith(("?", "？"))
            states[finding.id] = "absent" if denied else "present"
            words.append((no if denied else "") + name.lower())
        return self._example(between.join(words), {}, states)

    def _target(self, case: BankCase) -> dict[int, float]:
        also = [self.disease_rows[d] for d in case.differential if d in self.disease_rows]
        share = self._share if also else 0.0
        target = {row: share / len(also) for row in also}
        own = self.disease_rows[case.diagnosis]
        return target | {own: 1.0 - share}

    def _example(self, text: str, diseases: Mapping[int, float], states: Mapping[str, str]) -> Example:
        rows = self.finding_rows
        known = [f for f in states if f in rows]
        wider = {rows[above] for f in known for above in self._base.ancestors[f]}
        stated = {rows[f] for f in known}
        return Example(
            text,
            diseases,
            tuple(rows[f] for f in known if states[f] != "absent"),
            tuple(rows[f] for f in known if states[f] == "absent"),
            frozenset(wider - stated),
        )


def drawn(examples: Sequence[Example], count: int, rng: np.random.Generator) -> Sequence[Example]:
    """Some of the examples, the longer the likelier: they say more, and short ones are many. All when count is 0."""
    if not 0 < count < len(examples):
        return examples
    lengths = np.array([_length(example.text) for example in examples])
    rows = rng.choice(len(lengths), count, replace=False, p=lengths / lengths.sum())
    return [examples[row] for row in rows]


def _length(text: str) -> float:
    """Of a text in words; a Chinese word is taken for a character and a half."""
    return len(text.split()) + sum(map(is_chinese, text)) / 1.5
