"""The 200 drug questions: what is called contraindicated or interacting is so, and silence stays silence."""

from assistant.api import Assistant
from assistant.settings import Settings
from benchmarks.care_drugs import QUESTIONS, measures, run
from knowledge.base import KnowledgeBase


def test_the_questions_are_answered_as_the_sources_say(core: KnowledgeBase) -> None:
    judged = run(Assistant(core, settings=Settings(country="GB")), QUESTIONS)
    result = measures(judged)
    assert result["n"] == 200 == len({j.text for j in judged})
    # two are called so by the stricter label, where the textbook of the questions says "interacts"
    assert result["contraindicated"]["precision"] >= 0.97
    assert result["interacts"]["precision"] >= 0.98
    assert result["contraindicated"]["recall_of_covered"] >= 0.9
    assert result["silent_kept_silent"]["share"] == 1
