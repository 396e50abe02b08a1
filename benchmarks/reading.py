"""How well findings are read: the part `test` of our case bank, which nothing was trained or fitted on.

`python -m benchmarks.reading --out R.json`: precision, recall, F1 and accuracy of negation by language,
with the second reader and without, and by register. `--model` measures the language model that AETIA_LLM_* switches
on as one more reader: what it would suggest counts as if all of it were confirmed.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.api import Assistant
from assistant.events import Observation
from assistant.llm.backend import ModelFault, switched_on
from assistant.llm.reading import ModelReader
from assistant.llm.recorder import Recorder
from assistant.llm.settings import ModelSettings
from assistant.training.bank import BankCase, bank
from assistant.training.reading import measure
from benchmarks.measure import RESULTS, write
from knowledge.errors import AetiaError


def _with_model(assistant: Assistant, cases: Sequence[BankCase]) -> dict[str, Any]:
    """The same with what a language model would suggest. Raises AetiaError when none is switched on."""
    backend = switched_on(ModelSettings.configured())
    if backend is None:
        raise AetiaError("No language model is switched on: set AETIA_LLM_BASE_URL or AETIA_LLM_PATH.")
    reader = ModelReader(assistant.base, assistant.dialogue.intake.lexicon)
    faults = 0

    def also(case: BankCase) -> tuple[Observation, ...]:
        nonlocal faults
        try:
            return reader.read(Recorder(backend, []), case.text, 0, case.language)
        except ModelFault:
            faults += 1
            return ()

    tallies = measure(assistant.base, assistant.dialogue.intake.second, cases, also)
    return {
        "model": backend.name,
        "model_faults": faults,
        "with_model": {language: tally.measures for language, tally in tallies.items()},
    }


def main() -> None:
    """Measure both readers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS / "reading.json")
    parser.add_argument("--model", action="store_true", help="also with the language model of AETIA_LLM_*")
    parser.add_argument("--limit", type=int, help="only so many cases")
    options = parser.parse_args()
    assistant = Assistant.load()
    cases = list(bank("test"))[: options.limit]
    result: dict[str, Any] = {"benchmark": "reading", "n": len(cases)}
    if options.model:
        result |= _with_model(assistant, cases)
    for name, second in (("both_readers", assistant.dialogue.intake.second), ("lexicon_alone", None)):
        tallies = measure(assistant.base, second, cases)
        result[name] = {language: tally.measures for language, tally in tallies.items()}
    for register in ("patient", "note", "terse"):
        chosen = [case for case in cases if case.register_ == register]
        tallies = measure(assistant.base, assistant.dialogue.intake.second, chosen)
        result[f"register_{register}"] = {lang: t.measures for lang, t in tallies.items()}
    print(json.dumps(result, indent=1))
    write(result, options.out)


if __name__ == "__main__":
    main()
