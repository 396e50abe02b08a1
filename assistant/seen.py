"""What the pictures of a case show: the finding, where, how large, and what changed between two pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.events import ImageFinding
from knowledge.concepts import Text


@dataclass(frozen=True)
class Seen:
    """The latest picture's word on a finding (bare id). area_mm2: width times height of the marked region.
    before: probability and area in the picture before it, where there was one."""

    finding: str
    probability: float
    position: Text | None
    size_mm: tuple[float, float] | None
    before: "Seen | None" = None

    @property
    def area_mm2(self) -> float | None:
        """Of the marked region; None without pixel spacing."""
        return self.size_mm[0] * self.size_mm[1] if self.size_mm else None

    @property
    def growth(self) -> float | None:
        """The area as a multiple of that before; None where either is not known."""
        before = self.before.area_mm2 if self.before else None
        return self.area_mm2 / before if self.area_mm2 is not None and before else None


def seen_in(images: Sequence[ImageFinding]) -> tuple[Seen, ...]:
    """One entry for each finding, the latest picture against the one before."""
    latest: dict[str, Seen] = {}
    for image in images:
        latest[image.finding] = Seen(
            image.finding,
            image.probability,
            image.position,
            image.size_mm,
            latest.get(image.finding),
        )
    return tuple(latest.values())
