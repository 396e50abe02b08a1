"""A folder of YAML -> KnowledgeBase, every fault named with file, line, field and what was expected.

Reading hundreds of YAML files takes seconds, so the compiled pack is kept as JSON in the user's
cache, under the hash of the pack's content and of the schema.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from platformdirs import user_cache_dir
from pydantic import BaseModel, ValidationError

from knowledge import concepts as c
from knowledge.base import Inference, KnowledgeBase
from knowledge.checks import check
from knowledge.compiled import is_compiled, read_compiled
from knowledge.diseases import Disease, DiseaseGroup
from knowledge.faults import FaultBook
from knowledge.medicines import Drug, DrugClass, Implication

CORE = Path(__file__).parent / "core"

_MAPPINGS: dict[str, tuple[str, type[BaseModel]]] = {
    "departments": ("departments.yaml", c.Department),
    "quantities": ("quantities.yaml", c.Quantity),
    "tests": ("tests.yaml", c.Test),
    "sources": ("sources/*.yaml", c.Source),
    "findings": ("findings/*.yaml", c.Finding),
    "risk_factors": ("risk_factors/*.yaml", c.RiskFactor),
    "drugs": ("drugs/*.yaml", Drug),
    "targets": ("targets.yaml", c.Target),
    "disease_groups": ("disease_groups.yaml", DiseaseGroup),
    "drug_classes": ("drug_classes.yaml", DrugClass),
}
_LISTS: dict[str, tuple[str, type[BaseModel]]] = {
    "question_groups": ("question_groups.yaml", c.QuestionGroup),
    "red_flags": ("red_flags/*.yaml", c.RedFlag),
    "implications": ("implications.yaml", Implication),
    "own_passages": ("passages/*.yaml", c.Passage),
}


def cache_folder() -> Path:
    """Where compiled and computed things are kept: AETIA_CACHE, or the user's cache folder."""
    return Path(os.environ.get("AETIA_CACHE") or user_cache_dir("aetia"))


def content_hash(folder: Path) -> str:
    """SHA-256 over names and contents of the pack's files and of the schema."""
    digest = hashlib.sha256()
    for path in [Path(c.__file__), Path(__file__), *sorted(folder.rglob("*.yaml"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def load_pack(folder: Path = CORE, use_cache: bool = True) -> KnowledgeBase:
    """The knowledge in a folder: YAML, or one compiled file (see compiled.py).

    Raises PackError with every fault that it has.
    """
    if is_compiled(folder):
        return read_compiled(folder, cache_folder() / "packs" if use_cache else None)
    compiled = cache_folder() / "packs" / f"{content_hash(folder)}.json"
    if use_cache and compiled.exists():
        try:
            return KnowledgeBase.model_validate_json(compiled.read_bytes())
        except ValidationError:
            compiled.unlink(missing_ok=True)
    base = _read(folder)
    if use_cache:
        _keep(compiled, base)
    return base


def _keep(path: Path, base: KnowledgeBase) -> None:
    """Write the compiled pack whole or not at all; a cache that cannot be written is done without."""
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(base.model_dump_json(by_alias=True, exclude_defaults=True), encoding="utf-8")
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)


def _read(folder: Path) -> KnowledgeBase:
    reader = _Reader(folder)
    content: dict[str, Any] = {kind: reader.mappings(kind, *spec) for kind, spec in _MAPPINGS.items()}
    content |= {kind: reader.lists(kind, *spec) for kind, spec in _LISTS.items()}
    content["diseases"] = reader.diseases()
    header = reader.header()
    reader.book.raise_if_any()
    base = KnowledgeBase.model_construct(**content, **header)
    check(base, reader.whereabouts, reader.book)
    reader.book.raise_if_any()
    return base


class _UniqueKeys(yaml.CSafeLoader):
    """YAML allows no key twice, PyYAML keeps the last one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            plain = isinstance(key, yaml.ScalarNode)
            if not plain or key.value in seen:
                problem = f"`{key.value}` stands twice" if plain else "a key must be a plain word"
                raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Reader:
    """Reads the files of a pack, remembers where each entry stands, and collects faults."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.book = FaultBook(folder)
        self.whereabouts: dict[str, tuple[str, c.FieldPath]] = {}

    def header(self) -> dict[str, Any]:
        raw = dict(self._files("pack.yaml")).get("pack.yaml")
        named = {"name", "version", "licence"}
        if not isinstance(raw, dict) or not named <= raw.keys() <= named | {"inference"}:
            self.book.add_at("pack.yaml", 1, "expected a mapping with name, version and licence")
            return {}
        inference = self._entry(Inference, raw.get("inference", {}), "pack.yaml", ("inference",))
        return raw | {"inference": inference}

    def mappings(self, kind: str, pattern: str, model: type[BaseModel]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for file, entries in self._files(pattern):
            if not isinstance(entries, dict):
                self.book.add_at(file, 1, "expected a mapping from id to entry")
                continue
            for key, raw in entries.items():
                fields = {"id": key, **raw} if isinstance(raw, dict) else raw
                self._keep(kind, found, self._entry(model, fields, file, (key,)), file, (key,))
        return found

    def lists(self, kind: str, pattern: str, model: type[BaseModel]) -> tuple[Any, ...]:
        found: dict[str, Any] = {}
        for file, entries in self._files(pattern):
            if not isinstance(entries, list):
                self.book.add_at(file, 1, "expected a list of entries")
                continue
            for i, raw in enumerate(entries):
                self._keep(kind, found, self._entry(model, raw, file, (i,)), file, (i,))
        return tuple(found.values())

    def diseases(self) -> dict[str, Disease]:
        found: dict[str, Disease] = {}
        for file, raw in self._files("diseases/*/*.yaml"):
            disease = self._entry(Disease, raw, file, ())
            if disease and f"{disease.id}.yaml" != Path(file).name:
                self.book.add(file, ("id",), f"`{disease.id}` stands in {Path(file).name}; they must agree")
            self._keep("diseases", found, disease, file, ())
        return found

    def _files(self, pattern: str) -> Iterator[tuple[str, Any]]:
        """Name and content of each file that is YAML and not empty."""
        for path in sorted(self._folder.glob(pattern)):
            file = path.relative_to(self._folder).as_posix()
            try:
                content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506
            except yaml.MarkedYAMLError as fault:
                mark = fault.problem_mark or fault.context_mark
                self.book.add_at(file, mark.line + 1 if mark else 1, f"not YAML: {fault.problem}")
            except (UnicodeDecodeError, yaml.YAMLError) as fault:
                self.book.add_at(file, 1, f"not readable: {fault}")
            else:
                if content is not None:
                    yield file, content

    def _keep(self, kind: str, found: dict[str, Any], entry: Any, file: str, path: c.FieldPath) -> None:
        if entry is None:
            return
        key = f"{kind}/{entry.id}"
        if entry.id in found:
            self.book.add(file, path, f"`{entry.id}` is already in {self.whereabouts[key][0]}")
            return
        found[entry.id] = entry
        self.whereabouts[key] = (file, path)

    def _entry(self, model: type[BaseModel], raw: Any, file: str, path: c.FieldPath) -> Any:
        try:
            return model.model_validate(raw)
        except ValidationError as fault:
            for error in fault.errors():
                given = "" if error["type"] == "missing" else f", found {error['input']!r:.60}"
                self.book.add(file, (*path, *error["loc"]), f"{error['msg']}{given}")
            return None
