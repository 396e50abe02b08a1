"""Photographs that installed packages carry, to test what happens with pictures of the world."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

_FOLDERS = {
    "sklearn": "datasets/images",
    "matplotlib": "mpl-data/sample_data",
    "gradio": "media_assets/images",
    "skimage": "data",
}
"""Package: folder inside it. Packages that are not installed give none."""

_SMALLEST = 150
"""Pixels on the shorter side; smaller ones are icons."""


def photographs(crops: int, seed: int) -> list[tuple[str, NDArray[np.uint8]]]:
    """(name, (H, W, 3) levels): each whole photograph, and `crops` random parts of it."""
    rng = np.random.default_rng(seed)
    found = []
    for path in _files():
        with Pil.open(path) as picture:
            if min(picture.size) < _SMALLEST:
                continue
            pixels = np.asarray(picture.convert("RGB"))
        found += [(path.name, pixels), *((path.name, _part(pixels, rng)) for _ in range(crops))]
    return found


def _part(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    height, width = (int(n * rng.uniform(0.4, 0.9)) for n in pixels.shape[:2])
    top, left = rng.integers(pixels.shape[0] - height), rng.integers(pixels.shape[1] - width)
    return pixels[top : top + height, left : left + width]


def _files() -> Iterator[Path]:
    for package, folder in _FOLDERS.items():
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec else []:
            files = Path(place, folder).glob("*")
            yield from sorted(file for file in files if file.suffix in {".jpg", ".jpeg", ".png"})
