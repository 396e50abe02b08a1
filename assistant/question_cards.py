"""Which findings are asked about together: kinds of one finding, and the groups that the pack names.

A card is one question to the person with several choices, each of which is answered for itself. What
stands on it beside the best question is worth nearly as much to ask, so that a card is short.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.base import KnowledgeBase
from knowledge.concepts import QuestionGroup

MOST_CHOICES = 6
WORTH_ASKING = 0.15
"""A finding joins a card if it is worth this share of the card's best."""


@dataclass(frozen=True)
class Card:
    """A question with choices (bare finding ids, the best first).

    subject: the finding known to be there that all are kinds of. group: the pack's question that all
    belong to. Where neither is given, the choices name themselves.
    """

    choices: tuple[str, ...]
    subject: str | None = None
    group: QuestionGroup | None = None


class Cards:
    """Groups what belongs together; made once for a pack."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self._kinds: dict[str, tuple[str, ...]] = {}
        for finding in base.findings.values():
            for parent in finding.parents:
                self._kinds[parent] = (*self._kinds.get(parent, ()), finding.id)

    def around(self, best: str, worth: Mapping[str, float], held: frozenset[str]) -> Card | None:
        """The card of most worth that the best question can stand on; None when it is to be put alone.

        best: the bare id of a finding. worth: of every open question, by bare id. held: findings known
        to be there.
        """
        cards = [self._card(best, worth, held, group) for group in self._groups(best)]
        fit = [card for card in cards if len(card.choices) > 1]
        return max(fit, key=lambda card: sum(worth[f] for f in card.choices), default=None)

    def again(self, choices: Sequence[str], held: frozenset[str]) -> Card:
        """A card that was shown before, from its choices."""
        for group in self._groups(choices[0]):
            if set(choices) <= set(self._members(group)):
                return self._named(tuple(choices), held, group)
        return Card(tuple(choices))

    def _groups(self, finding: str) -> Iterable[str | QuestionGroup]:
        """The parents of a finding, then the pack's groups that it is in."""
        yield from self._base.findings[finding].parents
        yield from (group for group in self._base.question_groups if finding in group.of)

    def _members(self, group: str | QuestionGroup) -> tuple[str, ...]:
        return self._kinds[group] if isinstance(group, str) else group.of

    def _card(
        self, best: str, worth: Mapping[str, float], held: frozenset[str], group: str | QuestionGroup
    ) -> Card:
        least = WORTH_ASKING * worth[best]
        near = [f for f in self._members(group) if f != best and worth.get(f, 0.0) >= least]
        chosen = [best]
        for finding in sorted(near, key=lambda f: -worth[f]):
            if len(chosen) < MOST_CHOICES and not any(self._akin(finding, other) for other in chosen):
                chosen.append(finding)
        return self._named(tuple(chosen), held, group)

    def _named(self, choices: tuple[str, ...], held: frozenset[str], group: str | QuestionGroup) -> Card:
        if isinstance(group, QuestionGroup):
            return Card(choices, group=group)
        return Card(choices, subject=group if group in held else None)

    def _akin(self, one: str, other: str) -> bool:
        """Whether one finding is a kind of the other, so that an answer to one may answer both."""
        return one in self._base.ancestors[other] or other in self._base.ancestors[one]
