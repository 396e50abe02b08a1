"""The pictures of a session as the page shows them: with what lies over them, a ruler, and what they say."""

import base64
from collections.abc import Sequence
from typing import Any

from assistant.panels import render, words
from assistant.phrases import percent
from assistant.pictures import Look
from assistant.window_panel import window_slots
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language

_RULER = 0.35
"""Largest share of a picture's width that the ruler takes."""

_LENGTHS = (200, 100, 50, 20, 10, 5)
"""Millimetres that a ruler may be long."""


def pictures_html(looks: Sequence[Look], base: KnowledgeBase, language: Language) -> str:
    """Every picture, its layer with a slider, the labels with their probabilities, and the findings."""
    if not looks:
        return f"<p class='quiet'>{words(language)['no_picture']}</p>"
    return render("pictures.html", language, looks=[_shown(look, base, language) for look in looks])


def _shown(look: Look, base: KnowledgeBase, language: Language) -> dict[str, Any]:
    return {
        "picture": base64.b64encode(look.picture).decode(),
        "layer": base64.b64encode(look.layer).decode(),
        "described": look.described.in_language(language),
        "outlined": look.outlined,
        "ruler": _ruler(look.millimetres),
        "window": window_slots(look.stored, language) if look.stored else None,
        "labels": [(label.in_language(language), percent(p)) for label, p in look.labels],
        "findings": [
            {
                "name": base.findings[f.finding].name(language),
                "ratio": f"× {f.likelihood_ratio:.2g}",
                "position": f.position.in_language(language) if f.position else "–",
            }
            for f in look.findings
            if f.finding in base.findings
        ],
    }


def _ruler(millimetres: float | None) -> dict[str, Any] | None:
    """A length that fits, as a share of the picture's width; None where the spacing is not known."""
    for length in _LENGTHS if millimetres else ():
        if length <= _RULER * millimetres:  # type: ignore[operator]
            return {"width": round(100 * length / millimetres, 2), "text": f"{length} mm"}  # type: ignore[operator]
    return None
