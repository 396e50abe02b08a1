"""The card beside a weights file: JSON that the code reads, and the same in Markdown for people."""

import json
from pathlib import Path
from typing import Any

Card = dict[str, Any]

_MEASURES = ("accuracy", "balanced_accuracy", "auc", "macro_f1", "within_one_grade", "dice")


def write_card(card: Card, weights: Path) -> None:
    """Write NAME.json and NAME.md beside NAME.safetensors, and NAME.svg, the plot of its calibration."""
    text = json.dumps(card, indent=1, ensure_ascii=False)
    weights.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    weights.with_suffix(".md").write_text(_markdown(card, weights), encoding="utf-8")
    if bins := card["test"].get("reliability"):
        weights.with_suffix(".svg").write_text(reliability_svg(bins), encoding="utf-8")


def write_router_card(card: Card, weights: Path) -> None:
    """Write NAME.json and NAME.md beside the router's NAME.safetensors."""
    text = json.dumps(card, indent=1, ensure_ascii=False)
    weights.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    rows = ["| pictures | n | refused | AUROC against pictures in scope |", "|---|---|---|---|"]
    test = {name: row for name, row in card["test"].items() if name != "held_out_kinds"}
    rows += [f"| {name} | {r['n']} | {r['refused']:.1%} | {r.get('auroc', '')} |" for name, r in test.items()]
    strange = ["| kind never shown to it | n | refused | AUROC |", "|---|---|---|---|"]
    strange += [
        f"| {name} | {r['n']} | {r['refused']:.1%} | {r['auroc']} |"
        for name, r in card["test"]["held_out_kinds"].items()
    ]
    parts = [
        "# router",
        "Tells which kind of picture it is shown, and refuses whatever is not like those it learnt from. Weights: "
        f"`{weights.name}`, SHA-256 `{card['sha256']}`. Learnt from even samples of the sets of all kinds in "
        "`vision/scope.yaml`, under their terms, and of pictures that the program draws.",
        "## Measured on held-out groups",
        "\n".join(rows),
        "## With one kind held out",
        "\n".join(strange),
        "A child's and an adult's chest X-ray are much alike: without the one, many are taken for the other.",
        "## Limits",
        "Every picture that it is measured with comes from the archives named in the tasks, so the numbers say "
        "little of phone photographs of a screen or a film. Photographs are those that installed packages carry.",
    ]
    weights.with_suffix(".md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _markdown(card: Card, weights: Path) -> str:
    spec = card["spec"]
    shows = ", ".join(spec["labels"]) or "no labels"
    outlines = f" It outlines: {', '.join(spec['masks'])}." if spec["masks"] else ""
    sections = [
        f"# {card['task']}",
        f"Reads pictures of the kind `{spec['kind']}`: {shows}.{outlines} Weights: `{weights.name}`, SHA-256 "
        f"`{card['sha256']}`. Research use only; it supports a decision and makes none.",
        "## Data",
        _data(card),
        "## Measured on held-out groups",
        _measures(card["test"]),
        "## Limits",
        spec["limits"],
        "## How it was made",
        _making(card),
    ]
    if "reliability" in card["test"]:
        sections.insert(6, f"![What it said, and how often it was right]({weights.stem}.svg)")
    return "\n\n".join(sections) + "\n"


def _data(card: Card) -> str:
    source = card["spec"]["source"]
    rows = [
        f"{source['title']}. Licence: {source['licence']}.",
        "",
        "| part | pictures | groups |",
        "|---|---|---|",
    ]
    rows += [f"| {part} | {n['pictures']} | {n['groups']} |" for part, n in card["split"].items()]
    return "\n".join(rows)


def _measures(test: Card) -> str:
    rows = ["| measure | value (95 %) |", "|---|---|"]
    for name in _MEASURES:
        if name in test:
            low, high = test[f"{name}_95"]
            rows.append(f"| {name.replace('_', ' ')} | {test[name]:.3f} ({low:.3f} to {high:.3f}) |")
    for name in ("ece", "box_hit"):
        if name in test:
            rows.append(f"| {name.replace('_', ' ')} | {test[name]:.3f} |")
    rows += [f"| Dice of {name} | {value:.3f} |" for name, value in test.get("dice_by_outline", {}).items()]
    if "confusion" in test:
        rows += ["", *_confusion(test)]
    if test.get("subgroups"):
        rows += ["", "| who | n | accuracy |", "|---|---|---|"]
        rows += [f"| {who} | {row['n']} | {row['accuracy']:.3f} |" for who, row in test["subgroups"].items()]
    return "\n".join(rows)


def _confusion(test: Card) -> list[str]:
    labels = test["labels"]
    rows = [f"| true \\ called | {' | '.join(labels)} | recall (95 %) |", "|---" * (len(labels) + 2) + "|"]
    for label, counts in zip(labels, test["confusion"], strict=True):
        recall = test["recall"].get(label)
        share = (
            f"{recall['recall']:.2f} ({recall['recall_95'][0]:.2f} to {recall['recall_95'][1]:.2f})"
            if recall
            else ""
        )
        rows.append(f"| {label} | {' | '.join(map(str, counts))} | {share} |")
    return rows


def _making(card: Card) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in card["versions"].items())
    settings = ", ".join(f"{name} {value}" for name, value in card["settings"].items())
    lines = [
        f"`aetia train image --task {card['task']}`, starting from {card['init']}.",
        f"Seed {card['settings']['seed']}; the split is by the hash of each group's name with it.",
        f"Versions: {versions}.",
        f"Settings: {settings}. Best epoch by the validation part: {card['best_epoch'] + 1}.",
        "Kernels are stored as int8 with a scale for each channel; the numbers are of what is stored.",
        "Intervals are 95 %: 1,000 bootstrap samples of the pictures, Wilson's for a label's recall.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def reliability_svg(bins: list[list[float]], side: int = 220) -> str:
    """What was said across, how often it was right upwards; the diagonal is perfect."""
    inner, edge = side - 50, 40

    def at(said: float, right: float) -> tuple[float, float]:
        return round(edge + said * inner, 1), round(10 + (1 - right) * inner, 1)

    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    dots = []
    for n, said, right in bins:
        x, y = at(said, right)
        dots.append(
            f'<circle cx="{x}" cy="{y}" r="4" fill="#0072b2"><title>{n:.0f} pictures</title></circle>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" font-family="sans-serif" '
        f'font-size="11" role="img" aria-label="Calibration"><rect width="100%" height="100%" fill="white"/>'
        f'<path d="M{x0} {y1}V{y0}H{x1}" fill="none" stroke="#333"/>'
        f'<path d="M{x0} {y0}L{x1} {y1}" stroke="#999" stroke-dasharray="4"/>{"".join(dots)}'
        f'<text x="{edge}" y="{side - 8}">probability said</text>'
        f'<text x="12" y="{y0}" transform="rotate(-90 12 {y0})">share right</text></svg>\n'
    )
