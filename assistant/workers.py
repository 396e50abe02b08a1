"""Chunks of lines answered by several processes, on this machine or on a Ray cluster, in order.

Answering a line has no effect but its answer, so a chunk whose worker died is given to another; the
caller alone writes, each chunk once and in its turn. So no line is lost and none is doubled.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, TypeVar

from assistant.batch import Answering, Batch, Chunk
from knowledge.errors import AetiaError
from retrieval.on_ray import ray_session

_AHEAD = 4
"""Chunks given out for each worker before the first must be back."""
_TRIES = 5
"""Times that a chunk is given out before its lines are held to be what kills the workers."""
_T = TypeVar("_T")


class WorkersLost(AetiaError):
    """Workers died again and again on the same lines."""


def answer(lines: Chunk) -> Chunk:
    """The answers to some lines, as JSON; in a worker, whose assistant is made once."""
    return [json.dumps(_batch().line(line), ensure_ascii=False) for line in lines]


@cache
def _batch() -> Batch:
    from assistant.api import Assistant

    return Batch(Assistant.load, Assistant.graph_only)


@contextmanager
def processes(count: int) -> Iterator[Answering]:
    """Answers in `count` processes of this machine."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread a worker: they would wait on each other
    pool = _Pool(count)
    try:
        yield lambda chunks: _in_order(chunks, count * _AHEAD, pool.submit, pool.result)
    finally:
        pool.close()


class _Pool:
    """A process pool that is made anew when one of its processes died."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._executor = self._made()

    def submit(self, chunk: Chunk) -> "Future[Chunk]":
        try:
            return self._executor.submit(answer, chunk)
        except BrokenProcessPool:
            self._executor = self._made()
            return self._executor.submit(answer, chunk)

    def result(self, future: "Future[Chunk]", chunk: Chunk) -> Chunk:
        for _ in range(_TRIES):
            try:
                return future.result()
            except BrokenProcessPool:
                future = self.submit(chunk)
        raise WorkersLost(_lost(chunk))

    def close(self) -> None:
        self._executor.shutdown(cancel_futures=True)

    def _made(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._count, get_context("spawn"), _end_with_parent)


def _end_with_parent() -> None:
    """Let no worker outlive a caller that was killed."""
    if parent := parent_process():
        Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


@contextmanager
def ray_cluster(count: int) -> Iterator[Answering]:
    """Answers on the Ray cluster at RAY_ADDRESS, `count` chunks at a time; on a local one when it is not
    set. The nodes need Aetia installed, and their own AETIA_ settings count. No line reaches Ray's logs.

    Raises AetiaError when Ray is not installed.
    """
    with ray_session(count) as ray:
        remote = ray.remote(max_retries=_TRIES, num_cpus=1)(answer)

        def result(reference: Any, chunk: Chunk) -> Chunk:
            try:
                return list(ray.get(reference))
            except ray.exceptions.WorkerCrashedError as crashed:
                raise WorkersLost(_lost(chunk)) from crashed

        yield lambda chunks: _in_order(chunks, count * _AHEAD, remote.remote, result)


def _in_order(
    chunks: Iterable[Chunk], ahead: int, submit: Callable[[Chunk], _T], result: Callable[[_T, Chunk], Chunk]
) -> Iterator[Chunk]:
    """Results in the order of the chunks, with so many given out ahead."""
    remaining = iter(chunks)
    waiting = deque((submit(chunk), chunk) for chunk in islice(remaining, ahead))
    while waiting:
        given, chunk = waiting.popleft()
        yield result(given, chunk)
        waiting.extend((submit(chunk), chunk) for chunk in islice(remaining, 1))


def _lost(chunk: Chunk) -> str:
    return (
        f"the workers died {_TRIES} times on the {len(chunk)} lines that follow the last one written; is the "
        "memory enough? What was written is kept, and a new run goes on from there"
    )
