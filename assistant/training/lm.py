"""`aetia train lm`: a causal language model of one's own learns to answer as Aetia asks it to.

LoRA (Hu et al. 2021, through peft) on every linear layer; the loss counts the words of the answers alone. What is
saved is a whole model, the LoRA folded in, for AETIA_LLM_PATH. What it writes afterwards is checked like the words
of any other model.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

from assistant.api import Assistant
from assistant.training.bank import CASES, bank
from assistant.training.lessons import Exchange, Lesson, Lessons
from knowledge.errors import AetiaError
from torch_pair import torch

_UNCOUNTED = -100
"""Label of a token that the loss leaves out."""


class LanguageModelUnusable(AetiaError):
    """The base model cannot be read, or has no room for a lesson."""


@dataclass(frozen=True)
class LmOptions:
    """What a run is made of. cases: of the bank, at most; all when 0. longest: tokens of prompt and answer; a
    longer exchange is left out, never cut. batch: exchanges a step."""

    seed: int = 0
    epochs: int = 2
    cases: int = 0
    longest: int = 2048
    batch: int = 4
    rank: int = 16
    learning_rate: float = 2e-4


@dataclass(frozen=True)
class Sample:
    """Token ids of an exchange, and where the answer begins."""

    ids: tuple[int, ...]
    answer_from: int


def train(
    base: Path,
    out: Path,
    data: Path | None = None,
    assistant: Assistant | None = None,
    progress: Callable[[str], None] = lambda _: None,
    **given: Any,
) -> str:
    """Teach the model in `base`, save it into `out`, and say in a line what came out.

    data: folder of case files in the form of our bank (`training/bank.py`); ours when None. Parts `train` teach,
    parts `fit` measure. Raises LanguageModelUnusable.
    """
    options, folder = LmOptions(**given), data or CASES
    tokenizer, model = _opened(base)
    lessons = Lessons(assistant or Assistant.load(), options.seed)
    limit = options.cases or None
    progress("The engine writes the lessons")
    taught = list(lessons.of(list(bank("train", folder))[:limit]))
    kept = list(lessons.of(list(bank("fit", folder))[:limit]))
    run = _Run(tokenizer, model, options)
    card = run.fit(taught, kept, progress)
    run.save(out, {"base": base.name, **card})
    return f"{card['exchanges']} exchanges of {card['lessons']} cases learnt; {json.dumps(card['measured'])}; model in {out}"


class _Run:
    def __init__(self, tokenizer: Any, model: Any, options: LmOptions) -> None:
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(options.seed)
        lora = LoraConfig(
            r=options.rank, lora_alpha=2 * options.rank, target_modules="all-linear", task_type="CAUSAL_LM"
        )
        self._tokenizer, self._options = tokenizer, options
        self._model = get_peft_model(model, lora)
        room = getattr(model.config, "max_position_embeddings", options.longest)
        self._longest = min(options.longest, int(room))

    def fit(
        self, taught: Sequence[Lesson], kept: Sequence[Lesson], progress: Callable[[str], None]
    ) -> dict[str, Any]:
        """Learn; what the card says of it. Raises LanguageModelUnusable when no exchange fits."""
        samples, long = self._samples(taught)
        held, _ = self._samples(kept)
        if not samples:
            raise LanguageModelUnusable(
                f"None of {long} exchanges fits into {self._longest} tokens; choose a model with a longer context"
            )
        before = self._loss(held)
        parameters = [p for p in self._model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(parameters, lr=self._options.learning_rate)
        random = Random(self._options.seed)
        for epoch in range(self._options.epochs):
            random.shuffle(samples)
            self._model.train()
            for at in range(0, len(samples), self._options.batch):
                optimizer.zero_grad()
                self._batch_loss(samples[at : at + self._options.batch])[0].backward()
                torch.nn.utils.clip_grad_norm_(parameters, 1.0)
                optimizer.step()
            progress(f"epoch {epoch + 1}: {self._loss(held):.3f} nats a token of the answers kept apart")
        measured = {"nats_before": round(before, 4), "nats_after": round(self._loss(held), 4)}
        return {
            "lessons": len(taught),
            "exchanges": len(samples),
            "left_out_too_long": long,
            "kept_apart": len(held),
            "measured": measured,
        }

    def save(self, out: Path, card: dict[str, Any]) -> None:
        """The model with its LoRA folded in, its tokenizer, and a card."""
        whole = self._model.merge_and_unload()
        whole.save_pretrained(out)
        self._tokenizer.save_pretrained(out)
        versions = {name: version(name) for name in ("torch", "transformers", "peft")}
        made = {"options": asdict(self._options), "versions": versions, "made": time.strftime("%Y-%m-%d")}
        (out / "aetia_card.json").write_text(json.dumps({**card, **made}, indent=1), encoding="utf-8")

    def _samples(self, lessons: Iterable[Lesson]) -> tuple[list[Sample], int]:
        """Those that fit, and how many do not."""
        all_of_them = [sample_of(e, self._tokenizer) for lesson in lessons for e in lesson.exchanges]
        fitting = [s for s in all_of_them if len(s.ids) <= self._longest]
        return fitting, len(all_of_them) - len(fitting)

    def _loss(self, samples: Sequence[Sample]) -> float:
        """Mean nats a token of the answers."""
        self._model.eval()
        total, count = 0.0, 0
        with torch.inference_mode():
            for at in range(0, len(samples), self._options.batch):
                loss, tokens = self._batch_loss(samples[at : at + self._options.batch])
                total, count = total + float(loss) * tokens, count + tokens
        return total / max(count, 1)

    def _batch_loss(self, few: Sequence[Sample]) -> tuple[Any, int]:
        """Mean loss over the answers' tokens, and how many they are."""
        width = max(len(s.ids) for s in few)
        ids = torch.zeros((len(few), width), dtype=torch.long)
        labels = torch.full_like(ids, _UNCOUNTED)
        mask = torch.zeros_like(ids)
        for row, sample in enumerate(few):
            end = len(sample.ids)
            ids[row, :end] = torch.tensor(sample.ids)
            mask[row, :end] = 1
            labels[row, sample.answer_from : end] = ids[row, sample.answer_from : end]
        found = self._model(input_ids=ids, attention_mask=mask, labels=labels)
        return found.loss, int((labels != _UNCOUNTED).sum())


def sample_of(exchange: Exchange, tokenizer: Any) -> Sample:
    """An exchange as the model is given it when it answers (see LocalModel), with the answer after it."""
    prompt = exchange.prompt
    if tokenizer.chat_template:
        said = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        before = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
        ids = tokenizer(before, add_special_tokens=False)["input_ids"]
    else:
        ids = tokenizer(f"{prompt.text}\n")["input_ids"]
    answer = tokenizer(exchange.answer, add_special_tokens=False)["input_ids"]
    return Sample((*ids, *answer, tokenizer.eos_token_id), len(ids))


def _opened(base: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            base, local_files_only=True, use_safetensors=True, dtype="float32"
        )
    except (OSError, ValueError, RuntimeError) as fault:
        raise LanguageModelUnusable(f"{base} holds no causal model: {str(fault).splitlines()[0]}") from fault
    if tokenizer.eos_token_id is None:
        raise LanguageModelUnusable(
            f"The tokenizer in {base} has no end token, so the model could not learn to stop"
        )
    return tokenizer, model
