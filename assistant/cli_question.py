"""The command `aetia question`: a free question, answered from the sources."""

from typing import Annotated

import typer


def question(
    text: Annotated[str, typer.Argument(help="What you want to know, English or Chinese.")],
    case: Annotated[str, typer.Option(help="The case that it is about, if it is about one.")] = "",
    name: Annotated[str, typer.Option(help="Name of the index beside the built-in pack.")] = "documents",
) -> None:
    """Answer a question from the sources, with the language model that is switched on."""
    from assistant.api import Assistant
    from assistant.llm.companion import answered

    reply = answered(Assistant.load(), text, case, name)
    numbers: dict[str, int] = {}
    for statement in reply.statements:
        marks = "".join(f"[{numbers.setdefault(c.passage, len(numbers) + 1)}]" for c in statement.citations)
        typer.echo(f"{statement.text} {marks}")
    for note in reply.notes:
        typer.echo(note)
    cited = {c.passage: c for s in reply.statements for c in s.citations}
    for passage, number in numbers.items():
        typer.echo(
            f"[{number}] {cited[passage].title}, {cited[passage].publisher} {cited[passage].url or ''}"
        )
