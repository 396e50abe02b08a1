"""Parts of an answer as plain JSON values, for commands and files."""

from typing import Any

from assistant.api import Assistant
from assistant.case import Case
from assistant.diagnosis import Assessment
from assistant.differential import Hypothesis
from knowledge.concepts import Language


def findings_json(case: Case) -> list[dict[str, Any]]:
    """The observations of a case as `diagnose` writes them."""
    return [
        {
            "finding": o.ref,
            "state": o.state,
            "span": [o.start, o.end] if o.start is not None else None,
        }
        for o in case.observations.values()
    ]


def hypothesis_json(assistant: Assistant, h: Hypothesis) -> dict[str, Any]:
    """One line of a differential as `diagnose` writes it."""
    if h.disease is None:
        return {"disease": None, "name": h.name, "name_zh": h.name, "icd10": None, "probability": 0.0}
    disease = assistant.base.diseases[h.disease]
    return {
        "disease": disease.ref,
        "name": disease.name("en"),
        "name_zh": disease.name("zh"),
        "icd10": disease.icd10[0] if disease.icd10 else None,
        "probability": round(h.probability, 6),
    }


def triage_json(assistant: Assistant, assessment: Assessment, language: Language) -> dict[str, Any]:
    """Level and reasons as `diagnose` writes them."""
    triage = assessment.triage
    reasons = [flag.in_language(language) for flag in triage.flags]
    reasons += [alarm.band.in_language(language) for alarm in triage.alarms[:1]]
    if triage.disease and not reasons:
        reasons = [assistant.base.diseases[triage.disease].name(language)]
    return {"level": triage.level, "reasons": reasons}
