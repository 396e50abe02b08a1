"""`aetia ask --talk`: the questions of a case, answered at the terminal one after the other."""

import typer

from assistant.answer import Answer
from assistant.api import Session
from assistant.cli_answer import print_answer, print_question
from assistant.panels import words


def talk(session: Session, answer: Answer) -> None:
    """Ask until there is no question left, or the person leaves a line empty; then the whole answer."""
    while answer.question:
        print_question(answer.question)
        if answer.question.choices:
            typer.echo(f"  {words(answer.language)['choice_numbers']}")
        said = typer.prompt(">", default="", show_default=False, prompt_suffix=" ")
        if not said.strip():
            break
        answer = session.say(said)
        for note in answer.notes if answer.intent != "diagnose" else ():
            typer.echo(f"\n{note}")
    print_answer(session.assistant, answer)
