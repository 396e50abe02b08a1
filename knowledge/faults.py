"""Faults of a pack: what is wrong, where, and what was expected. All are listed, not only the first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.concepts import FieldPath
from knowledge.errors import AetiaError


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a pack.

    file: relative to the pack. field: the way to the value, such as ("findings", 2, "strength").
    line: 1-based.
    """

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field + ': ' if self.field else ''}{self.message}"


class PackError(AetiaError):
    """A pack that cannot be used; `faults` names every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        shown = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{len(self.faults)} faults in the pack:\n{shown}")


class FaultBook:
    """Collects faults and finds their lines; a file is parsed for positions only when it has one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._nodes: dict[str, yaml.Node | None] = {}
        self.faults: list[Fault] = []

    def add(self, file: str, path: Iterable[str | int], message: str) -> None:
        """Note a fault at a field."""
        way = tuple(path)
        self.faults.append(Fault(file, self._line(file, way), ".".join(map(str, way)), message))

    def add_at(self, file: str, line: int, message: str) -> None:
        """Note a fault at a line."""
        self.faults.append(Fault(file, line, "", message))

    def raise_if_any(self) -> None:
        """Raise PackError with all faults, in the order of files and lines."""
        if self.faults:
            raise PackError(sorted(self.faults, key=lambda f: (f.file, f.line)))

    def _line(self, file: str, path: FieldPath) -> int:
        if file not in self._nodes:
            text = (self._folder / file).read_text(encoding="utf-8")
            self._nodes[file] = yaml.compose(text, Loader=yaml.CSafeLoader)
        node, line = self._nodes[file], 1
        for step in path:
            if node is not None:
                line = node.start_mark.line + 1
            node = _child(node, step)
        return node.start_mark.line + 1 if node is not None else line


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(value, yaml.Node) and key.value == str(step):
                return value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        items: list[yaml.Node] = node.value
        return items[step]
    return None
