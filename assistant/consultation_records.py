"""Records of consultations: what the person told unasked, what asking brought out, the diagnosis.

A line of JSON holds `exp_sxs` (told unasked) and `imp_sxs` (brought out by asking), each symptom with
"1" present, "0" absent or "2" unsure, and the diagnosis as `label`: the form of the public sets Dxy,
MuZhi and MDD (Wei et al. 2018; Xu et al. 2019; Chen et al. 2022).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.errors import AetiaError


class Heard(IntEnum):
    """What is known of one symptom in a consultation."""

    NOTHING = 0
    TOLD_PRESENT = 1
    TOLD_ABSENT = 2
    PRESENT = 3
    ABSENT = 4
    UNSURE = 5
    NOT_MENTIONED = 6
    """Asked about, and the record does not say."""


ANSWERS = (Heard.PRESENT, Heard.ABSENT, Heard.UNSURE, Heard.NOT_MENTIONED)
_TOLD = {"1": Heard.TOLD_PRESENT, "0": Heard.TOLD_ABSENT, "2": Heard.UNSURE}
_ASKED = {"1": Heard.PRESENT, "0": Heard.ABSENT, "2": Heard.UNSURE}

Known = NDArray[np.int8]
"""(N, S) codes of `Heard`."""

_State = Annotated[Literal["0", "1", "2"], Field()]


class Consultation(BaseModel):
    """One line of a file; other fields are let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    exp_sxs: dict[str, _State]
    imp_sxs: dict[str, _State]
    label: str


@dataclass(frozen=True)
class Records:
    """N consultations over S symptoms and D diagnoses.

    told: (N, S) what was told unasked. answers: (N, S) what asking for each symptom brings out, what
    was told included. diagnosis: (N,) row in `diagnoses`, -1 for one that is not among them. hidden:
    (N,) how many symptoms there are to be found by asking, those outside `symptoms` included.
    """

    symptoms: tuple[str, ...]
    diagnoses: tuple[str, ...]
    told: Known
    answers: Known
    diagnosis: NDArray[np.intp]
    hidden: NDArray[np.intp]

    @classmethod
    def read(cls, path: Path, like: "Records | None" = None) -> "Records":
        """The consultations of a JSONL file. like: whose symptoms and diagnoses to use.

        Raises AetiaError with file and line for what cannot be read.
        """
        return cls.of(_read(path), like)

    @classmethod
    def of(cls, given: Iterable[Consultation], like: "Records | None" = None) -> "Records":
        """Consultations as arrays."""
        cases = tuple(given)
        symptoms = like.symptoms if like else tuple(sorted({s for c in cases for s in c.exp_sxs | c.imp_sxs}))
        diagnoses = like.diagnoses if like else tuple(sorted({c.label for c in cases}))
        column = {symptom: i for i, symptom in enumerate(symptoms)}
        row = {name: i for i, name in enumerate(diagnoses)}
        told = np.full((len(cases), len(symptoms)), Heard.NOTHING, np.int8)
        answers = np.full_like(told, Heard.NOT_MENTIONED)
        for i, case in enumerate(cases):
            _put(answers[i], case.imp_sxs, _ASKED, column)
            _put(answers[i], case.exp_sxs, _TOLD, column)
            _put(told[i], case.exp_sxs, _TOLD, column)
        diagnosis = np.array([row.get(c.label, -1) for c in cases], dtype=np.intp)
        hidden = np.array([len(c.imp_sxs.keys() - c.exp_sxs.keys()) for c in cases], dtype=np.intp)
        return cls(symptoms, diagnoses, told, answers, diagnosis, hidden)

    def __len__(self) -> int:
        return len(self.diagnosis)

    def some(self, rows: NDArray[np.intp]) -> "Records":
        """Some of the consultations, by their rows."""
        return Records(
            self.symptoms,
            self.diagnoses,
            self.told[rows],
            self.answers[rows],
            self.diagnosis[rows],
            self.hidden[rows],
        )


def _put(
    row: Known, states: Mapping[str, str], codes: Mapping[str, Heard], column: Mapping[str, int]
) -> None:
    for symptom, state in states.items():
        if symptom in column:
            row[column[symptom]] = codes[state]


def _read(path: Path) -> Iterable[Consultation]:
    if not path.is_file():
        raise AetiaError(f"{path} does not exist; give a file with one consultation as JSON a line")
    found = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield Consultation.model_validate(json.loads(line))
        except (json.JSONDecodeError, ValidationError) as fault:
            raise AetiaError(f"{path}:{number}: {_said(fault)}") from fault
        found += 1
    if not found:
        raise AetiaError(f"{path} holds no consultation")


def _said(fault: json.JSONDecodeError | ValidationError) -> str:
    if isinstance(fault, json.JSONDecodeError):
        return f"not JSON: {fault}"
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'line'}: {e['msg']}" for e in fault.errors())
