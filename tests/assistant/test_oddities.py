"""What cannot be so together is named, in the chat too."""

from assistant.api import Assistant
from assistant.events import Observation, State
from assistant.oddities import Oddity, oddities
from assistant.settings import Settings
from knowledge.base import KnowledgeBase


def seen(*stated: tuple[str, State]) -> list[Observation]:
    return [Observation(ref=f"finding:{f}", state=state, manner="name") for f, state in stated]


def test_each_oddity_is_found_once(world: KnowledgeBase) -> None:
    cough, phlegm = ("cough", "absent"), ("productive_cough", "present")
    assert list(oddities(seen(phlegm, cough, cough), None, world)) == [
        Oddity("kind_of", "finding:productive_cough", "finding:cough")
    ]
    fever = seen(("fever", "present"), ("fever", "absent"), ("fever", "unknown"))
    assert list(oddities(fever, None, world)) == [Oddity("both", "finding:fever")]
    assert not list(oddities(seen(("cough", "present"), ("productive_cough", "absent")), None, world))


def test_a_finding_of_the_other_sex_is_odd(core: KnowledgeBase) -> None:
    missed = seen(("missed_period", "present"))
    assert list(oddities(missed, "male", core)) == [Oddity("sex", "finding:missed_period")]
    assert not list(oddities(missed, "female", core))
    assert not list(oddities(missed, None, core))


def test_what_is_impossible_under_the_model_is_said_and_still_answered(world: KnowledgeBase) -> None:
    unheard_of = {
        f: world.findings[f].model_copy(update={"leak": 1e-200}) for f in ("cough", "fever")
    }  # together they need a disease
    pack = world.model_copy(update={"findings": {**world.findings, **unheard_of}})
    session = Assistant(pack, settings=Settings(country="GB")).start("en")
    assert not any("cannot be" in note for note in session.say("I have a cough and a fever").notes)
    for disease in world.diseases:
        answer = session.exclude(disease)
    assert any("cannot be under my model" in note for note in answer.notes)
    assert answer.differential.hypotheses
