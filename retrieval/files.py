"""The files of an index: written one after another, and mapped rather than read.

texts.bin                  the texts of all documents, UTF-8; documents.json: where each begins and ends
passages.jsonl             a passage a line; passages.npy: where each line begins
columns.npy, columns.json  what passages can be filtered by
vocabulary.json            terms; starts, documents, counts, lengths.npy: their postings
vectors.npy                (m, d) float16; rows.npy: the passage of each; lists.faiss: over many of them
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.bm25 import TermCounts
from retrieval.corpus import Corpus
from retrieval.dense import Lists
from retrieval.stored import Bytes, StoredPassages, StoredTexts, coded, line

_LISTS = "lists.faiss"
_MOST = np.iinfo(np.uint16).max
"""A term that stands oftener in a passage counts as so many times, which BM25 does not tell apart."""
_PART = 65_536
"""Vectors written at a time."""


def write_files(place: Path, corpus: Corpus, texts: Mapping[str, str]) -> None:
    """Write all files but the manifest into a folder."""
    spans = _write_texts(place, texts)
    _write_json(place / "documents.json", spans)
    _write_passages(place, corpus, spans, texts)
    _write_json(place / "vocabulary.json", corpus.counts.vocabulary)
    counts = corpus.counts
    arrays: dict[str, Any] = {
        "rows": corpus.rows.astype(np.int32),
        "starts": counts.starts,
        "documents": counts.documents.astype(np.int32),
        "counts": np.minimum(counts.counts, _MOST).astype(np.uint16),
        "lengths": counts.lengths.astype(np.int32),
    }
    for name, array in arrays.items():
        np.save(place / f"{name}.npy", array, allow_pickle=False)
    _write_vectors(place / "vectors.npy", corpus.vectors)
    if corpus.lists is not None:
        corpus.lists.save(place / _LISTS)


def read_files(place: Path, encoder_sha256: str, probes: int) -> tuple[Corpus, StoredTexts]:
    """What `write_files` wrote, mapped; the hashes must have been checked. probes: of the lists."""
    texts = _mapped(place / "texts.bin")
    counts = TermCounts(
        tuple(_read_json(place / "vocabulary.json")),
        *(_array(place, name) for name in ("starts", "documents", "counts", "lengths")),
    )
    passages = StoredPassages(
        _mapped(place / "passages.jsonl"),
        _array(place, "passages"),
        texts,
        _array(place, "columns"),
        _read_json(place / "columns.json"),
    )
    corpus = Corpus(
        passages=passages,
        vectors=_array(place, "vectors"),
        rows=_array(place, "rows"),
        counts=counts,
        encoder_sha256=encoder_sha256,
        lists=Lists.open(place / _LISTS, probes) if (place / _LISTS).is_file() else None,
    )
    return corpus, StoredTexts(texts, _read_json(place / "documents.json"))


def _write_texts(place: Path, texts: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    spans, at = {}, 0
    with (place / "texts.bin").open("wb") as stream:
        for document, text in texts.items():
            content = text.encode()
            stream.write(content)
            spans[document] = (at, at + len(content))
            at += len(content)
    return spans


def _write_passages(
    place: Path, corpus: Corpus, spans: Mapping[str, tuple[int, int]], texts: Mapping[str, str]
) -> None:
    starts = [0]
    with (place / "passages.jsonl").open("wb") as stream:
        for content in _lines(corpus, spans, texts):
            stream.write(content)
            starts.append(starts[-1] + len(content))
    np.save(place / "passages.npy", np.array(starts, np.int64), allow_pickle=False)
    codes, values = coded(corpus.passages)
    np.save(place / "columns.npy", codes, allow_pickle=False)
    _write_json(place / "columns.json", values)


def _lines(corpus: Corpus, spans: Mapping[str, tuple[int, int]], texts: Mapping[str, str]) -> Iterator[bytes]:
    """Each passage with the bytes of its text; those of one document mostly follow each other."""
    known, text = "", ""
    for passage in corpus.passages:
        document = passage.id.partition("#")[0]
        if document != known:
            known, text = document, texts[document]
        first = spans[document][0] + len(text[: passage.start].encode())
        yield line(passage, first, first + len(text[passage.start : passage.end].encode()))


def _write_vectors(path: Path, vectors: Any) -> None:
    """As float16, part by part."""
    with path.open("wb") as stream:
        header = {"descr": "<f2", "fortran_order": False, "shape": tuple(vectors.shape)}
        np.lib.format.write_array_header_1_0(stream, header)
        for start in range(0, len(vectors), _PART):
            stream.write(np.ascontiguousarray(vectors[start : start + _PART], "<f2").tobytes())


def _array(place: Path, name: str) -> Any:
    """An array of a file, mapped unless it is empty."""
    array = np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False)
    return np.asarray(array)


def _mapped(path: Path) -> Bytes:
    return np.memmap(path, np.uint8, "r") if path.stat().st_size else np.zeros(0, np.uint8)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
