"""A patient who is a vignette: tells the complaint, answers from what the vignette states, and only that."""

from typing import Any

from assistant.answer import Answer, AskedQuestion
from assistant.api import Assistant, Session


class Patient:
    """Answers questions from a vignette; "don't know" to whatever it does not state.

    text: the whole vignette, read once by the assistant's own reading to know what it states. few_words:
    whether the patient has nothing to add when asked openly, and tells only what is asked for.
    """

    def __init__(
        self, assistant: Assistant, vignette: dict[str, Any], text: str, few_words: bool = False
    ) -> None:
        self._few_words = few_words
        self.opening = f"{vignette['demographics']}. {vignette['chief_complaints']}."
        self._tells = {"open:course": vignette["presentation"], "open:background": _background(vignette)}
        self._base = assistant.base
        reading = assistant.dialogue.intake.read(text)
        self._states = {o.ref: o.state for o in reading.observations}

    def reply(self, session: Session, question: AskedQuestion) -> Answer:
        """The answer to a question of the assistant's; an open one is answered with what happened, or
        with past, family and social history, in the vignette's own words."""
        if question.is_open and self._few_words:
            return session.reply(question.finding, None)
        if question.is_open:
            return session.say(self._tells[question.finding] or "Nothing else that I know of.")
        if question.choices:
            return session.choose({c.finding: self.knows(c.finding) for c in question.choices})
        return session.reply(question.finding, self.knows(question.finding))

    def knows(self, ref: str) -> bool | None:
        """Whether a finding or risk factor (full id) is there, by is-a both ways; None when not stated."""
        state = self._states.get(ref)
        if state in ("present", "absent"):
            return state == "present"
        prefix, _, bare = ref.partition(":")
        if prefix != "finding":
            return None
        if any(self._states.get(f"finding:{f}") == "present" for f in self._base.descendants[bare]):
            return True
        absent = any(self._states.get(f"finding:{f}") == "absent" for f in self._base.ancestors[bare])
        return False if absent else None


def _background(vignette: dict[str, Any]) -> str:
    told = (vignette.get(key) for key in ("physical_history", "family_history", "social_history"))
    titles = ("Past history", "Family history", "Social history")
    return " ".join(
        f"{title}: {said}."
        for title, said in zip(titles, told, strict=True)
        if said and said.strip().lower() != "none"
    )
