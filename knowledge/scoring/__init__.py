"""Clinical scores: their schema, the library of those shipped, and one evaluator for all."""

from knowledge.scoring.evaluate import Facts, Line, Result, evaluate
from knowledge.scoring.library import ScoreLibrary
from knowledge.scoring.schema import Band, Item, Option, Score

__all__ = ["Band", "Facts", "Item", "Line", "Option", "Result", "Score", "ScoreLibrary", "evaluate"]
