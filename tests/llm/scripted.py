"""A small server over real HTTP that says what a test tells it to, faults included."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Respond = Callable[["Talk"], None]


@dataclass
class Talk:
    """One request, and the means to answer it. number: from 0."""

    number: int
    body: dict[str, Any]
    headers: dict[str, str]
    handler: BaseHTTPRequestHandler

    @property
    def words(self) -> str:
        return "\n".join(m["content"] for m in self.body["messages"])

    def status(self, code: int, **headers: str) -> None:
        self.handler.send_response(code)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.send_header("Content-Length", "0")
        self.handler.end_headers()

    def begin(self, kind: str = "text/event-stream") -> None:
        self.handler.send_response(200)
        self.handler.send_header("Content-Type", kind)
        self.handler.end_headers()

    def raw(self, data: str) -> None:
        self.handler.wfile.write(data.encode())
        self.handler.wfile.flush()

    def chunk(self, text: str = "", reason: str | None = None, **more: Any) -> None:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
        self.raw(f"data: {json.dumps({'model': 'scripted', 'choices': [choice], **more})}\n\n")

    def answer(self, text: str, read: int | None = None) -> None:
        """A whole good answer in pieces; usage as a usual tokenizer would count unless `read` is given."""
        self.begin()
        for start in range(0, len(text), 7):
            self.chunk(text[start : start + 7])
        tokens = read if read is not None else len(self.words.encode()) // 3
        usage = {"prompt_tokens": tokens, "completion_tokens": max(1, len(text) // 4)}
        self.chunk("", "stop", usage=usage, system_fingerprint="fp-7")
        self.raw("data: [DONE]\n\n")


@dataclass
class Scripted:
    url: str
    talks: list[Talk] = field(default_factory=list)


@contextmanager
def scripted(respond: Respond) -> Iterator[Scripted]:
    """Serves on 127.0.0.1 for as long as the block runs."""
    kept = Scripted("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            talk = Talk(len(kept.talks), body, dict(self.headers), self)
            kept.talks.append(talk)
            try:
                respond(talk)
            except (BrokenPipeError, ConnectionResetError):
                kept.talks[talk.number].headers["left"] = str(time.monotonic())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
