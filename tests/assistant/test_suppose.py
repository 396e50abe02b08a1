"""A case supposed otherwise changes what is thought, how urgent it is and what is asked."""

import pytest

from assistant.api import Assistant
from assistant.case import Case
from assistant.suppose import suppose, supposing


@pytest.fixture
def case(in_world: Assistant) -> Case:
    session = in_world.start("en")
    session.say("60-year-old man with cough and fever")
    return session.case


def test_a_supposed_finding_moves_the_differential_and_the_next_question(
    in_world: Assistant, case: Case
) -> None:
    asked = in_world.dialogue.inquiry.next_question(case, in_world.mind.assess(case).differential)
    assert asked is not None
    then = supposing(case, [f"finding:{asked.finding}"])
    supposed = suppose(in_world.mind, in_world.dialogue.inquiry, case, then)
    before = {h.disease: h.probability for h in supposed.before.differential.hypotheses}
    after = {h.disease: h.probability for h in supposed.after.differential.hypotheses}
    assert after[asked.likelier] > before[asked.likelier]
    assert supposed.question_before == asked
    assert supposed.question_after is None or supposed.question_after.finding != asked.finding
    assert case.state(f"finding:{asked.finding}") is None


def test_a_red_flag_supposed_changes_the_urgency(in_world: Assistant, case: Case) -> None:
    assert in_world.base.red_flags
    refs = {f"finding:{f}" for flag in in_world.base.red_flags for f in (*flag.when.all, *flag.when.any)}
    refs = {ref for ref in refs if ref.partition(":")[2] in in_world.base.findings}
    supposed = suppose(in_world.mind, in_world.dialogue.inquiry, case, supposing(case, refs))
    assert supposed.after.triage.flags
    assert supposed.urgency_changes


def test_a_disease_supposed_out_is_out(in_world: Assistant, case: Case) -> None:
    leader = in_world.mind.assess(case).differential.hypotheses[0].disease or ""
    supposed = suppose(in_world.mind, in_world.dialogue.inquiry, case, supposing(case, without=[leader]))
    assert leader not in {h.disease for h in supposed.after.differential.hypotheses}


def test_the_chat_says_what_would_change(in_world: Assistant) -> None:
    session = in_world.start("en")
    session.say("60-year-old man with cough and fever")
    notes = " ".join(session.say("what if I had chest pain?").notes)
    assert "If there were also chest pain" in notes
