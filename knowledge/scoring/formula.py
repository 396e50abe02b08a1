"""Formulas of scores, evaluated by simpleeval: arithmetic and a few functions, nothing else of Python."""

import ast
import math
from collections.abc import Mapping

from simpleeval import InvalidExpression, SimpleEval

from knowledge.errors import AetiaError

FUNCTIONS = {"min": min, "max": max, "ln": math.log, "sqrt": math.sqrt, "round": round}

Value = float | bool


def names_of(formula: str) -> list[str]:
    """The names that a formula needs, in the order of first use. Raises AetiaError when it is none."""
    try:
        tree = ast.parse(formula, mode="eval")
    except SyntaxError as fault:
        raise AetiaError(f"`{formula}` is no formula: {fault.msg}") from fault
    found = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return [name for name in dict.fromkeys(found) if name not in FUNCTIONS]


def compute(formula: str, let: Mapping[str, str], values: Mapping[str, Value]) -> float:
    """The number that a formula gives; `let` names are computed first, in their order.

    Raises AetiaError when it cannot be evaluated, for instance because it divides by zero.
    """
    names = dict(values)
    try:
        for name, part in let.items():
            names[name] = _evaluated(part, names)
        return _evaluated(formula, names)
    except (InvalidExpression, ArithmeticError, ValueError, TypeError) as fault:
        raise AetiaError(f"`{formula}` cannot be computed: {fault}") from fault


def _evaluated(formula: str, names: Mapping[str, Value]) -> float:
    return float(SimpleEval(functions=FUNCTIONS, names=dict(names)).eval(formula))
