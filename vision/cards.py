"""The card beside a weights file: JSON that the code reads, and the same in Markdown for people."""

import json
from pathlib import Path
from typing import Any

Card = dict[str, Any]


def write_card(card: Card, weights: Path) -> None:
    """Write NAME.json and NAME.md beside NAME.safetensors."""
    text = json.dumps(card, indent=1, ensure_ascii=False)
    weights.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    weights.with_suffix(".md").write_text(_markdown(card, weights.name), encoding="utf-8")


def _markdown(card: Card, name: str) -> str:
    sections = [f"# {card['task']}", _summary(card, name), "## Data", _data(card)]
    sections += ["## Measured on held-out groups", _measures(card), "## Limits", card["limits"]]
    sections += ["## How it was made", _making(card)]
    return "\n\n".join(sections) + "\n"


def _summary(card: Card, name: str) -> str:
    what = (
        f"Says how probable the finding `{card['finding']}` is on a chest X-ray, and where it looked."
        if "finding" in card
        else "Says whether a picture is a frontal chest X-ray the right way up, the only kind that is judged."
    )
    return f"{what} Weights: `{name}`, SHA-256 `{card['sha256']}`."


def _data(card: Card) -> str:
    rows = ["| set | source | licence | pictures: train, validation, test |", "|---|---|---|---|"]
    for name, source in card["data"].items():
        parts = card["split"].get(name, {})
        counts = ", ".join(f"{part['pictures']} ({part['groups']} groups)" for part in parts.values())
        rows.append(f"| {name} | {source['title']} | {source['licence']} | {counts} |")
    return "\n".join(rows)


def _measures(card: Card) -> str:
    if "kinds" in card:
        return _scope_measures(card)
    rows = [
        "| population | n | AUC | accuracy | balanced accuracy | ECE before, after |",
        "|---|---|---|---|---|---|",
    ]
    for name, test in card["test"].items():
        rows.append(
            f"| {name} | {test['n']} | {_with_interval(test, 'auc')} | {_with_interval(test, 'accuracy')} | "
            f"{_with_interval(test, 'balanced_accuracy')} | {test['ece_uncalibrated']}, {test['ece']} |"
        )
    matrices = [
        f"Confusion at one half, {name}: {test['confusion'][0]} of the normal and {test['confusion'][1]} of the "
        "pictures with an opacity were called normal and opacity."
        for name, test in card["test"].items()
    ]
    where = card["location"]
    if where.get("n"):
        matrices.append(
            f"Of {where['n']} pictures with a reader's box, the highest point of the map lay in a box in "
            f"{where['box_hit']:.0%}; the region overlapped the best box by {where['mean_overlap']:.2f} on average."
        )
    return "\n".join(rows) + "\n\n" + "\n".join(f"- {line}" for line in matrices)


def _scope_measures(card: Card) -> str:
    rows = ["| pictures | n | AUROC against held-out chests | refused |", "|---|---|---|---|"]
    for name, row in card["test"].items():
        auroc = row.get("auroc", "")
        rows.append(f"| {name} | {row['n']} | {auroc} | {row['refused']:.1%} |")
    unseen = ", ".join(card["unseen"])
    return "\n".join(rows) + f"\n\nNever trained on, so of a new kind: {unseen}."


def _with_interval(test: dict[str, Any], measure: str) -> str:
    low, high = test[f"{measure}_95"]
    return f"{test[measure]:.3f} ({low:.3f} to {high:.3f})"


def _making(card: Card) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in card["versions"].items())
    settings = ", ".join(f"{name} {value}" for name, value in card.get("settings", {}).items())
    lines = [
        f"Seed {card['seed']}; the split is by the hash of each group's name with it.",
        f"Versions: {versions}.",
    ]
    if settings:
        lines.append(f"Settings: {settings}. Best epoch by validation AUC: {card['best_epoch'] + 1}.")
    lines.append("Intervals are 95 %, by 1,000 bootstrap samples of the pictures.")
    return "\n".join(f"- {line}" for line in lines)
