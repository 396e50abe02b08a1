"""The commands `aetia train ...`."""

from pathlib import Path
from typing import Annotated, Any

import typer

train_app = typer.Typer(help="Train the models that ship with Aetia, or your own.", no_args_is_help=True)

Out = Annotated[Path | None, typer.Option(help="Folder for the weights; the built-in one by default.")]
Init = Annotated[
    Path | None, typer.Option(help="Folder of weights to go on from; a reader's by default the text model's.")
]
Drawn = Annotated[
    int, typer.Option(help="Cases of ours drawn for an epoch, the longer the likelier; all when 0.")
]
Rate = Annotated[float, typer.Option(help="Highest rate of learning.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]


@train_app.command("text")
def train_text(
    out: Out = None,
    seed: Seed = 0,
    epochs: Annotated[int, typer.Option(help="At most so many; stops early.")] = 8,
    simulated: Annotated[
        int, typer.Option(help="Cases that the graph generates for each disease, anew each epoch.")
    ] = 2,
    threads: Annotated[int, typer.Option(help="Processor threads; all when 0.")] = 0,
    pretrain: Annotated[
        Path | None, typer.Option(help="Medical text to read first; kept only if it measures better.")
    ] = None,
    init: Init = None,
    rate: Rate = 1e-3,
    drawn: Drawn = 0,
) -> None:
    """Teach the text model diseases and findings, from our cases and from what the pack says.

    A run that was killed goes on from its last epoch when it is started again in the same way.
    """
    from assistant.training.text import train

    made_of: dict[str, Any] = {"simulated": simulated, "drawn": drawn, "learning_rate": rate}
    typer.echo(train(out, threads, pretrain, init, **made_of, seed=seed, epochs=epochs))


@train_app.command("reader")
def train_reader(
    out: Out = None,
    seed: Seed = 0,
    epochs: Annotated[int, typer.Option(help="At most so many; stops early.")] = 9,
    threads: Annotated[int, typer.Option(help="Processor threads; all when 0.")] = 0,
    init: Init = None,
    rate: Rate = 8e-4,
    drawn: Drawn = 0,
) -> None:
    """Teach a copy of the text model to read findings alone; begin after `aetia train text`.

    A run that was killed goes on from its last epoch when it is started again in the same way.
    """
    from assistant.training.text import train

    made_of: dict[str, Any] = {"reader": True, "simulated": 0, "cuttings": 6000}
    made_of |= {"drawn": drawn, "learning_rate": rate, "seed": seed, "epochs": epochs}
    typer.echo(train(out, threads, init=init, **made_of))


@train_app.command("added")
def train_added(seed: Seed = 0) -> None:
    """Teach the text models the diseases that were added to the pack since they were trained.

    What they know stays as it is; a row of the head is learnt for each new disease, in some minutes.
    """
    from tqdm import tqdm

    from assistant.training.added import train

    with tqdm(desc="texts read", mininterval=1) as bar:

        def progress(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        said = train(seed=seed, progress=progress)
    typer.echo(said)


@train_app.command("lm")
def train_lm(
    base: Annotated[Path, typer.Option(help="Folder of a causal model in safetensors, to begin from.")],
    out: Annotated[Path, typer.Option(help="Folder for the model that has learnt; for AETIA_LLM_PATH.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of case files in the form of our bank; ours by default.")
    ] = None,
    cases: Annotated[int, typer.Option(help="At most so many cases of each part; all when 0.")] = 0,
    epochs: Annotated[int, typer.Option(help="Passes over the dialogues.")] = 2,
    seed: Seed = 0,
) -> None:
    """Teach a language model of your own to answer from sources, by dialogues that the engine writes."""
    from assistant.training.lm import train

    def progress(step: str) -> None:
        typer.echo(step, err=True)

    typer.echo(train(base, out, data, progress=progress, cases=cases, epochs=epochs, seed=seed))


@train_app.command("chinese")
def train_chinese(
    seed: Seed = 0,
    epochs: Annotated[int, typer.Option(help="Passes over what the pack says in both languages.")] = 4,
) -> None:
    """Teach the sentence encoder Chinese characters, from what the pack says in both languages."""
    from tqdm import tqdm

    from assistant.training.distil import train

    with tqdm(desc="Chinese characters", mininterval=1) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update()

        typer.echo(train(None, epochs, seed, progress=progress))


@train_app.command("reading")
def train_reading() -> None:
    """Fit how far the second reader is trusted, on the cases of the bank kept for fitting."""
    from assistant.training.reading import train

    typer.echo(train())


@train_app.command("fusion")
def train_fusion() -> None:
    """Fit the weights with which the witnesses are added, on the cases kept for fitting."""
    from assistant.training.fusion import train

    typer.echo(train())


@train_app.command("embedding")
def train_embedding(
    data: Annotated[Path, typer.Option(help="Folder with MedQuAD's answers.jsonl.gz.")],
    out: Annotated[Path, typer.Option(help="Folder for the adapter; AETIA_EMBEDDING then names it.")],
    seed: Seed = 0,
    steps: Annotated[int, typer.Option(help="At most so many; stops early.")] = 140,
    threads: Annotated[int, typer.Option(help="Processor threads; all when 0.")] = 0,
) -> None:
    """Teach the sentence encoder to find what answers a question, by a small adapter beside its weights.

    aetia train embedding --data ../shared/data/medquad --out adapter
    AETIA_EMBEDDING=adapter aetia index papers/
    """
    from tqdm import tqdm

    from assistant.training.embedding import train

    with tqdm(desc="steps", mininterval=1) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update()

        said = train(data, out, threads, progress, seed=seed, steps=steps)
    typer.echo(said)


@train_app.command("vectors")
def train_vectors() -> None:
    """Encode the built-in pack's passages, so that a first search need not."""
    from assistant.library import ship_vectors

    typer.echo(ship_vectors())


@train_app.command("image")
def train_image(
    task: Annotated[
        str, typer.Option(help="A task of vision/tasks.yaml, `router`, or a new name for a set of your own.")
    ],
    data: Annotated[
        Path,
        typer.Option(
            help="Zip or folder with index.csv or a folder for each label; for the router, of zips."
        ),
    ],
    init: Annotated[
        str,
        typer.Option(
            help="Where the backbone starts: `imagenet`, `random`, a state dict, or weights of ours."
        ),
    ] = "imagenet",
    out: Out = None,
    seed: Annotated[int, typer.Option(help="Seed of the split and of training.")] = 7,
    epochs: Annotated[int, typer.Option(help="At most so many; the task's own number when 0.")] = 0,
) -> None:
    """Train an image model: grouped split, early stopping, resumable; writes weights and a model card.

    aetia train image --task knee_xray --data knee_xray.zip
    aetia train image --task our_wounds --data wounds/     # wounds/clean/*.jpg, wounds/infected/*.jpg
    """
    from vision.saved import BUILTIN
    from vision.training import train, train_router

    start = init if init in ("imagenet", "random") else Path(init)
    folder = out or BUILTIN
    if task == "router":
        typer.echo(train_router(data, folder, init=start, seed=seed))  # type: ignore[arg-type]
    else:
        typer.echo(train(task, data, folder, init=start, seed=seed, epochs=epochs or None))  # type: ignore[arg-type]
