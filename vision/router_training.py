"""Fitting the router: a linear head and prototypes on frozen features, and how well strangers are refused."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from torch_pair import torch
from vision.augment import shaken
from vision.datasets import part_of, read_set
from vision.drawn import drawn
from vision.metrics import Floats, auc
from vision.models import CHANNELS, Init, RouterNet, inputs, start_backbone
from vision.photographs import photographs
from vision.router import ALL, SIDE, Familiarity, as_seen, confidence
from vision.scope import kinds, limits
from vision.tasks import Task, task_named

DECAY = 1e-3
_CROPS = 12


@dataclass(frozen=True)
class Shown:
    """A square picture, what it is, the set it came from, and its group."""

    pixels: NDArray[np.uint8]
    kind: str
    source: str
    group: str

    def part(self, seed: int) -> str:
        """The side of the split that its group is on."""
        return part_of(self.group, seed)


def fit_router(data: Path, init: Init, seed: int) -> tuple[RouterNet, dict[str, Any]]:
    """The fitted router and its card's own part. data: the folder of zips. Raises DatasetFault."""
    pictures = [*gathered(data, seed), *_drawn(seed)]
    net = RouterNet(len(ALL), limits()["prototypes"] * len(kinds()))
    start_backbone(net.backbone, init)
    train = [p for p in pictures if p.part(seed) == "train"]
    rest = [p for p in pictures if p.part(seed) != "train"]
    strangers = [
        Shown(as_seen(pixels), "other", "photographs", name) for name, pixels in photographs(_CROPS, seed)
    ]
    plain, moved, others = (
        features(net, train),
        features(net, train, shake=True),
        features(net, [*rest, *strangers]),
    )
    familiarity, scores = _fitted(
        net, torch.cat([plain, moved]), train * 2, others, [*rest, *strangers], seed, ()
    )
    report = _report(scores, [*rest, *strangers], familiarity, seed)
    report["held_out_kinds"] = {
        kind: _without(kind, net, torch.cat([plain, moved]), train * 2, others, [*rest, *strangers], seed)
        for kind in kinds()
    }
    _fitted(net, torch.cat([plain, moved]), train * 2, others, [*rest, *strangers], seed, ())
    return net, {"prototypes": len(net.prototypes), "familiarity": asdict(familiarity), "test": report}


def gathered(data: Path, seed: int) -> list[Shown]:
    """Pictures of every kind, and chests turned and with black and white exchanged."""
    found = []
    for name, kind in kinds().items():
        task = task_named(kind.set).model_copy(update={"size": (SIDE, SIDE), "colour": True, "masks": {}})
        own = [
            Shown(as_seen(p.pixels), name, kind.set, p.group)
            for p in read_set(data / f"{kind.set}.zip", task, limits()["pictures"])
        ]
        found += own
        if name in limits()["upright"]:
            found += _turned(own, seed)
    return found


def _turned(chests: Sequence[Shown], seed: int) -> Iterable[Shown]:
    rng = np.random.default_rng(seed)
    turns = (np.flipud, lambda x: np.rot90(x, 2), lambda x: np.rot90(x, 1), lambda x: np.rot90(x, 3))
    for chest in chests:
        turned = np.ascontiguousarray(turns[rng.integers(len(turns))](chest.pixels))
        yield Shown(turned, "turned", f"{chest.source} turned", chest.group)
        if rng.random() < 1 / 3:
            yield Shown(255 - chest.pixels, "negative", f"{chest.source} negative", chest.group)


def _drawn(seed: int) -> Iterable[Shown]:
    for i, (name, pixels) in enumerate(drawn(limits()["drawn"], SIDE, seed)):
        yield Shown(pixels, "other", f"drawn {name}", f"drawn/{i}")


def _compressed(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """A picture after JPEG at a quality from 1 to 95, as messengers leave it."""
    buffer = io.BytesIO()
    Pil.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    with Pil.open(buffer) as picture:
        return np.asarray(picture)


@torch.no_grad()
def features(net: RouterNet, shown: Sequence[Shown], *, shake: bool = False) -> Tensor:
    """(N, 5 * 1280) pooled features. shake: of pictures compressed, moved and re-exposed at random."""
    rng = np.random.default_rng(len(shown))
    moving = Task.model_validate({**task_named("chest_xray_adults").model_dump(), "mirror": False})
    net.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parts = []
    for picture in tqdm(shown, desc="features", unit="picture", mininterval=5):
        pixels = _compressed(picture.pixels, int(rng.integers(10, 95))) if shake else picture.pixels
        x = inputs([pixels])
        if shake:
            x, _ = shaken(x, torch.zeros(1, 1, 1, 1), moving)
        parts.append(net.pooled(x.contiguous(memory_format=torch.channels_last)))
    return torch.cat(parts)


def _fitted(
    net: RouterNet, known: Tensor, train: Sequence[Shown], others: Tensor, rest: Sequence[Shown], seed: int,
    left_out: tuple[str, ...],
) -> tuple[Familiarity, Floats]:  # fmt: skip
    """Fit head and prototypes without the kinds left out; the familiarity, and that of every one of `rest`."""
    sources = {kinds()[kind].set for kind in left_out}
    chosen = [i for i, p in enumerate(train) if p.source.split()[0] not in sources]
    labels = [train[i].kind for i in chosen]
    _fit_head(net, known[chosen], labels)
    with torch.no_grad():
        net.prototypes.copy_(_prototypes(known[chosen], labels, len(net.prototypes), seed))
        logits, likeness = net(others)
    sure, like = confidence(logits.softmax(1).double().numpy()), likeness.double().numpy()
    own = [
        i for i, p in enumerate(rest)
        if p.part(seed) == "validation" and p.kind in kinds() and p.kind not in left_out
    ]  # fmt: skip
    spread = (float(sure[own].std()), float(like[own].std()))
    usual = Familiarity((float(sure[own].mean()), float(like[own].mean())), spread, 0)
    scores = usual.of(sure, like)
    threshold = float(np.quantile(scores[own], 1 - limits()["kept"]))
    return Familiarity(usual.mean, spread, round(threshold, 4)), scores


def _fit_head(net: RouterNet, known: Tensor, labels: Sequence[str]) -> None:
    """Logistic regression in place; kinds weigh the same, and features are standardised on the way."""
    mean, spread = known.mean(0), known.std(0).clamp_min(1e-3)
    scaled = (known - mean) / spread
    truth = torch.tensor([ALL.index(label) for label in labels])
    balance = len(truth) / (len(ALL) * torch.bincount(truth, minlength=len(ALL)).clamp_min(1))
    weight = torch.zeros(len(ALL), known.shape[1], requires_grad=True)
    bias = torch.zeros(len(ALL), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        logits = functional.linear(scaled, weight, bias)
        total = functional.cross_entropy(logits, truth, balance) + DECAY * weight.pow(2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():  # the standardisation becomes part of the head
        net.head.weight.copy_(weight / spread)
        net.head.bias.copy_(bias - (weight * mean / spread).sum(1))


def _prototypes(known: Tensor, labels: Sequence[str], count: int, seed: int) -> Tensor:
    """(count, 1280) unit vectors: the centres of k-means within each kind that is read and was shown."""
    from scipy.cluster.vq import kmeans2  # type: ignore[import-untyped]

    whole = functional.normalize(known[:, :CHANNELS], dim=1).numpy()
    shown = [kind for kind in kinds() if kind in labels]
    centres = []
    for kind in shown:
        own = whole[[label == kind for label in labels]]
        found, _ = kmeans2(own, min(count // len(shown), len(own)), minit="++", seed=seed)
        centres.append(found)
    every = np.concatenate(centres)
    filled = every[np.arange(count) % len(every)]  # repeats, where a kind is left out, change no maximum
    return functional.normalize(torch.from_numpy(filled).float(), dim=1)


def _report(scores: Floats, rest: Sequence[Shown], familiarity: Familiarity, seed: int) -> dict[str, Any]:
    """For each source: how many, how many refused, and how well told from the pictures in scope."""
    inside = np.array([p.kind in kinds() and p.part(seed) == "test" for p in rest])
    rows: dict[str, Any] = {}
    for source in sorted({p.source for p in rest}):
        of = np.array(
            [p.source == source and (p.source == "photographs" or p.part(seed) == "test") for p in rest]
        )
        own = scores[of]
        rows[source] = {"n": len(own), "refused": round(float((own < familiarity.threshold).mean()), 4)}
        if not (inside & of).any():
            rows[source]["auroc"] = _auroc(scores[inside], own)
    rows["in scope"] = {
        "n": int(inside.sum()),
        "refused": round(float((scores[inside] < familiarity.threshold).mean()), 4),
    }
    return rows


def _without(
    kind: str,
    net: RouterNet,
    known: Tensor,
    train: Sequence[Shown],
    others: Tensor,
    rest: Sequence[Shown],
    seed: int,
) -> dict[str, Any]:
    """How well a kind is refused by a router that never saw it."""
    familiarity, scores = _fitted(net, known, train, others, rest, seed, (kind,))
    inside = np.array([p.kind in kinds() and p.kind != kind and p.part(seed) == "test" for p in rest])
    strange = np.array([p.kind == kind for p in rest])
    return {
        "n": int(strange.sum()),
        "refused": round(float((scores[strange] < familiarity.threshold).mean()), 4),
        "auroc": _auroc(scores[inside], scores[strange]),
    }


def _auroc(inside: Floats, outside: Floats) -> float:
    truth = np.r_[np.ones(len(inside), bool), np.zeros(len(outside), bool)]
    return round(auc(np.r_[inside, outside], truth), 5)
