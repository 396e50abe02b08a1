"""The command `aetia compress`: the text model for ONNX Runtime, smaller and in 8 bits."""

from pathlib import Path
from typing import Annotated

import typer


def compress(
    out: Annotated[Path, typer.Argument(metavar="OUT.onnx", help="File to write.")],
    int8: Annotated[bool, typer.Option(help="Weights of the matrices in 8 bits.")] = True,
    prune: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Share of the feed-forward neurons to take out.")
    ] = 0.0,
) -> None:
    """Write the text model as one ONNX file; used where AETIA_TEXT_ONNX names it.

    What each form saves and costs: python -m benchmarks.compress
    """
    from assistant.onnx_network import export
    from assistant.pruning import pruned
    from assistant.text_model import TextModel
    from retrieval.embedding import Encoder

    model = TextModel.load(Encoder.load())
    export(pruned(model.network, prune), out, int8)
    typer.echo(f"{out}: {out.stat().st_size / 2**20:.1f} MB. Use it with AETIA_TEXT_ONNX={out}")
