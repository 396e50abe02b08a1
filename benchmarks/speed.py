"""How long a warm turn, an image and a posterior take on one thread, and how much memory the app holds."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil

from assistant.api import Assistant
from assistant.inquiry import BURDEN
from assistant.questions import Question
from benchmarks.measure import RESULTS, data_folder, write
from knowledge.evidence import Evidence

TURNS = (
    "患者李某，男，38岁，近期出现咳嗽、气短等症状，肺部CT显示有异常阴影。",
    "38-year-old man with cough, fever 38.9 and pain in the chest when breathing in.",
    "26-year-old woman, burning when I pee for 2 days, no fever.",
    "女，60岁，头晕，天旋地转，翻身时加重，没有耳鸣。",
    "I'm 70 and my ankles swell, I get short of breath lying flat.",
)


def milliseconds(act: Callable[[], Any], times: int) -> dict[str, float]:
    """Median, and the 10th and 90th percentile, of an act repeated after one warm-up."""
    act()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(1000 * (time.perf_counter() - began))
    low, high = np.quantile(taken, [0.1, 0.9])
    return {"median": round(statistics.median(taken), 2), "p10": round(low, 2), "p90": round(high, 2)}


def posteriors(assistant: Assistant) -> dict[str, Any]:
    """Exact posteriors with 10 positive findings, at random and the commonest."""
    findings = [f for f in assistant.base.findings if not assistant.base.findings[f].parents]
    degree = {f: int((assistant.graph.column(f) > 0).sum()) for f in findings}
    rng = np.random.default_rng(0)
    drawn = frozenset(str(f) for f in rng.choice([f for f in findings if degree[f]], 10, replace=False))
    common = frozenset(sorted(findings, key=lambda f: -degree[f])[:10])
    return {
        "posterior_10_random_ms": milliseconds(
            lambda: assistant.graph.posterior(Evidence(present=drawn)), 30
        ),
        "posterior_10_commonest_ms": milliseconds(
            lambda: assistant.graph.posterior(Evidence(present=common)), 10
        ),
    }


def questions(assistant: Assistant) -> dict[str, Any]:
    """All open questions and tests of one early case, when most is still open, scored and ordered."""
    session = assistant.start()
    session.say("42-year-old woman, tired, with a cough and pain in the belly")
    case, differential = session.case, session.assessment.differential
    everything = frozenset(BURDEN)

    def ranked() -> list[Question]:
        return assistant.dialogue.inquiry.ranked(case, differential, everything)

    return {"questions_open": len(ranked()), "questions_ms": milliseconds(ranked, 20)}


def command_seconds(*words: str) -> float:
    """Median wall time of a command over three runs, after one that warms the caches."""
    taken = []
    for _ in range(4):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "assistant.cli", *words], capture_output=True, check=False)
        taken.append(time.perf_counter() - began)
    return round(statistics.median(taken[1:]), 3)


def main() -> None:
    """Measure everything on this machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS / "speed.json")
    options = parser.parse_args()
    from torch_pair import torch

    torch.set_num_threads(1)
    began = time.perf_counter()
    assistant = Assistant.load()
    loaded = time.perf_counter() - began
    turns = iter(TURNS * 100)
    result: dict[str, Any] = {
        "benchmark": "speed",
        "diseases": len(assistant.base.diseases),
        "load_seconds": round(loaded, 2),
        "turn_ms": milliseconds(lambda: assistant.start().say(next(turns)), 40),
        **posteriors(assistant),
        **questions(assistant),
    }
    with (
        TemporaryDirectory() as folder,
        zipfile.ZipFile(data_folder() / "images" / "chest_xray_children.zip") as z,
    ):
        name = next(n for n in z.namelist() if n.endswith(".jpeg"))
        path = Path(z.extract(name, folder))
        result["image_ms"] = milliseconds(lambda: assistant.pictures.look(path), 15)
    result["resident_mb"] = round(psutil.Process(os.getpid()).memory_info().rss / 2**20)
    result["help_seconds"] = command_seconds("--help")
    result["resolve_seconds"] = command_seconds("resolve", "asthma")
    print(json.dumps(result, indent=1))
    write(result, options.out)


if __name__ == "__main__":
    main()
