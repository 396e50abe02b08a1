"""The names by which the concepts of a pack are read."""

from collections.abc import Collection, Iterator

from knowledge.base import KnowledgeBase
from knowledge.concepts import Language

Named = tuple[str, Language, str]
"""A name, its language, and the full id of what it names."""

_LANGUAGES: tuple[Language, ...] = ("en", "zh")


def names_of(base: KnowledgeBase, prefixes: Collection[str]) -> Iterator[Named]:
    """The names of all concepts of some prefixes; those of a drug name the risk too that taking its class is."""
    for prefix in prefixes:
        for entry in base.by_prefix[prefix].values():
            for language in _LANGUAGES:
                yield from ((name, language, entry.ref) for name in entry.names.in_language(language))
    if "risk" in prefixes:
        yield from _of_drugs(base)


def _of_drugs(base: KnowledgeBase) -> Iterator[Named]:
    for risk in base.risk_factors.values():
        for drug in base.drugs.values():
            if set(risk.classes) & set(drug.classes):
                for language in _LANGUAGES:
                    yield from ((name, language, risk.ref) for name in drug.names.in_language(language))
