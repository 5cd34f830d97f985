"""Graphs that ship with admatch, and weights lent to them → networks that onnxruntime runs."""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from admatch.arrays import Floats32
from admatch.errors import MissingDependencyError
from admatch.messages import say
from admatch.threads import threads

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_FLOAT = 1  # ONNX's number for the type


def opened(graph: Path, weights: Mapping[str, Floats32]) -> "InferenceSession":
    """Return the network of a graph without weights; these must live as long as it does.

    Raises MissingDependencyError where onnxruntime is missing.
    """
    if find_spec("onnxruntime") is None:
        raise MissingDependencyError(say("encode.weights.no_onnxruntime"))
    # Before the import: it would write a device id and look up a host for events.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    # Views of the arrays: a value that owns a copy is not accepted as an external initializer.
    view = onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type
    values = {name: view(array, _FLOAT) for name, array in weights.items()}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # else it warns of every weight that it folds away
    options.add_external_initializers(list(values), list(values.values()))
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(graph.read_bytes(), options, providers)
