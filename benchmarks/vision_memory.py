"""How much memory and time a picture of 60 megapixels takes: opened, read, and laid over.

`python -m benchmarks.vision_memory --data DIR`: DIR holds the zips. A real chest X-ray and a real skin lesion are
enlarged to 60 megapixels and saved in every format; each is read in a process of its own, whose peak resident memory
is asked of the kernel, the network's libraries included.
"""

import argparse
import csv
import io
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pil

from benchmarks.measure import RESULTS, data_folder, write

MEGAPIXELS = 59.9


def pictures(data: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """(what it is, its file), one at a time."""
    grey, colour = _enlarged(data, "chest_xray_adults", "L"), _enlarged(data, "skin_lesions", "RGB")
    deep = Pil.fromarray(np.asarray(grey).astype(np.uint16) * 200)
    turned = Pil.Exif()
    turned[0x0112] = 6  # stored on its side, as a telephone does
    saved: list[tuple[str, Pil.Image, dict[str, Any]]] = [
        ("grey.png", grey, {"compress_level": 1}),
        ("grey_16_bit.png", deep, {"compress_level": 1}),
        ("colour.png", colour, {"compress_level": 1}),
        ("colour_with_alpha.png", colour.convert("RGBA"), {"compress_level": 1}),
        ("colour.jpg", colour, {}),
        ("colour_turned.jpg", colour.rotate(90, expand=True), {"exif": turned}),
        ("colour.tif", colour, {"compression": "tiff_lzw"}),
        ("grey_16_bit.tif", deep, {}),
        ("colour.webp", colour, {"method": 0}),
    ]
    for name, picture, options in saved:
        path = folder / name
        picture.save(path, **options)
        yield name, path
        path.unlink()
    yield "grey_16_bit.dcm", _dicom(folder / "grey.dcm", np.asarray(deep))


def _enlarged(data: Path, name: str, mode: str) -> Pil.Image:
    with zipfile.ZipFile(data / f"{name}.zip") as archive:
        rows = csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig")))
        with Pil.open(io.BytesIO(archive.read(next(iter(rows))["path"]))) as small:
            more = (MEGAPIXELS * 1e6 / (small.width * small.height)) ** 0.5
            return small.convert(mode).resize((int(small.width * more), int(small.height * more)))


def _dicom(path: Path, levels: "np.ndarray[Any, Any]") -> Path:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.Rows, data.Columns = levels.shape
    data.SamplesPerPixel, data.PhotometricInterpretation, data.Modality = 1, "MONOCHROME2", "DX"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
    data.WindowCenter, data.WindowWidth = 25000, 50000
    data.PixelData = levels.tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


def read(path: Path) -> dict[str, float]:
    """Seconds and peak megabytes of this process, after reading one file; the models are loaded beforehand."""
    from torch_pair import torch
    from vision import ImageReader, open_image, overlay_png

    torch.set_num_threads(1)
    reader = ImageReader.load()
    before = _peak()
    start = time.perf_counter()
    image = open_image(path)
    opened = time.perf_counter()
    reading = reader.read_image(image)
    overlay_png(image, reading)
    done = time.perf_counter()
    return {
        "before_mb": before,
        "peak_mb": _peak(),
        "open_s": round(opened - start, 2),
        "read_s": round(done - opened, 2),
    }


def _peak() -> float:
    """Of this program alone: getrusage's would count what the process held before it became this program."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)


def main() -> None:
    """Make every picture, and read it in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder of the zips")
    parser.add_argument("--out", type=Path, default=RESULTS / "vision_memory.json")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)  # the process that reads one file
    options = parser.parse_args()
    if options.read:
        print(json.dumps(read(options.read)))
        return
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, path in pictures(options.data or data_folder() / "images", Path(folder)):
            command = [sys.executable, "-m", "benchmarks.vision_memory", "--read", str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            found[name] = json.loads(done.stdout) if done.returncode == 0 else {"error": done.stderr[-300:]}
            print(name, found[name], flush=True)
    peaks = [row["peak_mb"] for row in found.values() if "peak_mb" in row]
    result = {
        "benchmark": "vision_memory",
        "megapixels": MEGAPIXELS,
        "n": len(peaks),
        "largest_peak_mb": max(peaks),
        "files": found,
    }
    write(result, options.out)


if __name__ == "__main__":
    main()
