"""The commands `aetia knowledge ...`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli_import import import_app

if TYPE_CHECKING:
    from knowledge.base import KnowledgeBase
    from knowledge.coherence import Coherence
    from knowledge.coverage import Pair

knowledge_app = typer.Typer(help="Look at the knowledge pack and check it.", no_args_is_help=True)
knowledge_app.add_typer(import_app, name="import")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
LEAST_COVERED, LEAST_COHERENT = 0.80, 0.85


@knowledge_app.command()
def stats(as_json: AsJson = False) -> None:
    """Count what the pack holds: by department, tier, basis, language and source."""
    from assistant.settings import Settings
    from knowledge.pack import load_pack
    from knowledge.stats import count, in_words

    counts = count(load_pack(Settings.from_environment().pack))
    typer.echo(json.dumps(counts, ensure_ascii=False) if as_json else in_words(counts))


@knowledge_app.command()
def validate(
    pack: Annotated[
        Path | None, typer.Argument(help="Folder of the pack; the built-in one by default.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Folder of the source documents and tables, to check claims and coverage against."),
    ] = None,
    simulate: Annotated[
        int, typer.Option(help="Cases to draw from each disease, to see whether the graph finds it again.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Check a pack and name every fault with file, line, field and what was expected.

    Fails when a fault is found, when less than 80 % of other tables' strongest symptoms are in the pack or
    left out for a reason, or when less than 85 % of drawn cases are found again among the first three.
    """
    from assistant.settings import Settings
    from knowledge.faults import PackError
    from knowledge.pack import load_pack

    folder = pack or Settings.from_environment().pack
    faults: list[str] = []
    report: dict[str, Any] = {"pack": str(folder)}
    try:
        base = load_pack(folder, use_cache=False)
        faults += _ambiguous(base)
        if against:
            from knowledge.sources import against_sources

            faults += map(str, against_sources(base, against))
            faults += _cover(base, folder, against, report)
        if simulate:
            faults += _cohere(base, simulate, report)
    except PackError as broken:
        faults = [str(fault) for fault in broken.faults]
    _say(faults, report, as_json)
    raise typer.Exit(1 if faults else 0)


def _ambiguous(base: "KnowledgeBase") -> list[str]:
    from knowledge.lexicon import Lexicon

    return [
        f"`{words}`, as names are compared, means {' and '.join(refs)}"
        for words, refs in Lexicon(base).ambiguous()
    ]


def _cover(base: "KnowledgeBase", folder: Path, data: Path, report: dict[str, Any]) -> list[str]:
    from knowledge.coverage import TABLES, coverage

    pairs: list[Pair] = coverage(base, folder, data)
    faults = []
    for table in TABLES:
        own = [p for p in pairs if p.table == table]
        share = sum(p.settled for p in own) / max(len(own), 1)
        report[f"coverage_{table}"] = {
            "diseases": len({p.disease for p in own}),
            "pairs": len(own),
            "in_the_pack": round(sum(p.covered for p in own) / max(len(own), 1), 4),
            "in_the_pack_or_with_a_reason": round(share, 4),
        }
        if share < LEAST_COVERED:
            faults.append(f"coverage of {table} is {share:.2f}, expected at least {LEAST_COVERED}")
    report["not_covered"] = [f"{p.disease}: {p.symptom}" for p in pairs if not p.settled]
    return faults


def _cohere(base: "KnowledgeBase", cases: int, report: dict[str, Any]) -> list[str]:
    from tqdm import tqdm

    from knowledge.coherence import coherence, pairs

    with tqdm(total=len(base.diseases), desc="drawing cases", mininterval=1) as bar:
        rows: list[Coherence] = coherence(base, cases, done=bar.update)
    share = sum(r.among_first for r in rows) / len(rows)
    report["coherence"] = {
        "cases_a_disease": cases,
        "among_first_three": round(share, 4),
        "diseases_at_85_percent": round(sum(r.among_first >= LEAST_COHERENT for r in rows) / len(rows), 4),
    }
    report["not_told_apart"] = [f"{a} is taken for {b} ({share:.0%})" for a, b, share in pairs(rows)]
    expected = f"expected at least {LEAST_COHERENT}"
    return [f"coherence is {share:.2f}, {expected}"] if share < LEAST_COHERENT else []


def _say(faults: list[str], report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({**report, "faults": faults}, ensure_ascii=False))
        return
    for name, value in report.items():
        lines = value if isinstance(value, list) else [json.dumps(value, ensure_ascii=False)]
        typer.echo("\n".join(f"{name}: {line}" for line in lines[:60]))
    for fault in faults:
        typer.echo(fault)
    typer.echo(f"{len(faults)} faults" if faults else "No fault found.")
