"""A conversation as chat messages, from its events: what is shown is what was computed."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, takewhile

from assistant.answer import Answer, Statement
from assistant.api import Assistant
from assistant.events import (
    OURS,
    Chose,
    Described,
    Event,
    Excluded,
    Generated,
    Replied,
    Said,
    Shown,
    Skipped,
    Struck,
    Suggested,
)
from assistant.evidence import Citation
from assistant.panels import cited, words
from knowledge.concepts import Language

Message = dict[str, str]


def answer_text(assistant: Assistant, answer: Answer) -> str:
    """An answer as Markdown: statements with the numbers of their evidence, notes, the question."""
    number = {c.passage: i for i, c in enumerate(cited(answer.statements), 1)}
    parts = [_plain(note) for note in answer.notes if answer.intent != "diagnose"]
    if answer.intent == "crisis":
        parts = [f"**{part}**" for part in parts]
    for statement in answer.statements:
        marks = " ".join(f"[{n}]" for n in sorted({number[c.passage] for c in statement.citations}))
        text = _plain(statement.text)
        strong = statement.kind in ("red_flag", "leading", "crisis")
        parts.append(f"**{text}** {marks}" if strong else f"{text} {marks}")
        parts += [
            f"*{_plain(line)}* [{number[c.passage]}]" for c, line in _contrary(statement, answer.language)
        ]
    parts += [f"*{_plain(note)}*" for note in answer.notes if answer.intent == "diagnose"]
    if answer.question:
        parts.append(f"**{_plain(answer.question.text)}**")
        if answer.question.choices:
            parts.append(
                "\n".join(f"{n}. {_plain(c.name)}" for n, c in enumerate(answer.question.choices, 1))
            )
        parts.append(f"*{words(answer.language)['why_ask']}: {_plain(answer.question.reason)}*")
    return "\n\n".join(parts)


def _contrary(statement: Statement, language: Language) -> Iterator[tuple[Citation, str]]:
    """Each source that says the contrary, with what it says."""
    for c in statement.against:
        name = f"{c.publisher} {c.year}" if c.year else c.publisher
        yield c, words(language)["sources_differ"].format(source=name, text=c.text)


Retold = Callable[[tuple[Event, ...], Answer, tuple[Event, ...]], Answer]
"""(events, the answer to them, what a language model then wrote) -> the answer as it was given."""


def messages(assistant: Assistant, events: Sequence[Event], retold: Retold | None = None) -> list[Message]:
    """The whole conversation again, as when it was held."""
    shown: list[Message] = []
    for at, event in enumerate(events):
        if isinstance(event, OURS) or (isinstance(event, Described) and at == 0):
            continue
        later = written_after(events, at) if retold else ()
        question, answer = _exchange(assistant, tuple(events[: at + 1]), later, retold)
        if question:
            shown.append({"role": "user", "content": question})
        shown.append({"role": "assistant", "content": answer})
    return shown


def written_after(events: Sequence[Event], at: int) -> tuple[Event, ...]:
    """What a language model wrote between the event at a place and the person's next."""
    ours = takewhile(lambda event: isinstance(event, OURS), islice(events, at + 1, None))
    return tuple(event for event in ours if isinstance(event, Generated | Suggested))


@lru_cache(maxsize=1024)
def _exchange(
    assistant: Assistant, events: tuple[Event, ...], later: tuple[Event, ...], retold: Retold | None
) -> tuple[str, str]:
    """What the person did last, and the answer to it. Kept, for a turn shows all earlier ones again."""
    latest = events[-1]
    language = assistant.dialogue.case_of(events).language
    answer = assistant.dialogue.respond(events, latest.text if isinstance(latest, Said) else None)
    if retold and later:
        answer = retold(events, answer, later)
    return told(assistant, latest, language), answer_text(assistant, answer)


def told(assistant: Assistant, event: Event, language: Language) -> str:
    """What the person did, in words."""
    labels = words(language)

    def name(ref: str) -> str:
        return assistant.base.concept(ref).name(language)

    match event:
        case Said():
            return _plain(event.text)
        case Replied():
            reply = {True: labels["yes"], False: labels["no"], None: labels["unknown"]}[event.value]
            return f"{name(event.ref)}: {reply}"
        case Chose():
            return "; ".join(_chosen(event, labels, name))
        case Skipped():
            return labels["skipped"]
        case Struck():
            return f"~~{name(event.ref)}~~"
        case Shown():
            return "🖼 " + ", ".join(f.name for f in event.findings)
        case Excluded():
            return (
                f"✗ {name(f'disease:{event.disease}')}"
                if event.excluded
                else name(f"disease:{event.disease}")
            )
        case Described():
            return ", ".join(_described(event, labels))
        case _:
            return ""


def _chosen(event: Chose, labels: dict[str, str], name: Callable[[str], str]) -> Iterator[str]:
    """What was ticked on a card, and what was not."""
    if not event.yes and not event.unknown:
        yield labels["choices_none"]
        return
    for refs, key in ((event.yes, "yes"), (event.no, "no"), (event.unknown, "unknown")):
        if refs:
            yield f"{labels[key]}: {', '.join(map(name, refs))}"


def _described(event: Described, labels: dict[str, str]) -> Iterator[str]:
    if event.age is not None:
        yield labels["years"].format(n=f"{event.age:g}")
    if event.sex:
        yield labels[event.sex]


def _plain(text: str) -> str:
    """Text that Markdown and HTML leave as it is."""
    for mark in "\\`*_{}[]<>#|~$":
        text = text.replace(mark, f"\\{mark}") if mark not in "<>" else text
    return text.replace("<", "&lt;").replace(">", "&gt;")
