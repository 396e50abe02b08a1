"""Other ways to the posteriors of a noisy-OR network, written or called for comparison alone."""

from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import monotonic, process_time

import mpmath
import numpy as np
import psutil

from knowledge.noisy_or import Floats, NoisyOr

Posteriors = Callable[[NoisyOr, Sequence[int]], tuple[float, Floats]]
"""A network and its positive findings -> CPU seconds of inference (building left out) and (D,) posteriors."""

_MEMORY = 6 << 30
_PARENTS = 20
_START = 10.0
"""Seconds that a process may take to import its libraries and build its network."""


def quickscore(net: NoisyOr, positive: Sequence[int]) -> tuple[float, Floats]:
    """Heckerman's alternating sum over sets of findings (UAI 1989), vectorised, in float64."""
    began = process_time()
    joint, total = np.zeros(len(net.prior)), 0.0
    for chosen in _chunks(len(positive)):
        silent = np.ones((len(chosen), len(net.prior)))
        sign, leak = np.ones(len(chosen)), np.ones(len(chosen))
        for bit, finding in enumerate(positive):
            has = (chosen >> bit) & 1 == 1
            silent[has] *= 1 - net.strength[:, finding]
            leak[has] *= 1 - net.leak[finding]
            sign[has] *= -1
        here = net.prior * silent
        either = here + 1 - net.prior
        term = sign * leak * np.prod(either, axis=1)
        total += term.sum()
        joint += term @ (here / either)
    with np.errstate(invalid="ignore", divide="ignore"):
        return process_time() - began, joint / total


def with_sixty_digits(net: NoisyOr, positive: Sequence[int]) -> tuple[float, Floats]:
    """The same sum in 60 digits: the truth, slowly. Diseases without a link keep their prior."""
    began = process_time()
    mpmath.mp.dps = 60
    rows = np.flatnonzero(net.strength[:, list(positive)].any(axis=1))
    prior = [mpmath.mpf(float(net.prior[d])) for d in rows]
    quiet = [[1 - mpmath.mpf(float(net.strength[d, f])) for f in positive] for d in rows]
    alone = [1 - mpmath.mpf(float(net.leak[f])) for f in positive]
    total, joint = mpmath.mpf(0), [mpmath.mpf(0)] * len(rows)
    for chosen in range(1 << len(positive)):
        bits = [i for i in range(len(positive)) if chosen >> i & 1]
        here = [p * mpmath.fprod(q[i] for i in bits) for p, q in zip(prior, quiet, strict=True)]
        either = [h + 1 - p for h, p in zip(here, prior, strict=True)]
        term = (-1) ** len(bits) * mpmath.fprod(alone[i] for i in bits) * mpmath.fprod(either)
        total += term
        joint = [j + term * h / e for j, h, e in zip(joint, here, either, strict=True)]
    posterior = net.prior.copy()
    posterior[rows] = [float(j / total) for j in joint]
    return process_time() - began, posterior


def pyagrum(net: NoisyOr, positive: Sequence[int]) -> tuple[float, Floats]:
    """Lazy propagation in pyAgrum, on the diseases that are linked and the findings that are seen."""
    import pyagrum as gum

    rows = np.flatnonzero(net.strength[:, list(positive)].any(axis=1)).tolist()
    bn = gum.BayesNet()
    for d in rows:
        bn.add(gum.LabelizedVariable(f"d{d}", "", 2))
        bn.cpt(f"d{d}").fillWith([1 - float(net.prior[d]), float(net.prior[d])])
    for f in positive:
        bn.addNoisyORNet(gum.LabelizedVariable(f"f{f}", "", 2), float(net.leak[f]))
        for d in rows:
            if net.strength[d, f] > 0:
                bn.addWeightedArc(f"d{d}", f"f{f}", float(net.strength[d, f]))
    began = process_time()
    inference = gum.LazyPropagation(bn)
    inference.setEvidence({f"f{f}": 1 for f in positive})
    inference.makeInference()
    posterior = net.prior.copy()
    for d in rows:
        posterior[d] = inference.posterior(f"d{d}")[1]
    return process_time() - began, posterior


def pgmpy(net: NoisyOr, positive: Sequence[int]) -> tuple[float, Floats]:
    """Variable elimination in pgmpy, on full tables: a finding with k parents takes 2^(k + 1) numbers.

    Raises ValueError beyond _PARENTS parents.
    """
    widest = int(np.count_nonzero(net.strength[:, list(positive)], axis=0).max())
    if widest > _PARENTS:
        raise ValueError(f"a finding with {widest} parents needs a table of 2^{widest + 1} numbers")
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.inference import VariableElimination
    from pgmpy.models import DiscreteBayesianNetwork

    rows = np.flatnonzero(net.strength[:, list(positive)].any(axis=1)).tolist()
    bn = DiscreteBayesianNetwork()
    bn.add_nodes_from([f"d{d}" for d in rows])
    tables = [TabularCPD(f"d{d}", 2, [[1 - net.prior[d]], [net.prior[d]]]) for d in rows]
    for f in positive:
        parents = [d for d in rows if net.strength[d, f] > 0]
        bn.add_edges_from([(f"d{d}", f"f{f}") for d in parents])
        silent = np.array([1 - net.leak[f]])
        for d in parents:
            silent = np.concatenate([silent, silent * (1 - net.strength[d, f])]).reshape(2, -1).T.ravel()
        names, two = [f"d{d}" for d in parents], [2] * len(parents)
        tables.append(TabularCPD(f"f{f}", 2, [silent, 1 - silent], evidence=names, evidence_card=two))
    bn.add_cpds(*tables)
    began = process_time()
    inference = VariableElimination(bn)
    evidence = {f"f{f}": 1 for f in positive}
    posterior = net.prior.copy()
    for d in rows:
        posterior[d] = inference.query([f"d{d}"], evidence, show_progress=False).values[1]
    return process_time() - began, posterior


def within(
    seconds: float, method: Posteriors, net: NoisyOr, positive: Sequence[int]
) -> tuple[float, Floats] | str:
    """What a method answers in a process of its own, or why it does not: time, memory, or its error.

    seconds: of CPU time, so that a busy machine takes nothing from it; of the clock, twice as many.
    """
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_answer, args=(there, method, net, list(positive)))
    process.start()
    there.close()
    answer: tuple[float, Floats] | str = f"not done in {seconds:.0f} s"
    try:
        if _has_answered(here, process.pid or 0, _START + seconds):
            answer = here.recv()
    except EOFError:
        answer = "ended without an answer (memory)"
    process.kill()
    process.join()
    return answer


def _has_answered(here: Connection, pid: int, cpu_seconds: float) -> bool:
    """Wait for a process. Looked at from outside: a limit set on a process makes its own clock coarse."""
    watched, end = psutil.Process(pid), monotonic() + 2 * cpu_seconds
    while monotonic() < end:
        if here.poll(0.1):
            return True
        used = watched.cpu_times()
        if used.user + used.system > cpu_seconds:
            return False
    return False


def _answer(there: Connection, method: Posteriors, net: NoisyOr, positive: list[int]) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        there.send(method(net, positive))
    except (Exception, SystemError) as fault:
        there.send(f"{type(fault).__name__}: {fault}"[:120])


def _chunks(findings: int, size: int = 256) -> list[np.ndarray]:
    sets = np.arange(1 << findings)
    return [sets[i : i + size] for i in range(0, len(sets), size)]
