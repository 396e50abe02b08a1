"""torch and torchvision, importable together whichever builds were installed.

torchvision's compiled operators belong to one build of torch. Beside another, such as a CPU build,
they do not load, and `import torchvision` fails while it describes operators that nobody declared;
transformers fails with it. Declaring their schemas is enough, for Aetia never calls them: the
models and transforms are plain torch. Every module with torch in it starts with

    from torch_pair import torch
"""

import importlib.util
import os
from pathlib import Path

# On a busy machine threads that spin while they wait cost twenty times what they save.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch

__all__ = ["torch"]

_SCHEMAS = {
    name: f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor" for name in ("nms", "qnms")
}
"""The operators that torchvision describes in Python while it is being imported."""


def _load_compiled() -> None:
    """Load torchvision's own library where it fits this torch; leave it out where it does not."""
    spec = importlib.util.find_spec("torchvision")
    folders = (spec.submodule_search_locations or []) if spec else []
    for library in (file for folder in folders for file in Path(folder).glob("_C.*")):
        try:
            torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]
        except OSError:  # built for another torch: the schemas below stand in
            return


def _is_declared(name: str) -> bool:
    try:
        return hasattr(torch.ops.torchvision, name)
    except RuntimeError:  # how some versions of torch say "no such operator"
        return False


def _declare_missing() -> torch.library.Library:
    """Declare what torchvision will describe; the declarations live as long as what is returned."""
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for name, schema in _SCHEMAS.items():
        if not _is_declared(name):
            library.define(schema)  # type: ignore[no-untyped-call]
    return library


_load_compiled()
_DECLARATIONS = _declare_missing()
