"""The scores that are shipped (knowledge/scores/*.yaml), as far as a pack knows what they need."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from knowledge.base import KnowledgeBase
from knowledge.concepts import Criterion, Passage
from knowledge.criteria import names_in
from knowledge.errors import AetiaError
from knowledge.faults import FaultBook
from knowledge.scoring.formula import names_of
from knowledge.scoring.schema import Item, Score

SCORES = Path(__file__).parent.parent / "scores"
_PERSON = frozenset({"age", "female"})
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉²", "01234567892")


class ScoreLibrary:
    """Scores by id, read when first asked for. Raises PackError where a file holds what is no score."""

    def __init__(self, base: KnowledgeBase, folder: Path = SCORES) -> None:
        self._base = base
        self._folder = folder

    @cached_property
    def scores(self) -> dict[str, Score]:
        """Those that need nothing that the pack lacks."""
        return {key: score for key, score in self._written.items() if key not in self.lacking}

    @cached_property
    def lacking(self) -> dict[str, list[str]]:
        """The others, by id: what the pack lacks for them."""
        return {key: found for key, score in self._written.items() if (found := list(self._lacks(score)))}

    @cached_property
    def giving(self) -> dict[str, Score]:
        """Quantity -> the score that computes it."""
        return {score.gives: score for score in self.scores.values() if score.gives}

    @property
    def passages(self) -> list[Passage]:
        """Every band as a passage."""
        return [passage for score in self.scores.values() for passage in score.passages]

    def find(self, name: str) -> Score:
        """The score of an id or a name, whatever its case and hyphens. Raises AetiaError."""
        wanted = _plain(name)
        for score in self.scores.values():
            if wanted in {_plain(n) for n in (score.id, *score.names.en, *score.names.zh)}:
                return score
        raise AetiaError(f"`{name}` is no score that I know; I know: {', '.join(sorted(self.scores))}")

    def named_in(self, text: str) -> list[Score]:
        """Scores whose name stands in a text, the longest name first."""
        text = text.translate(_SUBSCRIPTS)
        named = [
            (max(map(len, names)), score)
            for score in self.scores.values()
            if (names := [n for n in (*score.names.en, *score.names.zh) if _stands_in(n, text)])
        ]
        return [score for _, score in sorted(named, key=lambda pair: -pair[0])]

    def about(self, disease: str) -> list[Score]:
        """Scores that serve a disease (bare id), or what it is a kind of."""
        kin = {disease}
        while (above := self._base.diseases[disease].subtype_of) and above not in kin:
            kin.add(disease := above)
        return [score for score in self.scores.values() if kin & set(score.diseases)]

    @cached_property
    def _written(self) -> dict[str, Score]:
        book = FaultBook(self._folder)
        found: dict[str, Score] = {}
        for path in sorted(self._folder.glob("*.yaml")):
            entries: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            for key, raw in entries.items():
                try:
                    found[key] = Score.model_validate({"id": key, **raw})
                except ValidationError as fault:
                    for error in fault.errors():
                        book.add(path.name, (key, *error["loc"]), error["msg"])
        book.raise_if_any()
        return found

    def _lacks(self, score: Score) -> Iterator[str]:
        base = self._base
        yield from (p.source for p in score.passages if p.source not in base.sources)
        yield from (d for d in score.diseases if d not in base.diseases)
        if score.gives and score.gives not in base.quantities:
            yield score.gives
        for item in score.items:
            yield from self._lacks_for(item)
        if score.unless:
            yield from self._unknown(score.unless)

    def _lacks_for(self, item: Item) -> Iterator[str]:
        for option in item.choices:
            if option.when:
                yield from self._unknown(option.when)
        for part in (*item.let.values(), item.formula or "0"):
            for name in names_of(part):
                if name not in self._base.quantities and name not in _PERSON and name not in item.let:
                    yield name

    def _unknown(self, criterion: Criterion) -> Iterator[str]:
        for name in names_in(criterion):
            kind, _, bare = name.rpartition(":")
            known = bare == "age" or bare in self._base.quantities if kind else self._base.observable(name)
            if not known:
                yield name


def _stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text as a word; one of capitals alone (HEART, CAT) only as such."""
    name = name.translate(_SUBSCRIPTS)
    flags = re.NOFLAG if name.isascii() and name.isalpha() and name.isupper() else re.IGNORECASE
    edge = r"[A-Za-z0-9]"
    return re.search(rf"(?<!{edge}){re.escape(name)}(?!{edge})", text, flags) is not None


def _plain(text: str) -> str:
    return "".join(ch for ch in text.translate(_SUBSCRIPTS).casefold() if ch.isalnum())
