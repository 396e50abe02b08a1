"""What of a person's words the text model is given to read."""

import pytest

from assistant.api import Assistant
from assistant.rendering import as_told

CHATTER = {
    "en": "We moved house in spring. The garden there is lovely. ",
    "zh": "我们家春天刚搬了新房。院子里种了两棵桂花树。",
}


@pytest.mark.parametrize(
    ("language", "told"), [("en", "I have a cough. My chest hurts too."), ("zh", "我咳嗽。胸口疼三天了。")]
)
def test_digressions_are_left_out(graph_only: Assistant, language: str, told: str) -> None:
    session = graph_only.start()
    session.say(CHATTER[language] + told)
    words = as_told(session.case, graph_only.base)
    assert told in words and CHATTER[language].strip() not in words
    assert session.case.texts == (CHATTER[language] + told,)


def test_a_sentence_alone_is_kept_though_nothing_in_it_was_understood(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("I have a cough. My uncle keeps pigeons and I clean their loft.")
    assert "pigeons" in as_told(session.case, graph_only.base)


def test_where_nothing_was_understood_all_is_read(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say(CHATTER["en"])
    assert CHATTER["en"].strip() in as_told(session.case, graph_only.base)
