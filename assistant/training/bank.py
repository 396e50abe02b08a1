"""The case bank: cases that we wrote, a file a department, in assistant/training/cases/*.jsonl.

Each line has a text, its language and register, age and sex, the observations that the text states, the
diagnosis and an acceptable differential. `part` says what a case is for: `train` teaches the text model,
`fit` sets thresholds and weights, `test` measures. Two cases of every disease are kept from training.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.events import State
from knowledge.concepts import Language, Sex

CASES = Path(__file__).parent / "cases"

Part = Literal["train", "fit", "test"]


class BankCase(BaseModel):
    """One case of the bank; ids are bare."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    part: Part
    text: str = Field(min_length=1)
    language: Language
    register_: Literal["patient", "note", "terse"] = Field(alias="register")
    age: float | None = Field(default=None, ge=0, le=120)
    sex: Sex | None = None
    findings: tuple[tuple[str, State], ...]
    diagnosis: str
    differential: tuple[str, ...] = ()


def bank(part: Part | None = None, folder: Path = CASES) -> Iterator[BankCase]:
    """The cases of one part, or all, in the order of the files."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = BankCase.model_validate_json(line)
            if part is None or case.part == part:
                yield case


def line_of(case: BankCase) -> str:
    """The case as a line of the bank."""
    return json.dumps(case.model_dump(mode="json", by_alias=True), ensure_ascii=False)
