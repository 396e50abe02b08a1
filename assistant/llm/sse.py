"""The streamed answer of an OpenAI-compatible server: server-sent events -> text and how it ended."""

import json
from collections.abc import AsyncIterator
from typing import Any

from assistant.llm.backend import Finish, ModelFault


async def events(chunks: AsyncIterator[bytes], size: int, where: str) -> AsyncIterator[dict[str, Any]]:
    """The JSON objects of a stream, as far as `[DONE]`; comments and blank lines are passed over.

    size: bytes that all may take; more is an answer that does not end. Raises ModelFault.
    """
    kept, taken = b"", 0
    async for chunk in chunks:
        taken += len(chunk)
        if taken > size:
            raise ModelFault("endless", where=where)
        *lines, kept = (kept + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                data = line[5:].strip()
                if data == b"[DONE]":
                    return
                yield json_object(data, where)


def json_object(data: bytes, where: str) -> dict[str, Any]:
    """A JSON object from a server. Raises ModelFault when it is none, or reports an error."""
    try:
        found = json.loads(data)
    except ValueError as fault:
        raise ModelFault("garbled", where=where) from fault
    if not isinstance(found, dict) or "error" in found:
        raise ModelFault("garbled", where=where)
    return found


class Assembling:
    """One answer, put together from its objects: streamed chunks, or one whole completion."""

    def __init__(self, model: str, where: str) -> None:
        self._model, self._where = model, where
        self._version = ""
        self._reason: str | None = None
        self._usage: dict[str, Any] = {}

    def take(self, found: dict[str, Any]) -> str:
        """The text that an object adds. Raises ModelFault when it does not have the form."""
        try:
            self._model = str(found.get("model") or self._model)
            self._version = str(found.get("system_fingerprint") or self._version)
            self._usage = dict(found.get("usage") or self._usage)
            text = ""
            for choice in found.get("choices") or ():
                text += (choice.get("delta") or choice.get("message") or {}).get("content") or ""
                self._reason = choice.get("finish_reason") or self._reason
            return text
        except (TypeError, ValueError, AttributeError) as fault:
            raise ModelFault("garbled", where=self._where) from fault

    def finish(self) -> Finish:
        """How it ended. Raises ModelFault when it broke off."""
        if self._reason is None:
            raise ModelFault("cut", where=self._where)
        return Finish(
            self._model,
            self._version,
            _count(self._usage.get("prompt_tokens")),
            _count(self._usage.get("completion_tokens")),
            self._reason == "stop",
        )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
