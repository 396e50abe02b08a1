"""A tiny causal model, made and saved here, and a real server that serves it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.api import Assistant
from assistant.llm.companion import found_by
from assistant.llm.questions import Find
from retrieval.search import Searcher
from tests.retrieval.tiny import TinyEncoder
from torch_pair import torch


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GPT-2 of two thin layers with random weights and a tokenizer of single bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("model") / "tiny-gpt"
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: i for i, letter in enumerate([*letters, "<end>"])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", pad_token="<end>")
    fast.chat_template = (
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    fast.save_pretrained(folder)
    torch.manual_seed(4)
    end = vocabulary["<end>"]
    config = GPT2Config(
        vocab_size=len(vocabulary), n_positions=8192, n_embd=32, n_layer=2, n_head=2,
        bos_token_id=end, eos_token_id=end,
    )  # fmt: skip
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def served(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `transformers serve` with the tiny model."""
    pytest.importorskip("openai", reason="transformers serve needs it; install aetia[dev]")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    # torch_pair comes first: beside a CPU torch, torchvision cannot be imported without it.
    start = "import torch_pair, sys; from transformers.cli.transformers import main; sys.exit(main())"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", start, "serve", str(tiny_model), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
            stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    pytest.fail(f"transformers serve did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def search_world(in_world: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Find:
    """Real search over the world's passages, with an encoder that is small."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("AETIA_CACHE")
    os.environ["AETIA_CACHE"] = str(folder)
    try:
        base = in_world.base
        searcher = Searcher.over(base.passages.values(), base.sources, encoder=TinyEncoder())
        searcher.search("warm", 1)
    finally:
        if before is None:
            del os.environ["AETIA_CACHE"]
        else:
            os.environ["AETIA_CACHE"] = before
    return found_by(searcher, base, in_world.shelf)
