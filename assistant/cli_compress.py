"""The command `aetia compress`: the text models for ONNX Runtime, smaller and in 8 bits."""

from pathlib import Path
from typing import Annotated

import typer


def compress(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write into.")],
    int8: Annotated[bool, typer.Option(help="Weights of the matrices in 8 bits.")] = True,
    prune: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Share of the feed-forward neurons to take out.")
    ] = 0.0,
) -> None:
    """Write the text models as ONNX files, one each; used where AETIA_TEXT_ONNX names their folder.

    What each form saves and costs: python -m benchmarks.compress
    """
    from assistant.onnx_network import export
    from assistant.pruning import pruned
    from assistant.text_model import READER, WITNESSES, TextModel
    from retrieval.embedding import Encoder

    encoder = Encoder.load()
    for folder in (*WITNESSES, READER):
        path = out / f"{folder.name}.onnx"
        export(pruned(TextModel.load(encoder, folder).network, prune), path, int8)
        typer.echo(f"{path}: {path.stat().st_size / 2**20:.1f} MB")
    typer.echo(f"Use them with AETIA_TEXT_ONNX={out}")
