"""How well findings are read: the part `test` of our case bank, which nothing was trained or fitted on.

`python -m benchmarks.reading --out R.json`: precision, recall, F1 and accuracy of negation by language,
with the second reader and without, and by register.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from assistant.api import Assistant
from assistant.training.bank import bank
from assistant.training.reading import measure
from benchmarks.measure import RESULTS, write


def main() -> None:
    """Measure both readers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS / "reading.json")
    options = parser.parse_args()
    assistant = Assistant.load()
    cases = list(bank("test"))
    result: dict[str, Any] = {"benchmark": "reading", "n": len(cases)}
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
