"""A transformers causal model from a folder, on this machine."""

import hashlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from assistant.llm.backend import SEED, Cancel, Finish, ModelFault, Prompt, Stream
from assistant.llm.settings import ModelSettings


class LocalModel:
    """Loads on first use. Only safetensors are read, and no code that lies with the model is run."""

    where: str | None = None

    def __init__(self, settings: ModelSettings) -> None:
        self._path = settings.path or Path()
        self._settings = settings
        self.name = self._path.name

    def stream(self, prompt: Prompt, cancel: Cancel | None = None) -> Stream:
        """See Backend. The prompt is counted exactly, and refused when it does not fit; it is never cut."""
        stop = Cancel.within(cancel)
        tokens = self._tokens(prompt)
        budget = min(self._settings.context, self._longest) - prompt.limit
        if (count := tokens["input_ids"].shape[-1]) > budget:
            raise ModelFault("prompt_too_long", tokens=count, budget=budget)
        heard: SimpleQueue[str | int | ModelFault] = SimpleQueue()
        Thread(target=self._generate, args=(tokens, prompt, stop, heard.put), daemon=True).start()
        try:
            while isinstance(piece := heard.get(), str):
                yield piece
        finally:
            was_stopped = stop.cancelled
            stop()
        if isinstance(piece, ModelFault):
            raise piece
        if was_stopped:
            raise ModelFault("cancelled")
        return Finish(self.name, self.version, count, piece, piece < prompt.limit)

    @cached_property
    def version(self) -> str:
        """SHA-256 over the files of weights, its first 16 digits."""
        digest = hashlib.sha256()
        for path in sorted(self._path.glob("*.safetensors")):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()[:16]

    def _generate(
        self, tokens: Any, prompt: Prompt, cancel: Cancel, put: Callable[[str | int | ModelFault], None]
    ) -> None:
        """In a thread: writes pieces, then how many tokens, or the fault."""
        from transformers import StoppingCriteriaList, TextStreamer, set_seed

        class Pieces(TextStreamer):  # type: ignore[misc]
            def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
                if text:
                    put(text)

        tokenizer, model = self._parts
        try:
            set_seed(SEED)
            written = model.generate(
                **tokens,
                max_new_tokens=prompt.limit,
                do_sample=False,
                pad_token_id=tokenizer.eos_token_id,
                streamer=Pieces(tokenizer, skip_prompt=True, skip_special_tokens=True),
                stopping_criteria=StoppingCriteriaList([_stopping(cancel)]),
            )
            put(int(written.shape[-1] - tokens["input_ids"].shape[-1]))
        except Exception as fault:  # whatever it was, a person waits: our own words take over
            put(ModelFault("unusable", path=self._path, why=type(fault).__name__))

    def _tokens(self, prompt: Prompt) -> Any:
        tokenizer, model = self._parts
        if tokenizer.chat_template:
            said = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
            text = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
            return tokenizer(text, return_tensors="pt", add_special_tokens=False).to(model.device)
        return tokenizer(f"{prompt.text}\n", return_tensors="pt").to(model.device)

    @property
    def _longest(self) -> int:
        return int(getattr(self._parts[1].config, "max_position_embeddings", self._settings.context))

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        """Tokenizer and model. Raises ModelFault when the folder does not hold them."""
        from torch_pair import torch

        # isort: split
        from transformers import AutoModelForCausalLM, AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(self._path, local_files_only=True)
            model = AutoModelForCausalLM.from_pretrained(
                self._path, local_files_only=True, use_safetensors=True, dtype=self._settings.dtype
            )
            model = model.to(self._settings.device).eval()
        except (OSError, ValueError, RuntimeError) as fault:
            raise ModelFault("unusable", path=self._path, why=str(fault).splitlines()[0]) from fault
        if self._settings.int8:
            quantize: Any = torch.ao.quantization.quantize_dynamic
            model = quantize(model.float(), {torch.nn.Linear}, torch.qint8)
        return tokenizer, model


def _stopping(cancel: Cancel) -> Any:
    from torch_pair import torch

    # isort: split
    from transformers import StoppingCriteria

    class Stopping(StoppingCriteria):  # type: ignore[misc]
        def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
            return torch.full((input_ids.shape[0],), cancel.cancelled, device=input_ids.device)

    return Stopping()
