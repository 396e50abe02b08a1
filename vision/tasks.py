"""What can be trained, and on what, from tasks.yaml."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from knowledge.errors import AetiaError


class UnknownTask(AetiaError):
    """A task's name that tasks.yaml does not have."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """Where a set of pictures comes from, and under which terms."""

    title: str
    licence: str


class Task(_Strict):
    """One kind of picture, what it may show, and how a network learns it.

    kind: the router's name for such pictures. labels: what a picture is called; the order is the network's.
    masks: outline -> the set's masks that show it. size: (height, width) in pixels that the network sees.
    mirror, upside_down, turn (degrees): changes that leave the meaning. epochs: at most so many, in batches
    of `batch`. within: labels are read where an outline is. colour: whether colour means something. ordinal: labels are grades. call: "probable" or "balanced".
    rare: 0 shows pictures as often as they come, 1 every label as often as the others.
    auc_of: the label that `auc` tells from all others; macro average where it is left out.
    findings: finding of the graph -> the labels that show it.
    restricted: whether the set's terms forbid open weights or are unclear.
    limits: what a reader of the card must know before trusting its numbers.
    """

    kind: str
    source: Source
    restricted: bool
    labels: tuple[str, ...]
    size: tuple[int, int]
    limits: str
    masks: dict[str, tuple[str, ...]] = {}
    findings: dict[str, tuple[str, ...]] = {}
    mirror: bool = False
    upside_down: bool = False
    turn: float = 0
    epochs: int = 20
    batch: int = 32
    within: bool = False
    colour: bool = False
    ordinal: bool = False
    call: Literal["probable", "balanced"] = "probable"
    rare: float = 0
    auc_of: str | None = None


class _Tasks(_Strict):
    tasks: dict[str, Task]


@cache
def tasks() -> dict[str, Task]:
    """Every task by name."""
    text: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("tasks.yaml").read_text(encoding="utf-8"))
    return _Tasks.model_validate(text).tasks


def task_named(name: str) -> Task:
    """The task of that name. Raises UnknownTask, which lists those there are."""
    if name not in tasks():
        raise UnknownTask(f"there is no task {name!r}; there are {', '.join(sorted(tasks()))}")
    return tasks()[name]


@cache
def readable_findings() -> frozenset[str]:
    """The findings of the graph that some kind of picture can show."""
    return frozenset(finding for task in tasks().values() for finding in task.findings)


def own_task(name: str, labels: tuple[str, ...]) -> Task:
    """A task for a set of one's own, which tasks.yaml does not name: plain settings, kept restricted."""
    return Task(
        kind=name,
        source=Source(title=name, licence="not stated"),
        restricted=True,
        labels=labels,
        size=(224, 224),
        turn=8,
        colour=True,
        limits="Trained on a set of one's own; what it shows of other places was not measured.",
    )
