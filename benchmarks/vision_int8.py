"""What 8 bits cost and save: the pictures' networks in torch, in ONNX Runtime as they are, and in int8.

`python -m benchmarks.vision_int8 --data DIR`: networks of three kinds on groups that were kept out of training. Int8 is
static, weights for each channel, its ranges taken from 200 training pictures. Time is the processor's, one thread, one
picture at a time and one way round.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import RESULTS, data_folder, write
from benchmarks.vision import weights_of
from torch_pair import torch
from vision.datasets import Labelled, read_set, split
from vision.fitting import Predicted
from vision.models import PictureNet, inputs, seen_both_ways
from vision.reading import PictureModel
from vision.saved import read_card
from vision.training import SEED, measures

TASKS = ("chest_xray_children", "breast_ultrasound", "knee_xray")
_CALIBRATION, _TIMED, _BATCH = 200, 30, 32
_OUTPUTS = ("logits", "cells", "masks")

Run = Callable[[Any], Any]
"""Of a batch as `inputs` makes it: what the network says (vision.models.Seen)."""


class OnnxPicture(torch.nn.Module):
    """A network in ONNX Runtime, called as the one in torch."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])

    def forward(self, x: Any) -> Any:
        """See PictureNet; a network without outlines has none here either."""
        from vision.models import Seen

        found = [torch.from_numpy(v) for v in self._session.run(None, {"x": x.contiguous().numpy()})]
        return Seen(found[0], found[1], found[2] if len(found) > 2 else found[1][:, :0])


class _Flat(torch.nn.Module):
    """A picture network with plain tensors for outputs; the outlines only where there are some."""

    def __init__(self, net: PictureNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Any) -> Any:
        seen = self.net(x)
        return (seen.logits, seen.cells, seen.masks) if self.net.decoder else (seen.logits, seen.cells)


def export(model: PictureModel, path: Path) -> None:
    """Write the network as one ONNX file, for batches of any size."""
    x = torch.zeros(2, 3, *model.task.size)
    outputs = _OUTPUTS if model.task.masks else _OUTPUTS[:2]
    net = _Flat(model.net.to(memory_format=torch.contiguous_format)).eval()
    torch.onnx.export(
        net, (x,), str(path), dynamo=True, external_data=False, verbose=False,
        input_names=["x"], output_names=list(outputs), dynamic_shapes={"x": {0: torch.export.Dim("n")}},
    )  # fmt: skip


def quantise(path: Path, target: Path, pictures: Sequence[Labelled]) -> None:
    """Write an int8 form of an ONNX file, its ranges taken from pictures."""
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(quantization.CalibrationDataReader):
        def __init__(self) -> None:
            self._left = iter(pictures)

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            picture = next(self._left, None)
            return None if picture is None else {"x": inputs([picture.pixels]).contiguous().numpy()}

    ready = path.with_suffix(".ready.onnx")
    quant_pre_process(str(path), str(ready), skip_symbolic_shape=True)
    quantization.quantize_static(
        str(ready), str(target), Reader(),
        quant_format=quantization.QuantFormat.QDQ, per_channel=True,
        activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8,
    )  # fmt: skip


def predicted(net: Any, pictures: Sequence[Labelled], mirror: bool) -> Predicted:
    """What a network says of pictures, both ways round where that is done in use."""
    with torch.no_grad():
        seen = [
            seen_both_ways(net, inputs([p.pixels for p in pictures[i : i + _BATCH]]), mirror)
            for i in range(0, len(pictures), _BATCH)
        ]
    return Predicted(
        np.concatenate([s.logits.double().numpy() for s in seen]),
        np.concatenate([s.cells.double().numpy() for s in seen]),
        np.concatenate([s.masks.numpy() for s in seen]),
    )


def milliseconds(net: Run, pictures: Sequence[Labelled]) -> float:
    """The median of the processor's time for one picture, one way round."""
    taken = []
    with torch.no_grad():
        for i, picture in enumerate(pictures[: _TIMED + 3]):
            x = inputs([picture.pixels]).contiguous(memory_format=torch.channels_last)
            began = time.process_time()
            net(x)
            if i >= 3:
                taken.append(1000 * (time.process_time() - began))
    return round(float(np.median(taken)), 1)


def forms(name: str, data: Path) -> dict[str, Any]:
    """Every form of one task's network, measured on the pictures that were kept apart."""
    path = weights_of(name, "builtin")
    model = PictureModel.load(path)
    parts = split(read_set(data / f"{name}.zip", model.task, None, read_card(path)["set"]), SEED)
    step = max(1, len(parts["train"]) // _CALIBRATION)
    found: dict[str, Any] = {}
    with TemporaryDirectory() as folder:
        whole, small = Path(folder, "float32.onnx"), Path(folder, "int8.onnx")
        torch_net = model.net
        found["torch_float32"] = _form(torch_net, model, parts["test"], path)
        export(model, whole)
        quantise(whole, small, parts["train"][::step][:_CALIBRATION])
        found["onnx_float32"] = _form(OnnxPicture(whole), model, parts["test"], whole)
        found["onnx_int8"] = _form(OnnxPicture(small), model, parts["test"], small)
    base = found["torch_float32"]["called"]
    for row in found.values():
        row["same_label_as_torch"] = round(float(np.mean(np.equal(row["called"], base))), 4)
    for row in found.values():
        del row["called"]
    return {"n": len(parts["test"]), "forms": found}


def _form(net: Any, model: PictureModel, pictures: Sequence[Labelled], path: Path) -> dict[str, Any]:
    said = predicted(net, pictures, model.task.mirror)
    kept = (
        "accuracy",
        "accuracy_95",
        "balanced_accuracy",
        "auc",
        "auc_95",
        "macro_f1",
        "ece",
        "dice",
        "within_one_grade",
    )
    measured = measures(said, pictures, model.task, model.calibration)
    assert model.calibration is not None
    return {
        "mb": round(path.stat().st_size / 2**20, 2),
        "cpu_ms": milliseconds(net, pictures),
        **{key: measured[key] for key in kept if key in measured},
        "called": model.calibration.called(said.logits),
    }


def main() -> None:
    """Measure every task's forms."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder of the zips")
    parser.add_argument("--tasks", nargs="*", default=TASKS)
    parser.add_argument("--out", type=Path, default=RESULTS / "vision_int8.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tasks = {name: forms(name, options.data or data_folder() / "images") for name in options.tasks}
    text = Path("/proc/cpuinfo").read_text("utf-8")
    result = {
        "benchmark": "vision_int8",
        "seed": SEED,
        "onnxruntime": version("onnxruntime"),
        "processor": platform.machine(),
        "vnni": "avx512_vnni" in text or "avx_vnni" in text,
        "tasks": tasks,
    }
    print(json.dumps(result, indent=1))
    write(result, options.out)


if __name__ == "__main__":
    main()
