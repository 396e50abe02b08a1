"""Pictures made on the spot, real ones out of the data's zips, and the built-in reader."""

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw, ImageFilter

DATA = Path(os.environ.get("AETIA_DATA", "../shared/data")) / "images"


def _absent(what: str) -> None:
    """Skip for want of data, except in CI, where a silent skip would hide a broken set-up."""
    message = f"{what} is not there; set AETIA_DATA to the folder that holds images/"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def real_picture(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """(zip, path inside) to a file with that picture."""
    folder = tmp_path_factory.mktemp("real")

    def extract(archive: str, name: str) -> Path:
        source = DATA / f"{archive}.zip"
        if not source.exists():
            _absent(str(source))
        target = folder / f"{archive}-{Path(name).name}"
        with zipfile.ZipFile(source) as pictures:
            target.write_bytes(pictures.read(name))
        return target

    return extract


@pytest.fixture(scope="session")
def real_dicom() -> Path:
    path = DATA / "ct_abdomen_512_spacing0.746.dcm"
    if not path.exists():
        _absent(str(path))
    return path


@pytest.fixture(scope="session")
def one_thread() -> Iterator[None]:
    """One thread of torch, as in use: several wait for each other on a busy machine."""
    from torch_pair import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def reader(one_thread: None) -> object:
    """The built-in reader."""
    from vision import ImageReader

    return ImageReader.load()


@pytest.fixture
def phantom() -> NDArray[np.uint8]:
    """(320, 300) grey levels: bright trunk, two dark lungs, a blurred spine. Made, so anyone's to use."""
    picture = Pil.new("L", (300, 320), 10)
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((15, 20, 285, 320), 60, fill=170)
    pen.ellipse((45, 50, 135, 270), fill=50)
    pen.ellipse((165, 50, 255, 270), fill=50)
    pen.rectangle((140, 20, 160, 320), fill=210)
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(4)))


@pytest.fixture(scope="session")
def tiny_zip() -> Callable[..., Path]:
    """(path, pictures, labels) to a zip of pictures of 40 by 40: label k has its bright patch in place k, with a mask."""
    return _tiny_zip


def _tiny_zip(path: Path, count: int, labels: tuple[str, ...], *, masks: bool = False) -> Path:
    rng = np.random.default_rng(count)
    rows = ["path,label,group" + (",mask" if masks else "")]
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(count):
            pixels = rng.integers(40, 80, (40, 40), dtype=np.uint8)
            patch = np.zeros((40, 40), np.uint8)
            row, column = divmod(i % len(labels), 2)
            patch[4 + 18 * row : 18 + 18 * row, 4 + 18 * column : 18 + 18 * column] = 1
            archive.writestr(f"{i}.png", _png(pixels + 120 * patch))
            rows.append(f"{i}.png,{labels[i % len(labels)]},p{i}" + (f",m/{i}.png" if masks else ""))
            if masks:
                archive.writestr(f"m/{i}.png", _png(255 * patch))
        archive.writestr("index.csv", "\n".join(rows))
    return path


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Pil.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def png_bytes(phantom: NDArray[np.uint8]) -> bytes:
    return _png(phantom)
