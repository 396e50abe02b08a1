"""A text model's network in ONNX Runtime, as it is or with its weights in 8 bits (`aetia compress`).

It takes the place of the torch network where AETIA_TEXT_ONNX names the folder of its file. Int8 answers differ a little from
float32, and on processors without VNNI differently: the table of `benchmarks.compress` says by how much here.
"""

from pathlib import Path
from typing import Any

from assistant.text_network import Scores
from knowledge.errors import AetiaError
from torch_pair import torch

_INPUTS = ("input_ids", "attention_mask")
_OUTPUTS = ("diseases", "findings", "denied", "places")


class OnnxUnusable(AetiaError):
    """ONNX Runtime is not installed, or a file is no network of ours."""


class OnnxNetwork:
    """A network that is called as CaseNetwork is. threads: of one call."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self._session = runtime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
        except Exception as fault:  # the runtime's own exceptions have no common base
            raise OnnxUnusable(f"{path} cannot be opened: {fault}. Make it with `aetia compress`.") from fault
        self._outputs = [o.name for o in self._session.get_outputs()]
        if tuple(self._outputs) not in (_OUTPUTS, _OUTPUTS[1:]):
            raise OnnxUnusable(f"{path} is no text model of ours. Make one with `aetia compress`.")

    def __call__(self, tokens: dict[str, Any], places: bool = False) -> Scores:
        """Scores of a batch (see CaseNetwork); all findings."""
        wanted = [name for name in self._outputs if places or name != "places"]
        given = {name: tokens[name].numpy() for name in _INPUTS}
        values = map(torch.from_numpy, self._session.run(wanted, given))
        found = dict(zip(wanted, values, strict=True))
        return Scores(*(found.get(name) for name in _OUTPUTS))


class _Flat(torch.nn.Module):
    """A case network with tensors for inputs and outputs."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Any, attention_mask: Any) -> tuple[Any, ...]:
        scores = self.network({"input_ids": input_ids, "attention_mask": attention_mask}, places=True)
        found = (scores.findings, scores.denied, scores.places)
        return found if scores.diseases is None else (scores.diseases, *found)


def export(network: Any, path: Path, int8: bool) -> None:
    """Write a case network as one ONNX file, its matrices in 8 bits if asked. Raises OnnxUnusable."""
    quantization = _runtime("quantization")
    # Two tensors, and a mask that hides something: the exporter takes what is the same here for always the same.
    ids = torch.arange(1, 25).reshape(2, 12)
    mask = torch.ones_like(ids)
    mask[1, 8:] = 0
    any_size = {name: {0: torch.export.Dim("n"), 1: torch.export.Dim("t")} for name in _INPUTS}
    whole = path.with_suffix(".float32.onnx") if int8 else path
    path.parent.mkdir(parents=True, exist_ok=True)
    outputs = _OUTPUTS[network.diseases is None :]
    try:
        torch.onnx.export(
            _Flat(network).eval(), (ids, mask), str(whole), dynamo=True, external_data=False,
            input_names=list(_INPUTS), output_names=list(outputs), dynamic_shapes=any_size,
        )  # fmt: skip
    except ImportError as fault:
        raise OnnxUnusable("Exporting needs onnx and onnxscript; install aetia[compress]") from fault
    if int8:
        quantization.quantize_dynamic(
            str(whole),
            str(path),
            per_channel=True,
            reduce_range=True,
            weight_type=quantization.QuantType.QInt8,
        )
        whole.unlink()


def _runtime(part: str = "") -> Any:
    try:
        import onnxruntime

        if part:
            import onnxruntime.quantization
    except ImportError as fault:
        raise OnnxUnusable("ONNX Runtime is not installed; install aetia[compress]") from fault
    return getattr(onnxruntime, part) if part else onnxruntime
