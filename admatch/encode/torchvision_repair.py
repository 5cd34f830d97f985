"""Lets a CPU build of torch import PyPI's torchvision."""

import importlib
import sys

import torch

# Kept alive for the process: a Library that is collected takes its operators with it.
_declared: list[torch.library.Library] = []


def import_torchvision() -> None:
    """Import torchvision, also where its compiled operators cannot be loaded.

    PyPI's torchvision is linked against a CUDA torch. Beside a CPU torch its import stops with
    "operator torchvision::nms does not exist", and with it the import of transformers. The
    transforms, all that is needed of it here, are plain Python: declaring the operators' schemas
    lets the import pass. Does nothing beside a matching pair. Call before importing
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
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for operator in ("nms", "qnms"):
        schema = f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        library.define(schema)  # type: ignore[no-untyped-call]
    _declared.append(library)
