"""The command `aetia`. Heavy parts are imported where they are used, so that help is instant."""

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli_compress import compress
from assistant.cli_knowledge import knowledge_app
from assistant.cli_picture import picture
from assistant.cli_question import question
from assistant.cli_readings import readings
from assistant.cli_score import score
from assistant.cli_train import train_app
from knowledge.errors import AetiaError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from assistant.api import Assistant
    from assistant.batch import Answering

app = typer.Typer(
    help="Aetia: a diagnostic assistant that shows its reasons, in English and Chinese.\n\n"
    "Start the chat page with `aetia serve`. It supports a person's decision; it does not replace a doctor.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(train_app, name="train")
app.command()(score)
app.command()(question)
app.command()(picture)
app.command()(readings)
app.command()(compress)


class Engine(StrEnum):
    """Where many cases are answered."""

    local = "local"
    ray = "ray"


class Hearer(StrEnum):
    """Whom an answer is worded for."""

    patient = "patient"
    clinician = "clinician"


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def main() -> None:
    """Run the command; faults meant for people are printed without a traceback."""
    try:
        app()
    except AetiaError as fault:
        typer.echo(f"aetia: {fault}", err=True)
        sys.exit(1)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the page.")] = 7860,
) -> None:
    """Open the chat page in a browser at http://HOST:PORT."""
    import ui

    ui.serve(host, port)


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The case, in your own words, English or Chinese.")] = "",
    record: Annotated[
        Path | None, typer.Option(help="A hospital record: a FHIR Bundle (R4 or R5, JSON) or a plain note.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Use what was read from the record unasked.")] = False,
    image: Annotated[list[Path] | None, typer.Option(help="A picture, such as a chest X-ray.")] = None,
    voice: Annotated[
        Hearer | None, typer.Option(help="Let the language model that is switched on reword it for them.")
    ] = None,
    talk: Annotated[
        bool, typer.Option("--talk", help="Answer its questions here; an empty line ends them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer one case.

    Example: aetia ask "38-year-old man with cough, short of breath, T 38.9"

    With a record: aetia ask --record bundle.json "now short of breath"
    """
    if not text.strip() and record is None:
        raise AetiaError("give the case in words, or a record with --record")
    from assistant.cli_answer import print_answer, print_json

    session = _assistant().start()
    if record:
        from assistant.cli_record import take_in

        take_in(session, record, yes)
    answer = session.say(text, images=image or ()) if text.strip() or image else session.answer()
    if voice:
        from assistant.llm.companion import reworded

        answer = reworded(session, answer, voice.value)
    if talk:
        from assistant.cli_talk import talk as ask_on

        ask_on(session, answer)
    elif as_json:
        print_json(session, answer)
    else:
        print_answer(session.assistant, answer)


@app.command()
def diagnose(
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl", help="One case a line: id, text, …")],
    target: Annotated[
        Path, typer.Argument(metavar="OUT.jsonl", help="One answer a line; continued if it exists.")
    ],
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that answer: one, or with `ray` one a core.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option(help="`local`, or `ray`: on the cluster at RAY_ADDRESS, else a local one.")
    ] = Engine.local,
) -> None:
    """Answer many cases from a file, one line each, in order.

    A line holds "id" and "text", and optionally age, sex, language, findings_present, findings_absent,
    candidates, images. Without text only the causal graph runs. Exit status 1 when a line was bad.

    Many cases: aetia diagnose IN.jsonl OUT.jsonl --workers 8
    """
    from tqdm import tqdm

    from assistant.batch import run

    if not source.exists():
        raise AetiaError(f"{source} does not exist; give a file with one JSON object a line")
    with source.open(encoding="utf-8") as lines:
        total = sum(bool(line.strip()) for line in lines)
    with tqdm(total=total, unit="case", disable=None) as bar, _answering(engine, workers) as answering:
        bad = run(answering, source, target, bar.update)
    if bad:
        typer.echo(f"{bad} of {total} lines could not be answered; each has an `error` in {target}", err=True)
        raise typer.Exit(1)


@app.command()
def resolve(
    names: Annotated[list[str], typer.Argument(help="Disease names, synonyms or ICD-10 codes.")],
) -> None:
    """Say which disease each name means, as a JSON line; null when none does."""
    from assistant.settings import Settings
    from knowledge.pack import load_pack
    from knowledge.resolve import Resolver

    resolver = Resolver(load_pack(Settings.from_environment().pack))
    for name in names:
        found = resolver.resolve(name)
        line = {
            "name": name,
            "disease": found.disease if found else None,
            "match": found.match if found else None,
        }
        typer.echo(json.dumps(line, ensure_ascii=False))


@app.command()
def index(
    paths: Annotated[
        list[Path], typer.Argument(help="Files or folders: PDF, HTML, Markdown, text, DOCX, XML, JSONL.")
    ],
    name: Annotated[str, typer.Option(help="Name of the index.")] = "documents",
    engine: Annotated[
        Engine, typer.Option(help="Where passages are encoded: here, or on the Ray cluster at RAY_ADDRESS.")
    ] = Engine.local,
    workers: Annotated[int, typer.Option(min=1, help="With `ray`: how many encode at a time.")] = 2,
) -> None:
    """Read documents into an index that answers are drawn from; a second run does only what changed."""
    from contextlib import nullcontext

    from tqdm import tqdm

    from retrieval.embedding import Encoder
    from retrieval.index import build
    from retrieval.on_ray import ray_encoding

    encoder = Encoder.for_search()
    away = ray_encoding(encoder, workers) if engine is Engine.ray else nullcontext()
    with away as encode_parts, tqdm(unit="passage", disable=None) as bar:

        def progress(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        report = build(paths, name, progress, encoder=encoder, encode_parts=encode_parts)
    for refused in report.refused:
        typer.echo(f"left out: {refused.path}: {refused.reason}", err=True)
    typer.echo(
        f"{len(report.added)} files added, {len(report.changed)} changed, {len(report.removed)} removed, "
        f"{report.unchanged} unchanged; the index `{name}` holds {report.passages} passages of "
        f"{report.documents} documents."
    )


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for, English or Chinese.")],
    count: Annotated[int, typer.Option("--count", "-n", help="How many hits.")] = 5,
    name: Annotated[str, typer.Option(help="Name of the index beside the built-in pack.")] = "documents",
    topic: Annotated[str | None, typer.Option(help="Only passages on this, such as `treatment`.")] = None,
    department: Annotated[str | None, typer.Option(help="Only on diseases of this department.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Only of this publisher.")] = None,
    licence: Annotated[str | None, typer.Option(help="Only under this licence.")] = None,
    since: Annotated[str | None, typer.Option(help="Only of this date or later, such as 2020.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the passages that speak of something, with source and place."""
    from assistant.library import Wanted, open_library

    wanted = Wanted(topic, department, publisher, licence, since)
    hits = open_library(name).search(query, count, wanted)
    for hit in hits:
        if as_json:
            typer.echo(json.dumps(hit.as_json(), ensure_ascii=False))
        else:
            typer.echo(hit.in_words() + "\n")
    if not hits:
        typer.echo("Nothing found. Add documents with `aetia index PATH...`.", err=True)


def _answering(engine: Engine, workers: int | None) -> "AbstractContextManager[Answering]":
    from contextlib import nullcontext

    from assistant.batch import Batch, one_by_one

    if engine is Engine.local and (workers or 1) == 1:
        return nullcontext(one_by_one(Batch(_assistant, _graph_only)))
    from assistant.workers import processes, ray_cluster

    count = workers or os.cpu_count() or 1
    return ray_cluster(count) if engine is Engine.ray else processes(count)


def _assistant() -> "Assistant":
    from assistant.api import Assistant

    return Assistant.load(
        progress=lambda step: typer.echo(f"{step} …", err=True) if sys.stderr.isatty() else None
    )


def _graph_only() -> "Assistant":
    from assistant.api import Assistant

    return Assistant.graph_only()


if __name__ == "__main__":
    main()
