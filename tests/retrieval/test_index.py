"""Building, rebuilding only what changed, damage, and kills at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.errors import AetiaError
from retrieval import index
from retrieval.bm25 import TermCounts
from retrieval.corpus import Corpus
from retrieval.dense import lists_of
from retrieval.passages import TextPassage
from retrieval.store import IndexDamaged, IndexMissing, Store, load, save
from retrieval.stored import Chained, where
from tests.retrieval.tiny import TinyEncoder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "papers"
    place.mkdir()
    (place / "gout.md").write_text("# Gout\nGout hurts the big toe.\n")
    (place / "flu.txt").write_text("Flu\nFlu brings fever and aches.\n")
    (place / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    return place


def titles(corpus: Corpus) -> list[str]:
    return sorted(passage.title for passage in corpus.passages)


def test_a_bad_file_is_named_and_skipped(folder: Path, tiny: TinyEncoder) -> None:
    report = index.build([folder], encoder=tiny)
    assert [Path(p).name for p in report.added] == ["flu.txt", "gout.md"]
    assert [refusal.path.name for refusal in report.refused] == ["bad.pdf"]
    assert (report.documents, report.passages) == (2, 2)
    assert titles(index.open_store()) == ["Flu", "Gout"]
    assert index.names() == ["documents"]


def test_a_second_run_does_only_what_changed(folder: Path, tiny: TinyEncoder) -> None:
    index.build([folder], encoder=tiny)
    pointer = (index.index_root() / "documents" / "current").read_bytes()
    tiny.encoded.clear()
    report = index.build([folder], encoder=tiny)
    assert (report.unchanged, report.added, report.changed, tiny.encoded) == (2, (), (), [])
    assert (index.index_root() / "documents" / "current").read_bytes() == pointer

    (folder / "gout.md").write_text("# Gout\nGout comes at night.\n")
    (folder / "new.txt").write_text("Croup\nCroup barks.")
    (folder / "flu.txt").unlink()
    report = index.build([folder], encoder=tiny)
    assert [len(part) for part in (report.added, report.changed, report.removed)] == [1, 1, 1]
    assert len(tiny.encoded) == 2
    assert sorted(p.text.strip() for p in index.open_store().passages) == [
        "Croup\nCroup barks.",
        "Gout comes at night.",
    ]


def test_step_by_step_gives_the_same_index_as_at_once(folder: Path, tiny: TinyEncoder) -> None:
    index.build([folder / "gout.md"], "steps", encoder=tiny)
    index.build([folder / "flu.txt"], "steps", encoder=tiny)
    index.build([folder / "gout.md", folder / "flu.txt"], "once", encoder=tiny)
    steps, once = index.open_store("steps"), index.open_store("once")
    assert steps.passages == once.passages
    assert (steps.vectors == once.vectors).all()
    assert steps.counts.vocabulary == once.counts.vocabulary
    assert (steps.counts.documents == once.counts.documents).all()


def test_the_same_content_twice_is_indexed_once_and_stays_while_one_is_left(
    folder: Path, tiny: TinyEncoder
) -> None:
    (folder / "copy.md").write_bytes((folder / "gout.md").read_bytes())
    assert index.build([folder], encoder=tiny).passages == 2
    (folder / "gout.md").unlink()
    assert index.build([folder], encoder=tiny).passages == 2


def test_offsets_lead_back_to_the_stored_text(folder: Path, tiny: TinyEncoder) -> None:
    index.build([folder], encoder=tiny)
    store = load(index.index_root() / "documents")
    for passage in store.corpus.passages:
        document = passage.id.partition("#")[0]
        assert store.texts[document][passage.start : passage.end] == passage.text
        assert passage.document in store.files.values()


def test_another_encoder_builds_anew(folder: Path, tiny: TinyEncoder) -> None:
    index.build([folder], encoder=tiny)
    other = TinyEncoder()
    other.sha256 = "other"
    report = index.build([folder], encoder=other)
    assert report.rebuilt
    assert len(other.encoded) == report.passages == 2


def test_names_that_cannot_be_folders_and_indexes_that_are_not_there(
    tmp_path: Path, tiny: TinyEncoder
) -> None:
    with pytest.raises(AetiaError, match="cannot name an index"):
        index.build([tmp_path], "../up", encoder=tiny)
    with pytest.raises(IndexMissing, match="aetia index"):
        index.open_store("none")


def test_damage_to_any_file_is_noticed_and_the_next_build_mends_it(folder: Path, tiny: TinyEncoder) -> None:
    place = index.index_root() / "documents"
    index.build([folder], encoder=tiny)
    generation = json.loads((place / "current").read_text())["generation"]
    files = sorted((place / generation).iterdir())
    assert len(files) == 14
    for path in files:
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(IndexDamaged, match="SHA-256"):
            index.open_store()
        path.unlink()
        with pytest.raises(IndexDamaged):
            index.open_store()
        path.write_bytes(content)
    (place / "current").write_text("{")
    with pytest.raises(IndexDamaged):
        index.open_store()
    assert index.build([folder], encoder=tiny).rebuilt
    assert titles(index.open_store()) == ["Flu", "Gout"]


def test_lists_are_kept_and_checked_before_they_are_opened(
    folder: Path, tiny: TinyEncoder, tmp_path: Path
) -> None:
    index.build([folder], encoder=tiny)
    store = load(index.index_root() / "documents")
    listed = replace(store.corpus, lists=lists_of(store.corpus.vectors, 1))
    save(tmp_path / "g", Store(listed, store.files, store.texts))
    again = load(tmp_path / "g").corpus
    assert again.lists is not None
    query = store.corpus.vectors[1].astype(np.float32)
    assert again.nearest.nearest(query, 1)[0].tolist() == [1]
    path = next((tmp_path / "g").glob("g-*/lists.faiss"))
    content = path.read_bytes()
    path.unlink()  # the first is still mapped
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(IndexDamaged, match="SHA-256"):
        load(tmp_path / "g")


def test_stored_passages_are_those_that_were_saved_whatever_their_language(
    tmp_path: Path, tiny: TinyEncoder
) -> None:
    texts = {"d1": "Gout — 痛风 hurts. é", "d2": "", "d3": "第二。Flu"}
    spans = [("d1", 7, 9), ("d1", 0, 16), ("d3", 3, 6), ("d1", 17, 18), ("d2", 0, 0)]
    passages = [
        TextPassage(
            f"{d}#{a}-{b}",
            texts[d][a:b],
            "en",
            f"Title {d}",
            date="2020",
            section=("A", "章"),
            start=a,
            end=b,
        )
        for d, a, b in spans
    ]
    vectors = tiny.encode([p.text for p in passages])
    counts = TermCounts.of([["x"]] * 5)
    save(tmp_path / "s", Store(Corpus(passages, vectors, np.arange(5), counts, "tiny"), {}, texts))
    store = load(tmp_path / "s")
    assert list(store.corpus.passages) == passages == list(Chained([passages[:2], store.corpus.passages[2:]]))
    assert store.corpus.passages[-1] == passages[-1]
    assert dict(store.texts) == texts
    assert where(store.corpus.passages, "title", {"Title d1"}.__contains__).tolist() == [
        p.title == "Title d1" for p in passages
    ]
    for field in ("language", "date", "topic", "about", "source"):
        for value in ("en", "2020", None, "", "disease:gout"):
            found = where(store.corpus.passages, field, {value}.__contains__)
            assert found.tolist() == where(passages, field, {value}.__contains__).tolist()


REBUILDER = """
import sys; sys.path.insert(0, {root!r})
from pathlib import Path
from tests.retrieval.tiny import TinyEncoder
from retrieval import index
folder = Path({folder!r})
print("ready", flush=True)
for version in range(10**6):
    for n in range(6):
        (folder / f"{{n}}.txt").write_text(f"Paper {{n}}\\nVersion {{version}} of it. " + "word " * 400)
    index.build([folder], encoder=TinyEncoder())
    print(version, flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_whole_index(tmp_path: Path) -> None:
    """Every survivor must be one version throughout, and never older than the last one reported done."""
    folder = tmp_path / "papers"
    folder.mkdir()
    script = REBUILDER.format(root=str(Path(__file__).parents[2]), folder=str(folder))
    moments, killed = random.Random(7), 0
    for _ in range(8):
        worker = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        first = worker.stdout.readline()
        time.sleep(moments.uniform(0, 0.5))
        worker.send_signal(signal.SIGKILL)
        done = [int(line) for line in (first + worker.stdout.read()).split("\n") if line]
        worker.wait()
        killed += worker.returncode == -signal.SIGKILL
        corpus = index.open_store()
        versions = {p.text.split("Version ")[1].split()[0] for p in corpus.passages if "Version " in p.text}
        assert len(versions) == 1
        assert done[-1] <= int(versions.pop()) <= done[-1] + 1
    assert killed == 8


def test_two_builds_at_once_do_not_mix(folder: Path, tiny: TinyEncoder) -> None:
    from filelock import FileLock

    index.build([folder], encoder=tiny)
    with (
        FileLock(index.index_root() / "documents" / "lock"),
        pytest.raises(AetiaError, match="Another build"),
    ):
        index.build([folder], encoder=tiny)
