"""Lets a CPU build of torch import PyPI's torchvision."""

import importlib
import sys

# Referenced for the life of the process: a Library that is collected removes its operators.
_declared: list[object] = []


def import_torchvision() -> None:
    """Import torchvision, even where its compiled operators cannot be loaded.

    PyPI's torchvision is linked against a CUDA build of torch. With a CPU build its import fails
    with "operator torchvision::nms does not exist", and so does the import of transformers. Only
    the transforms are needed here, and they are plain Python: declaring the operators' schemas
    lets the import pass. With a matching pair nothing is declared. Call this before importing
    sentence_transformers, transformers or open_clip.
    """
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        _declare_operators()
        importlib.import_module("torchvision")


def _declare_operators() -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for operator in ("nms", "qnms"):
        schema = f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        library.define(schema)  # type: ignore[no-untyped-call]
    _declared.append(library)
