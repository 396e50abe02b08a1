"""What leaves is supported; what is not is rephrased or dropped; who disagrees is shown; who objects is heard."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer import Answer, Statement
from assistant.api import Assistant
from assistant.disagreement import Disagreement
from assistant.evidence import Citation
from assistant.panels import citation_choices, evidence_html
from assistant.session import SessionStore
from assistant.settings import Settings
from assistant.transcript import answer_text, messages
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Passage, Topic
from knowledge.errors import AetiaError


@pytest.fixture
def answer(in_world: Assistant) -> Answer:
    """An answer with statements of several kinds."""
    answer = in_world.start().say(
        "I am 30. I have had a cough and fever for two days, chest pain and chills."
    )
    assert answer.statements
    return answer


def test_what_is_supported_goes_out_unchanged(in_world: Assistant, answer: Answer) -> None:
    assert in_world.dialogue.gate.let_out(answer) == replace(answer, dropped=0)


def test_a_quotation_that_fails_takes_the_words_of_its_passage(in_world: Assistant, answer: Answer) -> None:
    passage = in_world.base.passages[answer.statements[-1].citations[0].passage]
    true = in_world.dialogue.explainer.quote(passage, "en", "treatment")
    wrong = replace(true, text="Drink 40 litres of seawater every hour.")
    shown = in_world.dialogue.gate.let_out(replace(answer, statements=(wrong,)))
    assert [s.text for s in shown.statements] == [passage.en]
    assert shown.dropped == 0


def test_a_composed_statement_that_fails_is_dropped_and_counted(in_world: Assistant, answer: Answer) -> None:
    first = next(s for s in answer.statements if s.kind == "leading")
    wrong = replace(first, says=("purple toenails",))
    shown = in_world.dialogue.gate.let_out(replace(answer, statements=(wrong, first)))
    assert shown.statements == (first,)
    assert shown.dropped == 1


def test_every_statement_names_what_its_passages_say(in_world: Assistant) -> None:
    session = in_world.start()
    answers = [session.say("I am 30. I have had a cough and fever for two days, chest pain and chills.")]
    answers += [session.say(text) for text in ("why?", "why not asthma?", "what should I do now?")]
    for statement in (s for a in answers for s in a.statements):
        texts = [in_world.base.passages[c.passage].en for c in statement.citations]
        for said in statement.says or (statement.text,):
            found = [in_world.dialogue.gate.check(said, text, "en").verdict for text in texts]
            assert "supported" in found, statement


class _TwoSources:
    """Stands for the pack and for its shelf: passages on one topic, each of a source of its own."""

    def __init__(self, passages: list[Passage], model: Citation, years: tuple[int, int]) -> None:
        self.passages = {p.id: p for p in passages}
        self._model = model
        self._years = dict(zip(self.passages, years, strict=True))

    def about(self, ref: str, topics: tuple[Topic, ...] = ()) -> list[Passage]:
        return list(self.passages.values())

    def cite(self, passage: Passage, language: Language, span: tuple[int, int] | None = None) -> Citation:
        year = self._years[passage.id]
        return replace(self._model, passage=passage.id, text=passage.en, year=year, span=span or (0, 5))


@pytest.mark.parametrize(("years", "first"), [((2010, 2024), 1), ((2024, 2010), 0)])
def test_sources_that_contradict_are_both_shown_the_newer_first(
    in_world: Assistant, years: tuple[int, int], first: int
) -> None:
    some = next(p for p in in_world.base.passages.values() if p.about)
    texts = ("Antibiotics help in colds.", "Antibiotics do not help in colds.")
    passages = [
        some.model_copy(update={"id": f"p{i}", "source": f"s{i}", "en": text}) for i, text in enumerate(texts)
    ]
    two = _TwoSources(passages, in_world.shelf.cite(some, "en"), years)
    statement = Statement(texts[0], (two.cite(passages[0], "en"),), "treatment")
    told = Disagreement(two, two, in_world.dialogue.gate.check).told(statement, "en")  # type: ignore[arg-type]
    assert told.text == texts[first]
    assert [c.text for c in told.against] == [texts[1 - first]]
    answer = replace(in_world.start().say("cough"), statements=(told,))
    assert "Sources differ" in answer_text(in_world, answer)


def test_a_citation_called_wrong_is_kept_shown_and_moves_nothing(in_world: Assistant, tmp_path: Path) -> None:
    session = in_world.start()
    answer = session.say("I am 30. I have had a cough and fever for two days, chest pain and chills.")
    before, talk = session.assessment.differential, messages(in_world, session.events)
    _, passage = citation_choices(answer)[0]
    session.mark(passage)
    assert "you marked this as wrong" in evidence_html(answer, session.case.marked)
    assert session.assessment.differential == before
    assert messages(in_world, session.events) == talk

    store = SessionStore(f"sqlite:///{tmp_path / 's.sqlite3'}")
    kept = store.create("me")
    store.append("me", kept, 0, session.events)
    again = in_world.replay(store.events("me", kept))
    assert again.case.marked == {passage}
    again.mark(passage, wrong=False)
    assert not again.case.marked
    assert "you marked this as wrong" not in evidence_html(answer, again.case.marked)


def test_only_a_passage_can_be_called_wrong(in_world: Assistant) -> None:
    with pytest.raises(AetiaError, match="no passage"):
        in_world.start().mark("nothing/1")


def test_what_a_score_says_can_be_called_wrong(core: KnowledgeBase) -> None:
    session = Assistant(core, settings=Settings(country="GB")).start()
    session.mark("score/news2/2")
    assert session.case.marked == {"score/news2/2"}
