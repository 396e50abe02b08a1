"""The names by which the concepts of a pack are read."""

from collections.abc import Collection, Iterator

from knowledge.base import KnowledgeBase
from knowledge.concepts import Language

Named = tuple[str, Language, str]
"""A name, its language, and the full id of what it names."""

_LANGUAGES: tuple[Language, ...] = ("en", "zh")


def names_of(base: KnowledgeBase, prefixes: Collection[str]) -> Iterator[Named]:
    """The names of all concepts of some prefixes; those of a drug name the risk too that taking its class is."""
    named = [(concept, concept.ref) for prefix in prefixes for concept in base.by_prefix[prefix].values()]
    if "risk" in prefixes:
        named += [
            (drug, risk.ref)
            for risk in base.risk_factors.values()
            for drug in base.drugs.values()
            if set(risk.classes) & set(drug.classes)
        ]
    for concept, ref in named:
        for language in _LANGUAGES:
            yield from ((name, language, ref) for name in concept.names.in_language(language))
