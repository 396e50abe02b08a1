"""The client against a real server, and against a scripted one for what real ones rarely do."""

import threading
import time
from pathlib import Path

import pytest

from assistant.llm.backend import Cancel, ModelFault, Prompt, read, switched_on
from assistant.llm.server import Patience, Server
from assistant.llm.settings import BadModelSetting, ModelSettings
from tests.llm.scripted import Talk, scripted

HELLO = Prompt("Be brief.", "Say something about the weather.", limit=24)
QUICK = Patience(connect=1.0, first=1.0, between=0.5, whole=3.0)
SOON = 2.0
"""Seconds within which a failed answer must have given way to our own words."""


def server(url: str, context: int = 4096, key: str = "") -> Server:
    return Server(ModelSettings(base_url=url, model="scripted", key=key, context=context), QUICK)


def fault(url: str, prompt: Prompt = HELLO, context: int = 4096) -> tuple[str, float]:
    """The fault that a prompt ends in, and how long it took."""
    began = time.monotonic()
    with pytest.raises(ModelFault) as raised:
        read(server(url, context).stream(prompt))
    return raised.value.key, time.monotonic() - began


def test_a_real_server_streams_counts_and_repeats_itself(served: str, tiny_model: Path) -> None:
    model = Server(ModelSettings(base_url=served, model=str(tiny_model)))
    pieces = list(model.stream(HELLO))
    assert len(pieces) > 1
    text, finish = read(model.stream(HELLO))
    assert text == "".join(pieces)
    sent = f"system: {HELLO.system}\nuser: {HELLO.user}\nassistant: "
    assert finish.prompt_tokens == len(sent)  # the tiny tokenizer reads bytes
    assert finish.completion_tokens is not None and finish.completion_tokens <= HELLO.limit
    assert finish.model == str(tiny_model)
    assert not finish.whole


def test_a_real_server_is_stopped_from_another_thread(served: str, tiny_model: Path) -> None:
    model = Server(ModelSettings(base_url=served, model=str(tiny_model), context=8000))
    cancel = Cancel()
    stream = model.stream(Prompt("Go on.", "Never stop.", limit=4000), cancel)
    next(stream)
    threading.Timer(0.1, cancel).start()
    began = time.monotonic()
    with pytest.raises(ModelFault, match="Stopped"):
        read(stream)
    assert time.monotonic() - began < SOON


def test_a_real_server_refuses_another_model(served: str) -> None:
    with pytest.raises(ModelFault) as raised:
        read(Server(ModelSettings(base_url=served, model="other")).stream(HELLO))
    assert raised.value.key == "refused"


def test_a_local_model_answers_as_the_server_does(served: str, tiny_model: Path) -> None:
    remote, _ = read(Server(ModelSettings(base_url=served, model=str(tiny_model))).stream(HELLO))
    model = switched_on(ModelSettings(path=tiny_model))
    assert model is not None and model.where is None
    local, finish = read(model.stream(HELLO))
    assert local == remote
    assert len(finish.version) == 16 and finish.completion_tokens == HELLO.limit
    with pytest.raises(ModelFault, match="at most"):
        read(model.stream(Prompt("Be brief.", "word " * 2000)))
    with pytest.raises(ModelFault, match="Stopped"):
        cancel = Cancel()
        cancel()
        read(model.stream(HELLO, cancel))


def test_a_local_model_in_int8_answers(tiny_model: Path) -> None:
    model = switched_on(ModelSettings(path=tiny_model, int8=True))
    assert model is not None
    assert read(model.stream(HELLO))[1].completion_tokens == HELLO.limit


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    model = switched_on(ModelSettings(path=tmp_path))
    assert model is not None
    with pytest.raises(ModelFault, match="cannot be used"):
        read(model.stream(HELLO))


def test_what_is_sent() -> None:
    with scripted(lambda talk: talk.answer("Rain.")) as place:
        text, finish = read(server(place.url, key="secret").stream(HELLO))
    assert text == "Rain." and finish.whole and finish.version == "fp-7"
    talk = place.talks[0]
    assert talk.body["temperature"] == 0 and talk.body["seed"] == 0 and talk.body["max_tokens"] == 24
    assert talk.headers["Authorization"] == "Bearer secret"
    assert "secret" not in repr(ModelSettings(base_url=place.url, model="m", key="secret"))


def test_busy_is_tried_again() -> None:
    def respond(talk: Talk) -> None:
        talk.status(429, Retry_After="0") if talk.number < 2 else talk.answer("Sun.")

    with scripted(respond) as place:
        assert read(server(place.url).stream(HELLO))[0] == "Sun."
    assert len(place.talks) == 3


@pytest.mark.parametrize("wait", ["", "30"])
def test_busy_for_long_is_given_up_soon(wait: str) -> None:
    with scripted(lambda talk: talk.status(429, Retry_After=wait)) as place:
        key, took = fault(place.url)
    assert key == "busy" and took < SOON
    assert len(place.talks) == 1 if wait else len(place.talks) > 1


def test_a_wrong_key_is_not_tried_again() -> None:
    with scripted(lambda talk: talk.status(401)) as place:
        assert fault(place.url)[0] == "refused"
    assert len(place.talks) == 1


def test_a_server_without_schemas_is_asked_without() -> None:
    def respond(talk: Talk) -> None:
        talk.status(400) if "response_format" in talk.body else talk.answer("{}")

    with scripted(respond) as place:
        prompt = Prompt("Read.", "Cough.", schema={"type": "object"})
        assert read(server(place.url).stream(prompt))[0] == "{}"


def test_nobody_there() -> None:
    with scripted(lambda talk: None) as place:
        url = place.url
    key, took = fault(url)
    assert key == "unreachable" and took < SOON


def test_cut_in_the_middle_is_an_error_and_not_tried_again() -> None:
    def respond(talk: Talk) -> None:
        talk.begin()
        talk.chunk("The weather is ")

    with scripted(respond) as place:
        key, took = fault(place.url)
    assert key == "cut" and took < SOON and len(place.talks) == 1


def test_silence_before_and_within_an_answer() -> None:
    def respond(talk: Talk) -> None:
        talk.begin()
        if "within" in talk.words:
            talk.chunk("The ")
        for _ in range(100):  # keeps the line warm, says nothing
            time.sleep(0.05)
            talk.raw(": still here\n\n")

    with scripted(respond) as place:
        assert fault(place.url)[0] == "slow"
        assert fault(place.url, Prompt("Be brief.", "within"))[0] == "slow"


@pytest.mark.parametrize(
    "data", ["data: {not json}\n\n", "data: [1]\n\n", 'data: {"error": "out of memory"}\n\n',
             'data: {"choices": [7]}\n\n'],
)  # fmt: skip
def test_what_is_no_answer(data: str) -> None:
    def respond(talk: Talk) -> None:
        talk.begin()
        talk.raw(data)

    with scripted(respond) as place:
        assert fault(place.url)[0] == "garbled"


def test_a_stream_without_end_is_left() -> None:
    def respond(talk: Talk) -> None:
        talk.begin()
        while True:
            talk.chunk("on and on ")

    with scripted(respond) as place:
        key, took = fault(place.url)
        until = time.monotonic() + 5
        while "left" not in place.talks[0].headers and time.monotonic() < until:
            time.sleep(0.05)
    assert key in ("endless", "slow") and took < QUICK.whole + 1
    assert "left" in place.talks[0].headers  # the connection was closed, not forgotten


def test_a_line_without_end_is_left() -> None:
    def respond(talk: Talk) -> None:
        talk.begin()
        while True:
            talk.raw("data: " + "x" * 10_000)

    with scripted(respond) as place:
        assert fault(place.url)[0] == "endless"


LONG = Prompt("Answer.", "The patient has a cough and a fever. " * 150, limit=64)


def test_a_prompt_that_was_cut_in_silence_is_an_error() -> None:
    with scripted(lambda talk: talk.answer("Yes.", read=700)) as place:
        assert fault(place.url, LONG)[0] == "prompt_cut"


def test_a_cut_shows_against_the_rate_of_short_prompts() -> None:
    """A tokenizer of many small pieces: the plain lower bound alone would not notice."""

    def respond(talk: Talk) -> None:
        talk.answer("Yes.", read=min(len(talk.words) // 2, 2000))

    with scripted(respond) as place:
        model = server(place.url)
        read(model.stream(HELLO))
        with pytest.raises(ModelFault) as raised:
            read(model.stream(LONG))
    assert raised.value.key == "prompt_cut"


def test_usage_that_cannot_be() -> None:
    with scripted(lambda talk: talk.answer("Yes.", read=10_000_000)) as place:
        assert fault(place.url)[0] == "usage_wrong"


def test_a_long_prompt_is_not_trusted_to_who_does_not_count() -> None:
    with scripted(lambda talk: talk.answer("Yes.", read=0)) as place:
        assert read(server(place.url).stream(HELLO))[0] == "Yes."
        assert fault(place.url, LONG)[0] == "usage_missing"


def test_a_prompt_beyond_the_budget_is_never_sent() -> None:
    with scripted(lambda talk: talk.answer("Yes.")) as place:
        assert fault(place.url, LONG, context=1024)[0] == "prompt_too_long"
    assert not place.talks


def test_a_server_that_does_not_stream() -> None:
    def respond(talk: Talk) -> None:
        talk.begin("application/json")
        talk.raw(
            '{"model": "m", "choices": [{"message": {"content": "Wind."}, "finish_reason": "stop"}],'
            ' "usage": {"prompt_tokens": 20, "completion_tokens": 2}}'
        )

    with scripted(respond) as place:
        assert read(server(place.url).stream(HELLO))[0] == "Wind."


def test_none_is_switched_on_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "MODEL", "API_KEY", "PATH"):
        monkeypatch.delenv(f"AETIA_LLM_{name}", raising=False)
    monkeypatch.setenv("AETIA_LLM_API_KEY", "k")
    settings = ModelSettings.configured()
    assert not settings.on and switched_on(settings) is None
    monkeypatch.setenv("AETIA_LLM_BASE_URL", "https://models.example/v1/")
    with pytest.raises(BadModelSetting, match="AETIA_LLM_MODEL"):
        ModelSettings.configured()
    monkeypatch.setenv("AETIA_LLM_MODEL", "m")
    model = switched_on(ModelSettings.configured())
    assert model is not None and model.where == "models.example"


def test_it_is_said_where_words_go() -> None:
    def where(url: str) -> str | None:
        return Server(ModelSettings(base_url=url, model="m")).where

    assert where("http://127.0.0.1:8000/v1") == "127.0.0.1:8000"
    assert where("https://models.example/v1") == "models.example"
    assert where("http://10.0.0.7/v1") == "10.0.0.7 (unencrypted · 未加密)"
