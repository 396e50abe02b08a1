"""What codes in hospital records say: status, words, time, and the tables of LOINC and UCUM."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assistant.fhir_bundle import Json, codings


def status(resource: Json, key: str) -> str:
    """The code of a status, coded or plain; empty when there is none."""
    value = resource.get(key)
    return next((code for _, code, _ in codings(value)), "") if isinstance(value, dict) else str(value or "")


def words(code: Json | None) -> str:
    """The words of a code, without its kind in brackets: `Anemia (disorder)`."""
    return next((without_tag(words) for _, _, words in codings(code) if words), "")


def without_tag(words: str) -> str:
    """Words without the kind that SNOMED CT puts behind them in brackets."""
    head, bracket, tail = words.rpartition(" (")
    return head if bracket and tail.endswith(")") else words


def listed(code: Json | None) -> str:
    """A code as it is shown to a person who must see what was not understood."""
    system, value, _ = next(iter(codings(code)), ("", "", ""))
    place = f" [{system.rpartition('/')[2]} {value}]" if value else ""
    return f"{words(code)}{place}".strip()


def when(resource: Json) -> str:
    """When a resource was true, as text that sorts by time; empty when it does not say."""
    keys = ("effectiveDateTime", "issued", "authoredOn", "recordedDate", "date")
    period = resource.get("effectivePeriod") or {}
    return next((str(resource[key]) for key in keys if resource.get(key)), str(period.get("start") or ""))


@cache
def record_codes() -> dict[str, dict[str, Any]]:
    """`loinc`: code -> quantity; `ucum`: unit -> the pack's spelling."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(
        (files("assistant") / "rules" / "record_codes.yaml").read_text(encoding="utf-8")
    )
    return loaded
