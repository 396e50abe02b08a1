"""What is said to the model, and about it, by language (rules/language_model.yaml)."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from knowledge.concepts import Language


def phrase(language: Language, key: str, **slots: object) -> str:
    """The phrase of a key, its slots filled."""
    return str(_phrases()[language][key]).format(**slots)


def instruction(name: str, language: Language) -> str:
    """What the model is told to do; it is told in English and answers in the language named."""
    text = str(_phrases()["instructions"][name])
    return text.replace("{language}", {"en": "English", "zh": "Chinese (简体中文)"}[language])


@cache
def _phrases() -> Any:
    return yaml.safe_load((files("assistant") / "rules" / "language_model.yaml").read_text(encoding="utf-8"))
