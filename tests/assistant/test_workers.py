"""Several workers, here and on Ray: in order, the same answers, and no line lost when one is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import psutil
import pytest

from assistant import workers
from assistant.api import Assistant
from assistant.batch import Batch, one_by_one, run
from assistant.workers import WorkersLost, _in_order, _Pool, processes
from tests.conftest import WORLD

COUNT = 8000


def asked(count: int) -> str:
    lines = [
        {"id": i, "findings_present": ["cough", "fever"][: 1 + i % 2], "age": 1 + i % 90}
        for i in range(count)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def without_time(path: Path) -> list[dict[str, Any]]:
    return [{**json.loads(line), "seconds": 0} for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("engine", "worker"), [("local", "spawn_main"), ("ray", "ray::answer")])
def test_a_killed_worker_costs_no_line_and_doubles_none(tmp_path: Path, engine: str, worker: str) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(asked(COUNT), encoding="utf-8")
    command = [sys.executable, "-m", "assistant.cli", "diagnose", str(source), str(target)]
    environment = {**os.environ, "AETIA_PACK": str(WORLD), "PYTHONPATH": str(WORLD.parent.parent)}
    environment.pop("RAY_ADDRESS", None)
    process = subprocess.Popen(
        [*command, "--workers", "2", "--engine", engine], env=environment, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 240
    while (not target.exists() or target.stat().st_size < 20_000) and time.monotonic() < deadline:
        time.sleep(0.01)
    victims: list[psutil.Process] = []
    while not victims and time.monotonic() < deadline:  # between two tasks a worker of Ray bears no name
        victims = [p for p in _below(process.pid) if worker in " ".join(p.cmdline())]
    victims[0].send_signal(signal.SIGKILL)
    written = target.read_text(encoding="utf-8").count("\n")
    assert process.wait(timeout=240) == 0
    assert 0 < written < COUNT  # it was killed in the middle
    assert [answer["id"] for answer in without_time(target)] == list(range(COUNT))


def _below(pid: int) -> Iterator[psutil.Process]:
    for child in psutil.Process(pid).children(recursive=True):
        try:
            child.cmdline()
        except psutil.Error:
            continue
        yield child


def test_several_workers_say_what_one_says(
    in_world: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AETIA_PACK", str(WORLD))
    source = tmp_path / "in.jsonl"
    source.write_text(asked(230) + "not json\n", encoding="utf-8")
    alone, together = tmp_path / "alone.jsonl", tmp_path / "together.jsonl"
    told: list[int] = []
    assert run(one_by_one(Batch(lambda: in_world, lambda: in_world)), source, alone, told.append) == 1
    with processes(2) as answering:
        assert run(answering, source, together, lambda _: None) == 1
    assert without_time(together) == without_time(alone)
    assert sum(told) == 231


def test_the_order_is_kept_and_no_more_is_given_out_than_asked() -> None:
    out: list[str] = []

    def submit(chunk: list[str]) -> str:
        out.append(chunk[0])
        return chunk[0]

    results = _in_order(([str(i)] for i in range(9)), 3, submit, lambda given, chunk: [given])
    assert next(results) == ["0"]
    assert out == ["0", "1", "2"]
    assert [r[0] for r in results] == [str(i) for i in range(1, 9)]


def _die(chunk: list[str]) -> list[str]:
    os._exit(1)


def test_lines_that_kill_every_worker_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_TRIES", 2)
    monkeypatch.setattr(workers, "answer", _die)
    pool = _Pool(1)
    with pytest.raises(WorkersLost, match="goes on from there"):
        pool.result(pool.submit(["x"]), ["x"])
    with pytest.raises(BrokenProcessPool):
        pool._executor.submit(len, []).result()
    pool.close()
