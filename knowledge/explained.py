"""The sets of findings already explained: diseases folded in, and taken out again.

A state is a set of positive findings, a bit each; `mass` holds P(exactly this set is explained).
All kernels add, multiply and divide in place; only `taken_out` subtracts, in a way that loses nothing
(see there). Compiled by numba: at 10 findings numpy spends ten times longer on its calls than on
the numbers.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def explained_by_leaks(leak: Floats) -> Floats:
    """(2^p,) P(set explained) when each finding is explained by its leak alone, independently."""
    mass = np.ones(1)
    for chance in leak:
        mass = np.concatenate([mass * (1 - chance), mass * chance])
    return mass


@njit("void(f8[::1], f8[::1], f8[:, ::1])", cache=True)
def fold_in(mass: Floats, belief: Floats, links: Floats) -> None:
    """Let each disease, present with chance belief[d], explain finding i with chance links[d, i].

    mass: (2^p,), changed in place. belief: (D,). links: (D, p).
    """
    moved = np.empty_like(mass)
    for d in range(len(belief)):
        moved[:] = mass
        for i in range(links.shape[1]):
            chance, bit = links[d, i], 1 << i
            if chance > 0:
                for block in range(0, len(mass), 2 * bit):
                    for state in range(block, block + bit):
                        move = moved[state] * chance
                        moved[state + bit] += move
                        moved[state] -= move
        for state in range(len(mass)):
            mass[state] = (1 - belief[d]) * mass[state] + belief[d] * moved[state]


@njit("void(f8[::1])", cache=True)
def sum_supersets(mass: Floats) -> None:
    """Turn P(exactly this set) into P(this set and perhaps more), in place."""
    bit = 1
    while bit < len(mass):
        for block in range(0, len(mass), 2 * bit):
            for state in range(block, block + bit):
                mass[state] += mass[state + bit]
        bit *= 2


@njit("void(f8[::1], i8, f8, f8[::1], f8[::1])", cache=True, error_model="numpy")
def taken_out(holds: Floats, findings: int, belief: float, chance: Floats, weight: Floats) -> None:
    """Turn P(all but U explained) into P(all but U explained | one disease present), for every U.

    With M the disease's work on sets, y the chance without the disease and z the chance with it,
    z = (1 - belief) y + belief M y. M is triangular, so y follows from the largest U down; what is
    wanted is M y. The difference z - belief (M y's part) is only ever added to the part that was
    subtracted, with a weight at least as large, so its rounding error stays relative to the sum.

    holds: (2^findings,), changed in place; bit j of U is finding j of the disease's own, which it
    explains with chance[j]. weight: room for findings + 1 numbers.
    """
    weight[: findings + 1] = belief
    state = (1 << findings) - 1
    while True:
        holds[state] /= 1 - belief + weight[0]
        level = 0
        while level < findings and not (state >> level) & 1:
            for u in range(state, state + (1 << level)):
                holds[u] = (1 - chance[level]) * holds[u] + chance[level] * holds[u + (1 << level)]
            level += 1
        if level == findings:
            return
        for u in range(state - (1 << level), state):
            holds[u] -= weight[level + 1] * chance[level] * holds[u + (1 << level)]
        weight[: level + 1] = weight[level + 1] * (1 - chance[level])
        state -= 1


@njit("void(f8[::1], f8[::1], f8[:, ::1], f8[:, ::1])", cache=True, error_model="numpy")
def posteriors(holds: Floats, belief: Floats, links: Floats, posterior: Floats) -> None:
    """P(disease | all explained), and the same with each finding left out.

    holds: (2^p,) P(set explained, and perhaps more), every disease folded in. belief: (D,). links:
    (D, p). posterior: (1 + p, D), written: the first row wants all findings, the others all but one.
    """
    findings = links.shape[1]
    full = (1 << findings) - 1
    sets, part = np.empty(1 << findings, np.int64), np.empty(1 << findings)
    chance, weight = np.empty(findings), np.empty(findings + 1)
    for d in range(len(belief)):
        if belief[d] == 1:
            posterior[:, d] = 1
            continue
        for left_out in range(-1, findings):
            goal = full if left_out < 0 else full ^ (1 << left_out)
            own = 0
            sets[0] = goal
            for i in range(findings):
                if i != left_out and links[d, i] > 0:
                    chance[own] = links[d, i]
                    for u in range(1 << own):
                        sets[u + (1 << own)] = sets[u] ^ (1 << i)
                    own += 1
            for u in range(1 << own):
                part[u] = holds[sets[u]]
            taken_out(part, own, belief[d], chance, weight)
            posterior[1 + left_out, d] = belief[d] * part[0] / holds[goal]
