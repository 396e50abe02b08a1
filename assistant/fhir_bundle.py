"""FHIR Bundles (R4 through the R4B models, R5) as plain resources, each checked by its model.

A resource that no model accepts is named with the reason and left out; the rest of the Bundle is read.
Needs the extra `fhir` (fhir.resources).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.errors import AetiaError

_READ = frozenset(
    {"Patient", "Condition", "Observation", "MedicationStatement", "MedicationRequest", "AllergyIntolerance",
     "DiagnosticReport", "DocumentReference", "Media", "Binary", "Medication"}
)  # fmt: skip
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Bundle:
    """resources: those that are read, in the Bundle's order. refused: `Type: why`. passed_over: how many
    of each other type there were. linked: those that are read, by `fullUrl` and by `Type/id`."""

    resources: tuple[Json, ...]
    refused: tuple[str, ...]
    passed_over: tuple[tuple[str, int], ...]
    linked: Mapping[str, Json]


def read_bundle(text: str) -> Bundle:
    """A Bundle, or a single resource. Raises AetiaError for what is neither."""
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as fault:
        raise AetiaError(
            f"the record is no JSON: line {fault.lineno}, column {fault.colno}: {fault.msg}"
        ) from fault
    if not isinstance(raw, dict) or "resourceType" not in raw:
        raise AetiaError("the record has no `resourceType`; give a FHIR Bundle, or a note as plain text")
    entries = raw.get("entry") or [] if raw["resourceType"] == "Bundle" else [{"resource": raw}]
    found = [e for e in entries if isinstance(e, dict) and isinstance(e.get("resource"), dict)]
    kept: list[Json] = []
    linked: dict[str, Json] = {}
    refused: list[str] = []
    others: dict[str, int] = {}
    for entry in found:
        resource = entry["resource"]
        kind = str(resource.get("resourceType"))
        if kind not in _READ:
            others[kind] = others.get(kind, 0) + 1
        elif complaint := _fault(resource, kind):
            refused.append(f"{kind}: {complaint}")
        else:
            kept.append(resource)
            names = (entry.get("fullUrl"), f"{kind}/{resource['id']}" if resource.get("id") else None)
            linked |= {str(name): resource for name in names if name}
    return Bundle(tuple(kept), tuple(refused), tuple(sorted(others.items())), linked)


def codings(concept: Json | None) -> Iterator[tuple[str, str, str]]:
    """(system, code, words) of a CodeableConcept, or of an R5 CodeableReference; its text last."""
    concept = concept or {}
    concept = concept.get("concept") or concept
    for coding in concept.get("coding") or ():
        yield coding.get("system") or "", coding.get("code") or "", coding.get("display") or ""
    if text := concept.get("text"):
        yield "", "", text


def _fault(resource: Json, kind: str) -> str | None:
    """Why neither release's model accepts a resource; None when one does."""
    try:
        from fhir.resources import get_fhir_model_class as release_5
        from fhir.resources.R4B import get_fhir_model_class as release_4
    except ModuleNotFoundError as missing:
        raise AetiaError("reading FHIR needs `pip install aetia[fhir]`") from missing
    faults = []
    for model in (release_4, release_5):
        try:
            model(kind).model_validate(resource)
        except ValueError as fault:
            faults.append(_first(fault))
        else:
            return None
    return faults[0]


def _first(fault: ValueError) -> str:
    """The first complaint of a model: the place and what is wrong, without the values."""
    errors = getattr(fault, "errors", None)
    if errors is None:
        return type(fault).__name__
    first = errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
