"""`aetia score`: a clinical score from values, with its source and what is missing."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from knowledge.errors import AetiaError

if TYPE_CHECKING:
    from knowledge.base import KnowledgeBase
    from knowledge.concepts import Language
    from knowledge.scoring import Result, Score


def score(
    name: Annotated[str | None, typer.Argument(help="Which score; without one all are listed.")] = None,
    values: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="What is known of the person.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the answer: en or zh.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Compute a clinical score; without values, say what it is computed from.

    A key is age, sex, a quantity (with its unit), a finding, a risk factor, a disease or an item of the
    score.

    Example: aetia score curb65 age=70 "urea=9 mmol/L" respiratory_rate=32 confusion=no
    """
    from assistant.score_words import result_json
    from assistant.scores import Scorer
    from assistant.settings import Settings
    from knowledge.pack import load_pack

    spoken: Language = "zh" if language == "zh" else "en"
    base = load_pack(Settings.from_environment().pack)
    scorer = Scorer(base)
    if name is None:
        for entry in scorer.library.scores.values():
            typer.echo(f"{entry.id:20} {entry.name(spoken)}: {entry.for_.in_language(spoken)}")
        return
    result = scorer.of_values(name, dict(map(_pair, values or ())))
    if as_json:
        typer.echo(json.dumps(result_json(result, spoken), ensure_ascii=False))
    elif values:
        _print(result, base, spoken)
    else:
        _describe(result.score, spoken)


def _pair(given: str) -> tuple[str, str]:
    key, sign, value = given.partition("=")
    if not sign:
        raise AetiaError(f"`{given}` is no KEY=VALUE; write for instance age=70 or confusion=yes")
    return key.strip(), value.strip()


def _describe(entry: "Score", language: "Language") -> None:
    typer.echo(f"{entry.name(language)}: {entry.for_.in_language(language)}")
    for item in entry.lines:
        choices = "; ".join(f"{o.points:g}: {o.in_language(language)}" for o in item.choices)
        needs = choices or item.formula or " – ".join(map(str, item.answers or ()))
        typer.echo(f"  {item.id}: {item.in_language(language)} [{needs}]")


def _print(result: "Result", base: "KnowledgeBase", language: "Language") -> None:
    from assistant.phrases import say
    from assistant.score_words import missing_in_words, value_in_words

    typer.secho(value_in_words(result, language), bold=True)
    if result.applies is False:
        typer.echo(say(language, "score_not_for", score=result.score.name(language)))
    for line in result.lines:
        low, high = round(line.low, 2), round(line.high, 2)
        points = f"{low:g}" if low == high else f"{low:g} – {high:g}"
        typer.echo(f"  {points:>8}  {line.item.in_language(language)}")
    for band in (*result.bands, *filter(None, [result.single])) if result.known else ():
        passage = result.score.passage(band)
        source = base.sources[passage.source]
        page = f", p. {passage.page}" if passage.page else ""
        unchecked = "" if source.checked else f" ({say(language, 'not_checked')})"
        typer.echo(f"{band.in_language(language)}\n    {source.title}, {source.publisher}{page}{unchecked}")
    if missing := missing_in_words(result, base, language):
        typer.echo(missing)
