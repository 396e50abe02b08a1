"""Text burnt into a picture's corners: how much of it is blanked, and what is blanked where none was written.

`python -m benchmarks.vision_burnt_in --data DIR --out R.json`: DIR holds the zips. Real pictures of each kind get a
line such as a scanner writes, in a corner, a size and a grey drawn at random; reported is the share of lines of which
at least 95 % of the ink is gone, by what lies behind them. On the same pictures as they came: in how many anything is
blanked (some have real marks), and how much of the picture.
"""

import argparse
import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont
from tqdm import tqdm

from benchmarks.measure import RESULTS, data_folder, interval, write
from vision.corners import without_text

KINDS = ("chest_xray_children", "chest_xray_adults", "lung_ct", "breast_ultrasound", "brain_mri", "knee_xray")
_LINES = (
    "WANG, LI 1961-04-12",
    "ID 4821377",
    "HOSPITAL 3  M 057Y",
    "Smith John 03/07/1948",
    "ACC 20240511-77",
)
_SIDE = 512
"""Pictures are enlarged to this longer side, as a viewer would get them from a scanner."""
_GONE = 0.95


def pictures(data: Path, kind: str, count: int, rng: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    """Grey pictures of one kind, drawn at random."""
    with zipfile.ZipFile(data / f"{kind}.zip") as archive:
        index = io.StringIO(archive.read("index.csv").decode("utf-8-sig"))
        names = [row["path"] for row in csv.DictReader(index)]
        for at in rng.permutation(len(names))[:count]:
            with Pil.open(io.BytesIO(archive.read(names[at]))) as opened:
                grey = opened.convert("L")
                more = _SIDE / max(grey.size)
                yield np.asarray(grey.resize((round(grey.width * more), round(grey.height * more))))


def written(
    pixels: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], float]:
    """The picture with a line in a corner, where its ink is, and how bright it is behind it."""
    height, width = pixels.shape
    font = ImageFont.load_default(size=int(rng.integers(11, 19)))
    line = _LINES[int(rng.integers(len(_LINES)))]
    ink = Pil.new("L", (width, height))
    left, top, right, bottom = font.getbbox(line)
    x = 6 if rng.random() < 0.5 else width - (right - left) - 6
    y = 6 if rng.random() < 0.5 else height - (bottom - top) - 10
    ImageDraw.Draw(ink).text((x, y), line, fill=int(rng.integers(225, 256)), font=font)
    drawn = np.asarray(ink)
    behind = float(pixels[int(y) : int(y + bottom), max(int(x), 0) : int(x + right)].mean())
    return np.maximum(pixels, drawn), drawn > 128, behind


def run(data: Path, count: int, seed: int) -> dict[str, Any]:
    """By kind: lines blanked, on dark and on bright ground, and what is blanked where nothing was written."""
    found: dict[str, Any] = {}
    everywhere: dict[str, list[bool]] = {"dark": [], "bright": []}
    for kind in KINDS:
        rng = np.random.default_rng(seed)
        gone: list[bool] = []
        touched: list[float] = []
        for pixels in tqdm(pictures(data, kind, count, rng), total=count, desc=kind, mininterval=5):
            marked, ink, behind = written(pixels, rng)
            gone.append(bool((without_text(marked)[ink] == 0).mean() >= _GONE))
            everywhere["bright" if behind > 110 else "dark"].append(gone[-1])
            touched.append(float((without_text(pixels) != pixels).mean()))
        found[kind] = {
            "n": len(gone),
            "lines_blanked": round(float(np.mean(gone)), 4),
            "interval": interval(gone),
            "touched_without_a_line": round(float(np.mean([share > 0 for share in touched])), 4),
            "area_touched": round(float(np.mean(touched)), 5),
        }
    for ground, hits in everywhere.items():
        found[f"on_{ground}_ground"] = {
            "n": len(hits), "lines_blanked": round(float(np.mean(hits)), 4) if hits else None
        }  # fmt: skip
    return found


def main() -> None:
    """Write lines, look for them, and say how many are gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=data_folder() / "images")
    parser.add_argument("--count", type=int, default=60, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=RESULTS / "vision_burnt_in.json")
    options = parser.parse_args()
    result = {"benchmark": "vision_burnt_in", "seed": options.seed}
    result |= run(options.data, options.count, options.seed)
    print(result)
    write(result, options.out)


if __name__ == "__main__":
    main()
