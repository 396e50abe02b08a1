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


class Population(_Strict):
    """Whose chests a set shows, and which of its labels mean that an opacity is there.

    repeat: how often each of its training pictures comes in an epoch.
    """

    set: str
    positive: frozenset[str]
    negative: frozenset[str]
    repeat: int = 1


class OpacityTask(_Strict):
    """Opacity yes or no.

    restricted: whether any set's terms forbid open weights or are unclear. limits: what a reader of the
    card must know before trusting its numbers.
    """

    kind: Literal["opacity"]
    finding: str
    restricted: bool
    limits: str
    populations: dict[str, Population]

    @property
    def sets(self) -> list[str]:
        """The sets that it is trained on."""
        return [population.set for population in self.populations.values()]


class ScopeTask(_Strict):
    """Chest X-ray or something else. unseen: sets that only measure, with pictures of a new kind.

    at_most: pictures that are taken of each set.
    """

    kind: Literal["scope"]
    restricted: bool
    limits: str
    chest: list[str]
    other: list[str]
    unseen: list[str]
    at_most: int

    @property
    def sets(self) -> list[str]:
        """The sets that it is trained on or measured with."""
        return [*self.chest, *self.other, *self.unseen]


Task = OpacityTask | ScopeTask


class _Tasks(_Strict):
    sources: dict[str, Source]
    tasks: dict[str, Task]


@cache
def _tasks() -> _Tasks:
    text: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("tasks.yaml").read_text(encoding="utf-8"))
    return _Tasks.model_validate(text)


def task_named(name: str) -> Task:
    """The task of that name. Raises UnknownTask, which lists those there are."""
    tasks = _tasks().tasks
    if name not in tasks:
        raise UnknownTask(f"there is no task {name!r}; there are {', '.join(sorted(tasks))}")
    return tasks[name]


def source_of(name: str) -> Source:
    """Where a set comes from."""
    return _tasks().sources[name]
