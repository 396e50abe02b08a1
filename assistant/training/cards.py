"""The model cards of the text models, in words."""

import json
from typing import Any

from assistant.text_model import MAX_TOKENS

_ROLES = {
    "text": "It is one of four witnesses of the differential",
    "reader": "It is the second reader beside the lexicon",
}
_ALSO = {"text": "cases that the causal graph generates anew each epoch, and ", "reader": "and "}


def card_in_words(card: dict[str, Any]) -> str:
    """Markdown from what card.json holds."""
    data, measured = card["data"], card["validation"]
    name = "text" if card["diseases"] else "reader"
    added = "".join(map(_added, card.get("added", ())))
    return f"""# Model card: {name}

**What it is.** {card["model"]}: {len(card["diseases"])} diseases and {len(card["findings"])} findings of
the built-in pack. {_ROLES[name]}; it is never used alone.

**Data.** {data["our_cases"]} cases that we wrote (assistant/training/cases, part `train`), {_ALSO[name]}names and
questions of findings. No evaluation data.

**Measured on {data["validation"]} of our cases that were not trained on (part `fit`).**
{", ".join(f"{k} {v}" for k, v in measured.items())}. They are by the same hands as the training cases;
the benchmarks on real cases count.

**How.** `aetia train {name} {_arguments(card["options"])}`; options {json.dumps(card["options"])};
versions {json.dumps(card["versions"])}; {card["made"]}.
{added}
**Limits.** Knows only the diseases and findings listed in card.json; reads the first {MAX_TOKENS} tokens;
was not trained on real patients' records. Its Chinese was learnt from the pack and our cases alone (see retrieval/weights/chinese.json).

**Licence.** Apache-2.0, as Aetia; the base model is Apache-2.0.
"""


def _added(once: dict[str, Any]) -> str:
    return f"""
**Added since.** {once["made"]}, `aetia train added`: rows of the head for {", ".join(once["diseases"])}; all else is
as it was. On part `fit`: {", ".join(f"{k} {v}" for k, v in once["validation"].items())}.
"""


def _arguments(options: dict[str, Any]) -> str:
    """What to say after the command, to train so again."""
    said = {"seed": options["seed"], "epochs": options["epochs"], "init": options.get("init", "")}
    said |= {"rate": options["learning_rate"], "drawn": options.get("drawn", 0)}
    if not options["reader"]:
        said["simulated"] = options["simulated"]
    return " ".join(f"--{name} {value}" for name, value in said.items() if value != "")
