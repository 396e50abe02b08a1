"""A case supposed otherwise changes what is thought, how urgent it is and what is asked."""

import pytest

from assistant.api import Assistant
from assistant.case import Case
from assistant.suppose import suppose
from assistant.supposition import Supposition, supposition_in


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
    then = Supposition(present=(f"finding:{asked.finding}",))
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
    supposed = suppose(
        in_world.mind, in_world.dialogue.inquiry, case, Supposition(present=tuple(sorted(refs)))
    )
    assert supposed.after.triage.flags
    assert supposed.urgency_changes


def test_a_disease_supposed_out_is_out(in_world: Assistant, case: Case) -> None:
    leader = in_world.mind.assess(case).differential.hypotheses[0].disease or ""
    supposed = suppose(in_world.mind, in_world.dialogue.inquiry, case, Supposition(ruled_out=(leader,)))
    assert leader not in {h.disease for h in supposed.after.differential.hypotheses}


def test_the_chat_says_what_would_change(in_world: Assistant) -> None:
    session = in_world.start("en")
    session.say("60-year-old man with cough and fever")
    notes = " ".join(session.say("what if I had chest pain?").notes)
    assert "If there were also chest pain" in notes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what if I had no fever?", Supposition(absent=("finding:fever",))),
        ("what if the fever was gone?", Supposition(absent=("finding:fever",))),
        ("如果没有发热呢？", Supposition(absent=("finding:fever",))),
        ("what if I also had chest pain and a wheeze?", Supposition(present=("finding:chest_pain", "finding:wheeze"))),
        ("what if it is not pneumonia?", Supposition(ruled_out=("pneumonia",))),
        ("suppose pneumonia were ruled out", Supposition(ruled_out=("pneumonia",))),
        ("假如排除肺炎会怎样？", Supposition(ruled_out=("pneumonia",))),
        ("what if it were asthma?", Supposition(ruled_in=("asthma",))),
        ("要是哮喘呢？", Supposition(ruled_in=("asthma",))),
        ("what if I also had asthma?", Supposition(present=("disease:asthma",))),
        ("what if the pneumonia is treated?", Supposition(treated=("pneumonia",))),
        ("如果肺炎治好了呢？", Supposition(treated=("pneumonia",))),
        ("what if I were 20?", Supposition(age=20)),
        ("假如我是女的呢？", Supposition(sex="female")),
        ("what if the moon were green?", Supposition()),
    ],
)  # fmt: skip
def test_what_is_supposed_is_read_in_both_languages(
    in_world: Assistant, case: Case, text: str, expected: Supposition
) -> None:
    language = "zh" if any("\u4e00" <= ch <= "\u9fff" for ch in text) else "en"
    there = case.model_copy(update={"language": language})
    lexicon = in_world.dialogue.intake.lexicon
    assert supposition_in(text, there, lexicon, in_world.base) == expected


def test_a_disease_supposed_in_leads_and_one_treated_leaves_less(in_world: Assistant, case: Case) -> None:
    supposed = suppose(
        in_world.mind,
        in_world.dialogue.inquiry,
        case,
        Supposition(ruled_in=("asthma",), treated=("pneumonia",)),
    )
    assert supposed.after.differential.hypotheses[0].disease == "asthma"
    left = supposed.left["pneumonia"]
    assert left.keys() == case.refs("finding", "present")
    assert all(0 < chance < 1 for chance in left.values())


def test_what_is_supposed_gone_takes_its_kinds_along(in_world: Assistant) -> None:
    session = in_world.start("en")
    session.say("60-year-old man with a fever, coughing up phlegm")
    assert session.case.state("finding:productive_cough") == "present"
    then = Supposition(absent=("finding:cough",)).case(session.case, in_world.base.ancestors)
    assert then.refs("finding", "present") == {"fever"}


def test_the_chat_never_supposes_the_contrary(in_world: Assistant) -> None:
    session = in_world.start("en")
    session.say("60-year-old man with cough and fever")
    notes = session.say("what if I had no fever?").notes
    assert notes[0].startswith("If there were no fever:")
    assert any("urgency would" in note for note in notes)
    assert session.case.state("finding:fever") == "present"
