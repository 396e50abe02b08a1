"""A language model behind any OpenAI-compatible server: vLLM, llama.cpp, Ollama, transformers, hosted ones.

The request runs in a thread of its own with its own event loop, so that a silent server can be left at once
from any other thread. Nothing is tried again once text has come.
"""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from queue import SimpleQueue
from threading import Thread
from typing import Any

import httpx

from assistant.llm.backend import SEED, Cancel, Finish, ModelFault, Prompt, Stream
from assistant.llm.settings import ModelSettings
from assistant.llm.sse import Assembling, events, json_object
from assistant.llm.tokens import Ruler

_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_BYTES_A_TOKEN = 1024
"""Of a stream, with the JSON around each token."""


@dataclass(frozen=True)
class Patience:
    """Seconds. connect: to be reached. first: until the first text. between: from text to text. whole: for all of
    it. again: for all further tries after a first failure, so that a person soon reads our own words."""

    connect: float = 2.0
    first: float = 30.0
    between: float = 10.0
    whole: float = 120.0
    again: float = 1.0

    def delay(self, attempt: int) -> float:
        """Before the next try: doubled each time, with jitter."""
        return float(0.2 * 2**attempt * random.uniform(0.75, 1.25))


class Server:
    """One model of one server."""

    def __init__(self, settings: ModelSettings, patience: Patience | None = None) -> None:
        self.name = settings.model
        self._url = httpx.URL(settings.base_url + "/")
        self._headers = {"Authorization": f"Bearer {settings.key}"} if settings.key else {}
        self._patience = patience or Patience()
        self._place = self._url.netloc.decode()
        self._here = is_here(self._url.host)
        plain = not self._here and self._url.scheme == "http"
        self.where: str | None = self._place + (" (unencrypted · 未加密)" if plain else "")
        self._ruler = Ruler(settings.context, self._place)

    def stream(self, prompt: Prompt, cancel: Cancel | None = None) -> Stream:
        """See Backend."""
        self._ruler.fit(prompt)
        heard: SimpleQueue[str | Finish | ModelFault] = SimpleQueue()
        stop = Cancel.within(cancel)
        Thread(target=self._run, args=(prompt, heard.put, stop), daemon=True).start()
        try:
            while isinstance(piece := heard.get(), str):
                yield piece
        finally:
            stop()
        if isinstance(piece, ModelFault):
            raise piece
        self._ruler.check(prompt, piece.prompt_tokens)
        return piece

    def _run(self, prompt: Prompt, put: Callable[[str | Finish | ModelFault], None], cancel: Cancel) -> None:
        """In the thread: the conversation, until it ends or is cancelled."""

        async def whole() -> Finish:
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            cancel.on(lambda: _cancel(loop, task))
            return await self._try_again(prompt, put)

        try:
            put(asyncio.run(whole()))
        except ModelFault as fault:
            put(fault)
        except asyncio.CancelledError:
            put(ModelFault("cancelled"))
        except Exception:  # whatever it was, a person waits: our own words take over
            put(ModelFault("garbled", where=self._place))

    async def _try_again(self, prompt: Prompt, put: Callable[[str], None]) -> Finish:
        """Tries until it answers, text has come, the fault is none that passes, or patience ends."""
        loop = asyncio.get_running_loop()
        attempt, first, until = 0, self._patience.first, float("inf")
        body = self._body(prompt)
        while True:
            said = False

            def note(piece: str) -> None:
                nonlocal said
                said = True
                put(piece)

            try:
                return await self._once(body, prompt.limit, first, note)
            except ModelFault as fault:
                until = min(until, loop.time() + self._patience.again)
                wait = max(self._patience.delay(attempt), fault.wait)
                if fault.key == "refused" and body.pop("response_format", None):
                    wait = 0.0  # not every server can hold a model to a schema
                elif said or not fault.passing:
                    raise
                if loop.time() + wait >= until:
                    raise
                await asyncio.sleep(wait)
                attempt, first = attempt + 1, until - loop.time()

    async def _once(
        self, body: dict[str, Any], limit: int, first: float, note: Callable[[str], None]
    ) -> Finish:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience.whole
        answer = Assembling(self.name, self._place)
        try:
            async with asyncio.timeout(first) as clock, self._response(body) as response:
                async for found in self._objects(response, limit):
                    if text := answer.take(found):
                        note(text)
                        clock.reschedule(min(end, loop.time() + self._patience.between))
                return answer.finish()
        except TimeoutError as fault:
            raise ModelFault("slow", where=self._place) from fault
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            raise ModelFault("unreachable", passing=True, where=self._place) from fault
        except httpx.HTTPError as fault:
            raise ModelFault("cut", passing=True, where=self._place) from fault

    @asynccontextmanager
    async def _response(self, body: dict[str, Any]) -> AsyncIterator[httpx.Response]:
        """Raises ModelFault for a status that is no answer."""
        timeout = httpx.Timeout(None, connect=self._patience.connect)
        # A model on this machine is spoken to directly, whatever proxy is set.
        async with (
            httpx.AsyncClient(
                timeout=timeout, headers=self._headers, trust_env=not self._here, verify=self._trust
            ) as client,
            client.stream("POST", self._url.join("chat/completions"), json=body) as response,
        ):
            if response.status_code != 200:
                passing = response.status_code in _PASSING
                raise ModelFault(
                    "busy" if passing else "refused",
                    passing,
                    _seconds(response.headers.get("retry-after", "")),
                    where=self._place,
                    status=response.status_code,
                )
            yield response

    @cached_property
    def _trust(self) -> ssl.SSLContext | bool:
        """The certificates that are trusted, read once: reading them takes longer than a request."""
        return httpx.create_ssl_context() if self._url.scheme == "https" else False

    async def _objects(self, response: httpx.Response, limit: int) -> AsyncIterator[dict[str, Any]]:
        """Of a stream; or the one object of a server that does not stream."""
        size = (limit + 64) * _BYTES_A_TOKEN
        if "application/json" not in response.headers.get("content-type", ""):
            async for found in events(response.aiter_bytes(), size, self._place):
                yield found
            return
        whole = b""
        async for chunk in response.aiter_bytes():
            whole += chunk
            if len(whole) > size:
                raise ModelFault("endless", where=self._place)
        yield json_object(whole, self._place)

    def _body(self, prompt: Prompt) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "temperature": 0,
            "seed": SEED,
            "max_tokens": prompt.limit,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if prompt.schema:
            schema = {"name": "answer", "schema": prompt.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _seconds(header: str) -> float:
    return float(header) if header.isdecimal() else 0.0


def _cancel(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[Any] | None") -> None:
    if task and not loop.is_closed():
        loop.call_soon_threadsafe(task.cancel)
