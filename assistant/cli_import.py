"""`aetia knowledge import`: other people's knowledge into packs."""

from pathlib import Path
from typing import Annotated

import typer

import_app = typer.Typer(help="Read other people's knowledge into a pack.", no_args_is_help=True)


@import_app.callback()
def _each_source_has_its_command() -> None:
    """Keep the source's name a command while there is only one."""


@import_app.command()
def hpo(
    annotations: Annotated[Path, typer.Option(help="phenotype.hpoa, plain or .gz.")],
    edges: Annotated[Path, typer.Option(help="The is-a edges: hp.json or hp.obo, plain or .gz.")],
    labels: Annotated[
        list[Path],
        typer.Option(help="Names: a babelon table, or one of lay synonyms; may be given several times."),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the pack; use it with AETIA_PACK=DIR.")],
) -> None:
    """Read the Human Phenotype Ontology: rare diseases and the findings that they show."""
    from knowledge.importers.hpo import import_hpo

    imported = import_hpo(annotations, edges, labels, out)
    for note in imported.notes:
        typer.echo(note, err=True)
    base = imported.base
    edges_written = sum(len(d.findings) for d in base.diseases.values())
    typer.echo(
        f"{len(base.diseases)} diseases, {len(base.findings)} findings and {edges_written} links are in {out}"
    )
