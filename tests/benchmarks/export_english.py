"""Writes the English encoder's network as ONNX, without its weights, and checks it with them.

``python -m tests.benchmarks.export_english``; needs the package onnx. ``admatch.encode.english``
lends the graph the weights by the names that all-MiniLM-L6-v2 gives them.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import NodeProto, TensorProto
from onnx.external_data_helper import set_external_data
from onnx.helper import (
    make_graph,
    make_model,
    make_node,
    make_opsetid,
    make_tensor,
    make_tensor_value_info,
)

from admatch.encode.english import DIM, FOLDER, GRAPH, WEIGHTS, OnCpu, read_weights
from admatch.encode.minilm import EPSILON, HEADS, MiniLM

RUNTIME = "com.microsoft"  # operators of onnxruntime: what a transformer does in one pass
NUMBERS = {"zero": 0, "one": 1}


def _embedded() -> Iterator[NodeProto]:
    words, positions, kinds = (
        f"embeddings.{name}_embeddings.weight" for name in ("word", "position", "token_type")
    )
    norm = "embeddings.LayerNorm"
    yield make_node("Gather", [words, "ids"], ["words"])
    yield make_node("Shape", ["ids"], ["length"], start=1, end=2)
    yield make_node("Slice", [positions, "zero", "length", "zero"], ["positions"])
    yield make_node("Slice", [kinds, "zero", "one", "zero"], ["kind"])
    yield make_node("Add", ["positions", "kind"], ["placed"])
    yield make_node("Add", ["words", "placed"], ["embedded"])
    yield make_node(
        "LayerNormalization",
        ["embedded", f"{norm}.weight", f"{norm}.bias"],
        ["state.0"],
        epsilon=EPSILON,
    )


def _layer(number: int) -> Iterator[NodeProto]:
    name, state, after = f"encoder.layer.{number}", f"state.{number}", f"state.{number + 1}"
    parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    attention, expand, contract = (
        f"{name}.{part}.dense" for part in ("attention.output", "intermediate", "output")
    )
    yield make_node("Concat", [f"{one}.weight" for one in parts], [f"{name}.rows"], axis=0)
    yield make_node("Concat", [f"{one}.bias" for one in parts], [f"{name}.bias"], axis=0)
    yield make_node("Transpose", [f"{name}.rows"], [f"{name}.columns"], perm=[1, 0])
    yield make_node(
        "Attention",
        [state, f"{name}.columns", f"{name}.bias"],
        [f"{name}.attended"],
        domain=RUNTIME,
        num_heads=HEADS,
    )
    yield from _dense(attention, f"{name}.attended")
    yield _normalised(f"{name}.attention.output", state, f"{name}.seen")
    yield from _dense(expand, f"{name}.seen")
    yield make_node(
        "BiasGelu", [f"{expand}.out", f"{expand}.bias"], [f"{name}.wide"], domain=RUNTIME
    )
    yield from _dense(contract, f"{name}.wide")
    yield _normalised(f"{name}.output", f"{name}.seen", after)


def _dense(name: str, given: str) -> Iterator[NodeProto]:
    """Yield what multiplies with a weight; its bias is added by the node after it."""
    yield make_node("Transpose", [f"{name}.weight"], [f"{name}.columns"], perm=[1, 0])
    yield make_node("MatMul", [given, f"{name}.columns"], [f"{name}.out"])


def _normalised(name: str, beside: str, out: str) -> NodeProto:
    weights = [f"{name}.LayerNorm.weight", f"{name}.LayerNorm.bias", f"{name}.dense.bias"]
    given = [f"{name}.dense.out", beside, *weights]
    return make_node("SkipLayerNormalization", given, [out], domain=RUNTIME, epsilon=EPSILON)


def export() -> None:
    """Write the graph; its weights are initializers without data."""
    weights = read_weights(FOLDER / WEIGHTS)
    depth = sum(name.endswith(".intermediate.dense.bias") for name in weights)
    nodes = [*_embedded(), *(node for number in range(depth) for node in _layer(number))]
    held = [make_tensor(name, TensorProto.INT64, [1], [one]) for name, one in NUMBERS.items()]
    for name, one in weights.items():
        lent = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=one.shape)
        lent.raw_data = b""
        set_external_data(lent, "weights")
        lent.ClearField("raw_data")
        held.append(lent)
    given = make_tensor_value_info("ids", TensorProto.INT64, ["texts", "length"])
    states = make_tensor_value_info(f"state.{depth}", TensorProto.FLOAT, ["texts", "length", DIM])
    graph = make_graph(nodes, "english-1", [given], [states], held)
    opsets = [make_opsetid("", 18), make_opsetid(RUNTIME, 1)]
    model = make_model(graph, opset_imports=opsets, ir_version=9, producer_name="admatch")
    (FOLDER / GRAPH).write_bytes(model.SerializeToString())


def main() -> None:
    export()
    weights, rng = read_weights(FOLDER / WEIGHTS), np.random.default_rng(7)
    tokens = [rng.integers(0, 30_000, length).tolist() for length in (1, 2, 2, 9, 40)]
    found, wanted = OnCpu(weights).encode(tokens), MiniLM(weights).encode(tokens)
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    size = (FOLDER / GRAPH).stat().st_size
    print(f"{GRAPH}: {size:,} bytes, equal to torch; onnx {onnx.__version__}")


if __name__ == "__main__":
    main()
