"""Questions with choices: what stands on one card, how it is answered, and that it tells as much as one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer import AskedQuestion
from assistant.api import Assistant, Session
from assistant.case import Case
from assistant.events import Chose, Replied
from assistant.open_questions import open_asked
from assistant.question_cards import MOST_CHOICES, WORTH_ASKING, Cards
from assistant.settings import Settings
from assistant.transcript import messages
from benchmarks.questions import ask, people
from knowledge.base import KnowledgeBase
from knowledge.concepts import QuestionGroup
from knowledge.errors import AetiaError
from knowledge.pack import load_pack

CHEST = QuestionGroup(id="chest", en="And your chest?", zh="胸部呢？", of=("cough", "chest_pain", "dyspnea"))
TOLD = (
    "Since yesterday evening I have had a fever and felt rather ill, and I could not go to work today, nor could "
    "I sleep much in the night. I have never had a thing like this, I do not smoke and take no medicine."
)


@pytest.fixture(scope="module")
def chatty(world: KnowledgeBase) -> Assistant:
    """The tiny world with one group of questions."""
    return Assistant(world.model_copy(update={"question_groups": (CHEST,)}), settings=Settings(country="GB"))


@pytest.fixture
def asked(chatty: Assistant) -> tuple[Session, AskedQuestion]:
    """A conversation that has come to a question with choices."""
    session = chatty.start("en")
    answer = session.say(TOLD)
    while answer.question and not answer.question.choices:
        answer = session.reply(answer.question.finding, None)
    assert answer.question
    return session, answer.question


def test_a_card_has_the_groups_words_and_its_choices_once(asked: tuple[Session, AskedQuestion]) -> None:
    _, question = asked
    assert question.text == CHEST.en
    names = [choice.finding for choice in question.choices]
    assert names[0] == question.finding
    assert len(names) == len(set(names)) > 1
    assert {name.partition(":")[2] for name in names} <= set(CHEST.of)
    assert question.reason.startswith(question.choices[0].name)


def test_numbers_none_and_all_answer_a_card(asked: tuple[Session, AskedQuestion]) -> None:
    session, question = asked
    refs = tuple(choice.finding for choice in question.choices)
    for said, there in (
        ("1", refs[:1]), ("2, 1", refs[:2]), ("none of these", ()), ("都没有", ()), ("all of them", refs),
    ):  # fmt: skip
        trial = session.assistant.replay(session.events)
        trial.say(said)
        for ref in refs:
            assert trial.case.state(ref) == ("present" if ref in there else "absent"), (said, ref)
        trial.undo()
        assert trial.case.state(refs[0]) is None
        assert open_asked(trial.events, trial.case) is not None


def test_not_knowing_leaves_all_unknown_and_nothing_is_asked_again(
    asked: tuple[Session, AskedQuestion],
) -> None:
    session, question = asked
    answer = session.say("I don't know")
    refs = {choice.finding for choice in question.choices}
    assert {session.case.state(ref) for ref in refs} == {"unknown"}
    while answer.question:
        assert answer.question.finding not in refs
        answer = session.reply(answer.question.finding, None)


def test_a_bare_yes_is_asked_which(asked: tuple[Session, AskedQuestion]) -> None:
    session, question = asked
    answer = session.say("yes")
    assert "Which of them" in answer.notes[0]
    assert answer.question == question
    assert session.case.state(question.finding) is None
    session.say("1")
    assert session.case.state(question.finding) == "present"


def test_a_number_that_is_no_choice_is_no_answer(asked: tuple[Session, AskedQuestion]) -> None:
    session, question = asked
    session.say("9")
    assert all(session.case.state(choice.finding) is None for choice in question.choices)


def test_a_card_counts_as_one_question_and_shows_as_one_exchange(
    asked: tuple[Session, AskedQuestion],
) -> None:
    session, question = asked
    before, shown = session.case.asked_in_a_row, len(messages(session.assistant, session.events))
    assert before == len([e for e in session.events if e.kind == "asked"])
    session.choose({choice.finding: n == 0 for n, choice in enumerate(question.choices)})
    after = messages(session.assistant, session.events)
    assert len(after) == shown + 2
    assert question.choices[0].name in after[-2]["content"]
    assert f"1. {question.choices[0].name}" in after[shown - 1]["content"]


def test_choices_must_be_findings_of_the_pack(chatty: Assistant) -> None:
    with pytest.raises(AetiaError, match="`dragon` is no finding"):
        chatty.start().choose({"dragon": True})


_BASE = load_pack()
_CARDS = Cards(_BASE)
_ASKABLE = sorted(f.id for f in _BASE.findings.values() if f.kind in ("symptom", "vital") and f.parents)


@given(
    st.dictionaries(st.sampled_from(_ASKABLE), st.floats(0.01, 1.0), min_size=2, max_size=40),
    st.sets(st.sampled_from(_ASKABLE), max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_what_stands_on_a_card_belongs_together(worth: dict[str, float], held: set[str]) -> None:
    best = max(worth, key=lambda finding: worth[finding])
    card = _CARDS.around(best, worth, frozenset(held))
    if card is None:
        return
    assert card.choices[0] == best
    assert 1 < len(set(card.choices)) == len(card.choices) <= MOST_CHOICES
    assert all(worth[f] >= WORTH_ASKING * worth[best] for f in card.choices)
    assert not any(f in _BASE.ancestors[g] for f in card.choices for g in card.choices)
    kinds = set.intersection(*(set(_BASE.findings[f].parents) for f in card.choices))
    assert kinds or (card.group and set(card.choices) <= set(card.group.of))
    assert card.subject is None or card.subject in kinds & held
    assert _CARDS.again(card.choices, frozenset(held)).choices == card.choices


@given(st.lists(st.sampled_from(["yes", "no", "unknown"]), min_size=3, max_size=3))
def test_a_card_tells_what_its_choices_would_tell_one_by_one(states: list[str]) -> None:
    refs = [f"finding:{f}" for f in CHEST.of]
    value = {"yes": True, "no": False, "unknown": None}
    sets = {s: tuple(r for r, told in zip(refs, states, strict=True) if told == s) for s in value}
    together = [Chose(yes=sets["yes"], no=sets["no"], unknown=sets["unknown"])]
    singly = [Replied(ref=r, value=value[s]) for r, s in zip(refs, states, strict=True)]

    def known(events: list[Chose] | list[Replied]) -> dict[str, str]:
        case: Case = _FOLDER.dialogue.case_of(events)
        return {ref: o.state for ref, o in case.observations.items()}

    assert known(together) == known(singly)


_FOLDER = Assistant(_BASE, settings=Settings(country="GB"))


def test_drawn_people_answer_both_ways_of_asking(chatty: Assistant) -> None:
    drawn = list(people(chatty, 6, seed=1))
    for person in drawn:
        assert person.complaint in person.there
        singly, with_choices = (ask(chatty, person, 4, cards) for cards in (False, True))
        assert len(singly[0]) == len(with_choices[0]) == 5
        assert singly[0][0] == with_choices[0][0]
        assert singly[2] == singly[1] <= 4
        assert with_choices[2] >= with_choices[1]
    assert any(ask(chatty, person, 4, True)[2] > ask(chatty, person, 4, True)[1] for person in drawn)
