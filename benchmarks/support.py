"""Does every medical sentence of a whole conversation have a citation that carries it?

`python -m benchmarks.support [--dialogues 300]`: cases of the bank's part `test`, both languages in turn, each told, two
questions answered from what the case states, and followed up by every question that a person can ask. Every
sentence is held against its passages as the pack holds them, by a checker of this benchmark's own that
remembers nothing of the answer; and every citation is opened at its offsets.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.answer import Answer, AskedQuestion, Statement
from assistant.api import Assistant, Session
from assistant.evidence import Citation
from assistant.gate import SupportGate
from assistant.training.bank import BankCase, bank
from benchmarks.measure import RESULTS, ROOT, write
from knowledge.concepts import Language
from retrieval.support_score import read_pairs, score

QUESTIONS: dict[Language, tuple[str, ...]] = {
    "en": ("Why?", "Why not {other}?", "What else could it be?", "Which test next?", "What should I do now?",
           "How is it treated?", "Is it serious?", "Will it go away?", "What is {other}?"),
    "zh": ("为什么？", "为什么不是{other}？", "还有什么可能？", "下一步查什么？", "现在怎么办？", "怎么治疗？", "严重吗？",
           "会好吗？", "什么是{other}？"),
}  # fmt: skip
_REPLIES = 2
PAIRS = ROOT / "tests" / "retrieval" / "support_pairs.jsonl"


@dataclass
class Tally:
    """What was seen. unsupported: sentences that no cited passage carries; closed: citations that do not open."""

    sentences: Counter[str] = field(default_factory=Counter)
    unsupported: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    dropped: int = 0
    seconds: list[float] = field(default_factory=list)


class Auditor:
    """Reads answers as a stranger would: only the pack's own text counts."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._gate = SupportGate(assistant.dialogue.intake.lexicon)
        self.tally = Tally()

    def read(self, answer: Answer) -> None:
        """Count an answer."""
        self.tally.dropped += answer.dropped
        for statement in answer.statements:
            self.tally.sentences[statement.kind] += 1
            for citation in statement.citations:
                if not self._opens(citation, answer.language):
                    self.tally.closed.append(citation.passage)
            if not self._carried(statement, answer.language):
                self.tally.unsupported.append(statement.text)

    def _opens(self, citation: Citation, language: Language) -> bool:
        """Whether the passage is in the pack, says what is shown, and has words at the offsets."""
        passage = self._assistant.passages.get(citation.passage)
        start, end = citation.span
        text = passage.in_language(language) if passage else ""
        return citation.text == text and 0 <= start < end <= len(text) and bool(text[start:end].strip())

    def _carried(self, statement: Statement, language: Language) -> bool:
        cited = [self._assistant.passages.get(c.passage) for c in statement.citations]
        texts = [passage.in_language(language) for passage in cited if passage]
        return all(
            any(self._gate.check(said, text, language).verdict == "supported" for text in texts)
            for said in statement.says or (statement.text,)
        )


def _replied(session: Session, question: AskedQuestion, stated: Mapping[str, str]) -> Answer:
    """The answer to a question from what a case states; "don't know" to the rest."""

    def knows(ref: str) -> bool | None:
        state = stated.get(ref.partition(":")[2])
        return None if state is None or question.is_open else state == "present"

    if question.choices:
        return session.choose({c.finding: knows(c.finding) for c in question.choices})
    return session.reply(question.finding, knows(question.finding))


def answers(assistant: Assistant, case: BankCase, seconds: list[float]) -> Iterator[Answer]:
    """One conversation: the case, two questions answered, and all follow-up questions."""
    session = assistant.start(case.language)
    stated = dict(case.findings)

    def timed(answer: Answer, started: float) -> Answer:
        seconds.append(time.process_time() - started)
        return answer

    started = time.process_time()
    yield (answer := timed(session.say(case.text), started))
    for _ in range(_REPLIES):
        if answer.question is None:
            break
        started = time.process_time()
        yield (answer := timed(_replied(session, answer.question, stated), started))
    other = next((h.disease for h in answer.differential.hypotheses[1:] if h.disease), None)
    name = assistant.base.diseases[other].name(case.language) if other else case.diagnosis
    for question in QUESTIONS[case.language]:
        started = time.process_time()
        yield timed(session.say(question.format(other=name)), started)


def run(assistant: Assistant, count: int) -> dict[str, Any]:
    """Hold the conversations and count. Cases are taken evenly over the bank, languages in turn."""
    by_language = {language: [c for c in bank("test") if c.language == language] for language in QUESTIONS}
    auditor = Auditor(assistant)
    for language, cases in by_language.items():
        step = max(len(cases) * len(by_language) // count, 1)
        for case in tqdm(cases[::step][: count // len(by_language)], desc=language, mininterval=5):
            for answer in answers(assistant, case, auditor.tally.seconds):
                auditor.read(answer)
    tally = auditor.tally
    total = sum(tally.sentences.values())
    return {
        "benchmark": "support",
        "dialogues": count,
        "witnesses": "all" if assistant.settings.text else "the graph alone (AETIA_TEXT=off)",
        "turns": len(tally.seconds),
        "medical sentences": total,
        "by kind": dict(tally.sentences.most_common()),
        "share with a verified citation": round(1 - len(tally.unsupported) / max(total, 1), 4),
        "citations that do not open": len(tally.closed),
        "sentences dropped": tally.dropped,
        "processor milliseconds a turn": {
            "median": round(1000 * statistics.median(tally.seconds), 1),
            "95th percentile": round(1000 * statistics.quantiles(tally.seconds, n=20)[-1], 1),
        },
        "examples not carried": tally.unsupported[:10],
        "labelled pairs, held out": labelled(assistant),
    }


def labelled(assistant: Assistant) -> dict[str, Any]:
    """The checker on the labelled pairs that no rule was tuned on."""
    checker = assistant.dialogue.gate.checker
    found = {}
    for language in QUESTIONS:
        s = score([p for p in read_pairs(PAIRS, "report") if p.language == language], checker)
        found[language] = {"pairs": s.pairs, "precision": round(s.precision, 3), "recall": round(s.recall, 3)}
    return found


def main() -> None:
    """Run with all witnesses, and write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialogues", type=int, default=300)
    parser.add_argument("--out", type=Path, default=RESULTS / "support.json")
    options = parser.parse_args()
    write(run(Assistant.load(), options.dialogues), options.out)


if __name__ == "__main__":
    main()
