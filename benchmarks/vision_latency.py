"""How long one picture takes on one thread: told from others, read, and outlined.

`python -m benchmarks.vision_latency --data DIR`: 20 held-out pictures of every kind, open already, of the size that
they have in the sets; `benchmarks.vision_memory` reads large ones. `route`: which kind
it is. `classify`: the kind's network, both ways round where a mirrored picture means the same. `read`: all of it, the
lungs' outlines too where it is a chest. Wall time and processor time, because a shared machine blurs the first.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import RESULTS, data_folder, write
from torch_pair import torch
from vision.datasets import read_set
from vision.images import Image
from vision.reader import ImageReader
from vision.reading import read_picture
from vision.refusals import ImageRefused, WeightsMissing
from vision.saved import read_card
from vision.scope import kinds
from vision.training import SEED

PICTURES, _WARM = 20, 3


def timed(run: Callable[[Image], object], images: Sequence[Image]) -> dict[str, float]:
    """Milliseconds a picture, after a few that do not count."""
    for image in images[:_WARM]:
        run(image)
    wall, own = [], []
    for image in images:
        start, began = time.perf_counter(), time.process_time()
        run(image)
        wall.append(1000 * (time.perf_counter() - start))
        own.append(1000 * (time.process_time() - began))
    return {
        "median_ms": round(float(np.median(wall)), 1),
        "p95_ms": round(float(np.percentile(wall, 95)), 1),
        "cpu_median_ms": round(float(np.median(own)), 1),
    }


def images_of(data: Path, name: str, colour: bool) -> list[Image]:
    """Held-out pictures of a set as they come, or all there are."""
    from benchmarks.vision import weights_of

    card = read_card(weights_of(name, "builtin"))
    whole = _whole_size(data, name, colour)
    pictures = read_set(data / f"{name}.zip", whole, None, card["set"])
    test = [p for p in pictures if p.part(SEED) == "test"]
    return [Image(p.pixels, "PNG") for p in test[:: max(1, len(test) // PICTURES)][:PICTURES]]


def _whole_size(data: Path, name: str, colour: bool) -> Any:
    """The task, its pictures kept at the size of the set's first instead of being squeezed to the network's."""
    from vision.tasks import task_named

    task = task_named(name)
    first = read_set(data / f"{name}.zip", task.model_copy(update={"masks": {}}), 1)[0]
    return task.model_copy(update={"masks": {}, "colour": colour, "size": first.size[::-1]})


def measured(reader: ImageReader, kind: str, name: str, images: Sequence[Image]) -> dict[str, Any]:
    """The times of one kind."""
    model = reader.model(name)
    lungs = reader.model("chest_xray_regions") if kind.startswith("chest") else None

    def route(image: Image) -> None:
        with suppress(ImageRefused):  # a refusal takes as long
            reader.kind(image)

    def both(image: Image) -> None:
        route(image)
        read_picture(image, model, 1.0, lungs)

    return {
        "n": len(images),
        "pixels": list(images[0].size),
        "outlines": bool(model.task.masks) or lungs is not None,
        "route": timed(route, images),
        "classify": timed(model.seen, images),
        "route_and_read": timed(both, images),
    }


def main() -> None:
    """Time every kind whose weights are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder of the zips")
    parser.add_argument("--out", type=Path, default=RESULTS / "vision_latency.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    data, reader = options.data or data_folder() / "images", ImageReader.load()
    found: dict[str, Any] = {}
    for kind, spec in kinds().items():
        try:
            colour = reader.model(spec.set).task.colour
        except WeightsMissing:
            continue
        found[kind] = measured(reader, kind, spec.set, images_of(data, spec.set, colour))
        print(kind, json.dumps(found[kind]), flush=True)
    plain = [row["route_and_read"]["median_ms"] for row in found.values() if not row["outlines"]]
    outlined = [row["route_and_read"]["median_ms"] for row in found.values() if row["outlines"]]
    result = {
        "benchmark": "vision_latency",
        "threads": 1,
        "processor": platform.machine(),
        "slowest_without_outlines_ms": max(plain),
        "slowest_with_outlines_ms": max(outlined),
        "kinds": found,
    }
    write(result, options.out)


if __name__ == "__main__":
    main()
