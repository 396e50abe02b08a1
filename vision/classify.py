"""Reading a chest X-ray: how probable an opacity is, and where the model looked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from torch_pair import torch
from vision.calibration import Calibration
from vision.geometry import squared
from vision.images import Image, Population
from vision.metrics import Floats
from vision.models import SIDE, OpacityNet, stretched
from vision.regions import Region, enlarged, highest_region
from vision.saved import load_weights, read_card


@dataclass(frozen=True)
class Reading:
    """What the model says of one picture.

    finding: the graph's finding id.
    probability: calibrated, 0 to 1, where `prior` of the pictures have the finding, as in the set
        it was calibrated on; for another patient use `likelihood_ratio`.
    likelihood_ratio: what it multiplies the odds of the finding by, 1/20 to 20; 1 where the model
        never saw such a person.
    population: whose calibration was used: "child", "adult", or "any" where the age is not known.
    scope: how probable it is that this is a picture that may be judged.
    cells: (s, s) the heat: 0 at the median cell and below, the picture's probability at the highest.
    region: where the map is highest; None unless the picture speaks for the finding.
    notices: keys of `notices` in words.yaml: what a person must know before relying on this reading.
    basis: what the map is: "activation", where the model looked, and no outline of disease.
    """

    finding: str
    probability: float
    prior: float
    likelihood_ratio: float
    population: str
    scope: float
    cells: Floats
    region: Region | None
    size: tuple[int, int]
    notices: tuple[str, ...] = ()
    basis: Literal["activation"] = "activation"

    @property
    def heat_map(self) -> NDArray[np.float32]:
        """(H, W) the cells, smoothed to the picture's size, 0 to 1."""
        return enlarged(self.cells, self.size)


@dataclass(frozen=True)
class OpacityModel:
    """The network, what it finds, and its calibration for each population and for "any".

    restricted: whether its weights come from pictures with restricted or unclear terms.
    """

    net: OpacityNet
    finding: str
    calibrations: dict[str, Calibration]
    restricted: bool = False

    @classmethod
    def load(cls, path: Path) -> Self:
        """From weights and the card beside them. Raises WeightsMissing."""
        card = read_card(path)
        net = OpacityNet()
        load_weights(net, path, card)
        calibrations = {name: Calibration(**values) for name, values in card["calibration"].items()}
        return cls(net, card["finding"], calibrations, restricted=path.parent.name == "restricted")

    def notices(self, population: Population | None) -> tuple[str, ...]:
        """What must be said with a reading of someone of this population, None where it is not known."""
        found = []
        if "adult" not in self.calibrations and population != "child":
            found.append("adult_unseen" if population else "children_only")
        elif population is None:
            found.append("age_unknown")
        if self.restricted:
            found.append("restricted")
        return tuple(found)

    @torch.no_grad()
    def logits(self, grey: NDArray[np.uint8]) -> tuple[float, Floats]:
        """The logit of a grey picture (H, W), and its map (s, s)."""
        score, where = self.net(stretched(squared(grey, SIDE)[None]))
        return float(score[0]), where[0].double().numpy()


def read_chest_xray(
    image: Image, model: OpacityModel, scope: float = 1.0, population: Population | None = None
) -> Reading:
    """Read a picture that was found to be in scope.

    scope: what the scope check gave. population: whose calibration to use, where the file does not say.
    """
    logit, cells = model.logits(image.grey)
    whose = population or image.population
    name = whose if whose in model.calibrations else "any"
    calibration = model.calibrations[name]
    probability = float(calibration.probability(np.array(logit)))
    notices = model.notices(whose)
    # A witness that was never taught to see this person must not move the odds.
    ratio = 1.0 if "adult_unseen" in notices else calibration.likelihood_ratio(probability)
    return Reading(
        finding=model.finding,
        probability=probability,
        prior=calibration.prior,
        likelihood_ratio=ratio,
        population=name,
        scope=scope,
        cells=_heat(cells) * probability,
        region=highest_region(cells, image.size, image.spacing) if ratio > 1 else None,
        size=image.size,
        notices=notices,
    )


def _heat(cells: Floats) -> Floats:
    """Logits (s, s) to 0 at the median and below, 1 at the highest; all 0 where they are equal.

    Relative, because nearly every cell of a clear case is above one half, and that shows nothing.
    """
    middle = float(np.median(cells))
    height = float(cells.max()) - middle
    return np.clip((cells - middle) / height, 0, 1) if height > 0 else np.zeros_like(cells)
