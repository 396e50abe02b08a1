"""Questions learned from records of consultations, for those who have records and no causal graph.

Three views are averaged in log-odds: a Dirichlet-smoothed naive Bayes model, whose answer table also
picks the questions, and a linear model and networks trained on parts of records. Which symptoms a person told unasked,
and which the record does not mention when asked, is evidence in all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.answer_table import AnswerTable
from assistant.consultation_records import ANSWERS, Heard, Known, Records
from assistant.linear_view import LinearView
from assistant.masked_network import MaskedNetwork
from knowledge.noisy_or import Floats

_SMOOTHING = 10.0
"""Records' worth of the all-diagnoses frequencies that each diagnosis starts from."""
_SILENCE = 0.8
"""Weight of what was not told unasked; below 1, for what people leave out hangs together."""
_HEARD = 0.05
"""Nats that any definite answer is worth (see AnswerTable)."""
_SEEN = 3
"""Records that must have a symptom brought out by asking before it is asked."""
_NETWORKS = 2


@dataclass(frozen=True)
class NaiveBayes:
    """log_prior: (D,). log_chance: (7, D, S) of what is heard of each symptom, by `Heard`; zero where
    nothing is."""

    log_prior: Floats
    log_chance: Floats

    @classmethod
    def fit(cls, records: Records) -> "NaiveBayes":
        """Counts with a Dirichlet prior at the frequencies over all diagnoses (Good 1965)."""
        size = np.bincount(records.diagnosis, minlength=len(records.diagnoses))
        member = np.eye(len(records.diagnoses))[records.diagnosis]
        count = np.stack([member.T @ (records.answers == code) for code in Heard])
        overall = (count.sum(axis=1) + 0.05) / (len(records) + 0.05 * len(Heard))
        chance = (count + _SMOOTHING * overall[:, None]) / (size[:, None] + _SMOOTHING)
        told = chance[[Heard.TOLD_PRESENT, Heard.TOLD_ABSENT]].sum(axis=0)
        chance[Heard.NOTHING] = (1 - told) ** _SILENCE
        chance[list(ANSWERS)] *= chance[Heard.NOTHING] / chance[list(ANSWERS)].sum(axis=0)
        return cls(np.log((size + 1) / (len(records) + len(size))), np.log(chance))

    def belief(self, known: Known) -> Floats:
        """(N, D) P(diagnosis | what is known)."""
        score = self.log_prior + sum((known == code) @ self.log_chance[code].T for code in Heard)
        return softmax(score)

    @property
    def answers(self) -> Floats:
        """(A, D, S) P(answer | diagnosis) of a question, in the order of ANSWERS."""
        chance = np.exp(self.log_chance[list(ANSWERS)])
        return np.asarray(chance / chance.sum(axis=0))


@dataclass(frozen=True)
class LearnedInquiry:
    """What was learned from records, and the questions that it would ask."""

    bayes: NaiveBayes
    linear: LinearView
    networks: Sequence[MaskedNetwork]
    table: AnswerTable
    askable: NDArray[np.bool_]

    @classmethod
    def fit(cls, records: Records, seed: int = 0) -> "LearnedInquiry":
        """Learn from records. Raises ValueError when one has a diagnosis that is not listed."""
        if (records.diagnosis < 0).any():
            raise ValueError("every record to learn from needs a diagnosis among `diagnoses`")
        bayes = NaiveBayes.fit(records)
        linear = LinearView.fit(records, seed)
        networks = [MaskedNetwork.fit(records, _NETWORKS * seed + i) for i in range(_NETWORKS)]
        tells = np.array([code != Heard.NOT_MENTIONED for code in ANSWERS])
        table = AnswerTable(bayes.answers, np.ones(len(records.symptoms)), tells, _HEARD)
        found = np.isin(records.answers, [code for code in ANSWERS if code != Heard.NOT_MENTIONED])
        return cls(bayes, linear, networks, table, found.sum(axis=0) >= _SEEN)

    def belief(self, known: Known) -> Floats:
        """(N, D) P(diagnosis | what is known): the three views' log-odds, averaged."""
        networks = np.mean([np.log(n.belief(known) + 1e-6) for n in self.networks], axis=0)
        others = [np.log(view.belief(known) + 1e-6) for view in (self.bayes, self.linear)]
        return softmax(np.mean([*others, networks], axis=0))

    def next_questions(self, known: Known) -> NDArray[np.intp]:
        """(N,) the column to ask about in each consultation, -1 where no answer would change the first
        place."""
        belief = self.belief(known)
        open_ = (known == Heard.NOTHING) & self.askable
        worth = np.where(open_, self.table.worth(belief), -np.inf)
        stopped = [not self.table.can_change(belief[i], np.flatnonzero(open_[i])) for i in range(len(known))]
        return np.where(stopped, -1, worth.argmax(axis=1))


def softmax(score: Floats) -> Floats:
    """(…, D) shares that sum to 1."""
    raised = np.exp(score - score.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))
