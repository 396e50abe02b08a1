"""Pictures that are no photograph of anything: noise, blanks, patterns, charts, pages of text.

They teach the scope model, and test it, without anyone's picture.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw, ImageFilter, ImageFont

Bytes = NDArray[np.uint8]
Draw = Callable[[np.random.Generator, int], Bytes]


def drawn(count: int, side: int, seed: int) -> list[tuple[str, Bytes]]:
    """`count` pairs of (kind, (side, side) grey levels), the kinds in turn."""
    rng = np.random.default_rng(seed)
    kinds = list(KINDS.items())
    return [(name, draw(rng, side)) for name, draw in (kinds[i % len(kinds)] for i in range(count))]


def _noise(rng: np.random.Generator, side: int) -> Bytes:
    """White noise, dense or sparse."""
    values = rng.normal(128, rng.uniform(10, 80), (side, side))
    return np.clip(values, 0, 255).astype(np.uint8)


def _clouds(rng: np.random.Generator, side: int) -> Bytes:
    """Noise of which large waves are the stronger ones, like clouds, tissue or fog."""
    waves = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    waves[0, 0] = 1
    spectrum = np.fft.fft2(rng.normal(size=(side, side))) / waves ** rng.uniform(0.5, 2.2)
    return _full_range(np.fft.ifft2(spectrum).real)


def _blank(rng: np.random.Generator, side: int) -> Bytes:
    """One level with a trace of grain."""
    values = rng.uniform(0, 255) + rng.normal(0, rng.uniform(0, 3), (side, side))
    return np.clip(values, 0, 255).astype(np.uint8)


def _gradient(rng: np.random.Generator, side: int) -> Bytes:
    """Light from one side, or from a point."""
    y, x = np.mgrid[:side, :side] / side - rng.uniform(0, 1, (2, 1, 1))
    if rng.random() < 0.5:
        return _full_range(np.hypot(x, y))
    angle = rng.uniform(0, 2 * np.pi)
    return _full_range(x * np.cos(angle) + y * np.sin(angle))


def _shapes(rng: np.random.Generator, side: int) -> Bytes:
    """Blurred ellipses, some of them arranged as two lungs would be."""
    picture = Pil.new("L", (side, side), int(rng.integers(256)))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(1, 12))):
        x, y = rng.uniform(0, side, 2)
        w, h = rng.uniform(side / 20, side / 2, 2)
        pen.ellipse((x - w / 2, y - h / 2, x + w / 2, y + h / 2), fill=int(rng.integers(256)))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, side / 15))))


def _checks(rng: np.random.Generator, side: int) -> Bytes:
    """Checks or stripes."""
    y, x = np.mgrid[:side, :side]
    down, across = rng.integers(2, side // 4, 2)
    stripes = y // down + (x // across if rng.random() < 0.5 else 0)
    levels = np.sort(rng.integers(0, 256, 2)).astype(np.uint8)
    return np.asarray(levels[stripes % 2])


def _page(rng: np.random.Generator, side: int) -> Bytes:
    """A page of made-up words, dark on light or light on dark."""
    paper, ink = (rng.integers(200, 256), rng.integers(0, 80))
    if rng.random() < 0.3:
        paper, ink = ink, paper
    picture = Pil.new("L", (side, side), int(paper))
    pen = ImageDraw.Draw(picture)
    size = int(rng.integers(7, 24))
    font = ImageFont.load_default(size)
    for top in range(int(rng.integers(2, 30)), side, int(size * rng.uniform(1.1, 2))):
        if rng.random() < 0.85:
            letters = rng.choice(list("abcdefghij klmno pqrstu vwxyz 0123 456789 .,"), 60)
            pen.text((float(rng.integers(2, 40)), top), "".join(letters), fill=int(ink), font=font)
    return np.asarray(picture)


def _chart(rng: np.random.Generator, side: int) -> Bytes:
    """Axes with bars or a curve, as an electrocardiogram or a laboratory trend may look."""
    picture = Pil.new("L", (side, side), 255)
    pen = ImageDraw.Draw(picture)
    if rng.random() < 0.5:
        for left in range(10, side, int(rng.integers(8, 40))):
            top, level = rng.uniform(10, side - 20), int(rng.integers(200))
            pen.rectangle((left, top, left + 6, side - 10), fill=level)
    else:
        heights = side / 2 + np.cumsum(rng.normal(0, side / 30, side))
        pen.line([(x, float(y)) for x, y in enumerate(heights)], fill=0, width=2)
    pen.line((8, 5, 8, side - 8, side - 5, side - 8), fill=0)
    return np.asarray(picture)


def _full_range(values: NDArray[np.float64]) -> Bytes:
    span = float(np.ptp(values)) or 1.0
    return np.asarray((values - values.min()) / span * 255, dtype=np.uint8)


KINDS: dict[str, Draw] = {
    "noise": _noise,
    "clouds": _clouds,
    "blank": _blank,
    "gradient": _gradient,
    "shapes": _shapes,
    "checks": _checks,
    "page": _page,
    "chart": _chart,
}
