"""The files of the Human Phenotype Ontology, plain or .gz, of old releases and of the current one.

Annotations: phenotype.hpoa. Edges: hp.json (OBO graphs) or hp.obo. Labels: babelon tables (names in
another language) and tables of lay synonyms.
"""

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.faults import Fault, PackError

_SHOWN = 50
_COLUMNS = {"databaseid": "database_id", "diseasename": "disease_name", "db_reference": "reference"}
_NEEDED = ("database_id", "disease_name", "qualifier", "hpo_id", "reference", "frequency", "aspect")
_TERM = re.compile(r"^HP:\d{7}$")
_DISEASE = re.compile(r"^[A-Za-z]\w*:\w+$")
_ANNOUNCED = re.compile(r"(\d+): ?([A-Z]+)")
_LEAST = 0.99
"""Of the diseases that a header announces; those of real releases are off by a few."""


@dataclass(frozen=True)
class Frequency:
    """How often: a term of the ontology, or counted cases, or a share; nothing when not known."""

    word: str | None = None
    cases: int = 0
    of: int = 0
    share: float | None = None


@dataclass(frozen=True)
class Annotation:
    """One row: a disease (catalogue and number), a term, and how often."""

    disease: str
    name: str
    negated: bool
    term: str
    reference: str
    frequency: Frequency
    aspect: str


@dataclass(frozen=True)
class Annotations:
    """The rows of a file, and its version as it names it."""

    rows: tuple[Annotation, ...]
    version: str


def lines_of(path: Path) -> list[str]:
    """The lines of a file, plain or .gz. Raises PackError when it is not there, cut off or no text."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as fault:
        raise PackError([Fault(path.name, 1, "", f"not readable, is it cut off? {fault}")]) from None
    return text.splitlines()


def read_annotations(path: Path) -> Annotations:
    """The rows of phenotype.hpoa. Raises PackError that names every row which is none."""
    lines = lines_of(path)
    at = next((i for i, line in enumerate(lines) if _is_header(line)), None)
    if at is None:
        raise PackError([Fault(path.name, 1, "", f"no row names the columns {', '.join(_NEEDED)}")])
    columns = [_column(name) for name in lines[at].split("\t")]
    faults: list[Fault] = []
    rows = []
    for number, line in enumerate(lines[at + 1 :], at + 2):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            rows.append(_row(line.split("\t"), columns))
        except ValueError as fault:
            faults.append(Fault(path.name, number, "", str(fault)))
    faults += _too_few(path.name, lines[:at], rows)
    if faults:
        raise PackError(faults[:_SHOWN])
    version = next((m[1] for line in lines[:at] if (m := re.match(r"#(?:date|version): *(\S+)", line))), "")
    return Annotations(tuple(rows), version)


def read_labels(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Term, kind, source name, other name. Kind is a language, or `layperson`. Raises PackError."""
    lines = lines_of(path)
    header = [name.lstrip("?").strip().lower() for name in lines[0].split("\t")] if lines else []
    babelon = {"subject_id", "source_value", "translation_value", "translation_language"} <= set(header)
    if not babelon and not {"term", "term_label", "layperson"} <= set(header):
        expected = "subject_id, source_value, translation_value, translation_language (babelon)"
        raise PackError([Fault(path.name, 1, "", f"expected the columns {expected}, or ?term ?layperson")])
    for row in csv.DictReader(lines[1:], header, delimiter="\t"):
        if babelon:
            if (row.get("predicate_id") or "rdfs:label") == "rdfs:label" and row["translation_value"]:
                kind, names = row["translation_language"], (row["source_value"], row["translation_value"])
                yield term_id(row["subject_id"]), kind, names[0].strip(), names[1].strip()
        elif row["layperson"]:
            yield term_id(row["term"]), "layperson", row["term_label"].strip('"'), row["layperson"].strip('"')


def term_id(url: str) -> str:
    """HP:0001250 of any way to write it."""
    return url.strip("<>").rpartition("/")[2].replace("_", ":")


def _is_header(line: str) -> bool:
    return {"database_id", "hpo_id"} <= {_column(name) for name in line.split("\t")}


def _column(name: str) -> str:
    plain = name.lstrip("#").strip().lower()
    return _COLUMNS.get(plain, plain)


def _row(cells: list[str], columns: list[str]) -> Annotation:
    if len(cells) < len(columns) - 1:
        raise ValueError(f"{len(cells)} columns, expected {len(columns)}; is the file cut off?")
    row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
    if not _DISEASE.match(row["database_id"]):
        raise ValueError(f"database_id: `{row['database_id']}` is no catalogue and number, as OMIM:154700")
    if not _TERM.match(row["hpo_id"]):
        raise ValueError(f"hpo_id: `{row['hpo_id']}` is no term, as HP:0001250")
    if row["qualifier"] not in ("", "NOT"):
        raise ValueError(f"qualifier: `{row['qualifier']}`, expected NOT or nothing")
    return Annotation(
        row["database_id"],
        row["disease_name"],
        row["qualifier"] == "NOT",
        row["hpo_id"],
        row["reference"] or row["database_id"],
        _frequency(row["frequency"]),
        row["aspect"],
    )


def _frequency(text: str) -> Frequency:
    if not text:
        return Frequency()
    if _TERM.match(text):
        return Frequency(word=text)
    if (counted := re.match(r"^(\d+)/(\d+)$", text)) and int(counted[1]) <= int(counted[2]) > 0:
        return Frequency(cases=int(counted[1]), of=int(counted[2]))
    if (share := re.match(r"^(\d+(?:\.\d+)?) ?%$", text)) and float(share[1]) <= 100:
        return Frequency(share=float(share[1]) / 100)
    raise ValueError(f"frequency: `{text}`, expected a term, n/m, or a percentage up to 100 %")


def _too_few(file: str, head: list[str], rows: list[Annotation]) -> Iterator[Fault]:
    """Diseases that the file's own header counts and its rows lack: a file cut at the end of a line."""
    seen = {row.disease for row in rows}
    for number, line in enumerate(head, 1):
        for many, catalogue in _ANNOUNCED.findall(line) if "annotations" in line else ():
            here = sum(disease.startswith(f"{catalogue}:") for disease in seen)
            if here < _LEAST * int(many):
                said = f"{here} diseases of {catalogue}, {many} announced; is it cut off?"
                yield Fault(file, number, "", said)
