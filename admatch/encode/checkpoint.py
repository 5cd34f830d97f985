"""A checkpoint of torch's older format → arrays, without torch."""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

import numpy as np

from admatch.arrays import Floats32

_HEADERS = 3  # pickles before the weights: a magic number, a version, the machine's sizes
_KINDS = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Checkpoint(pickle.Unpickler):
    """Reads tensors of numbers as places in the file's storages, and refuses anything else."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda *tensor: tensor[:4]
        if module == "torch" and name in _KINDS:
            return _KINDS[name]
        raise pickle.UnpicklingError(f"{module}.{name}")

    def persistent_load(self, pid: tuple[Any, ...]) -> tuple[str, np.dtype[Any]]:
        _, kind, key, *_ = pid
        return key, kind


def read_checkpoint(path: Path) -> dict[str, Floats32]:
    """Return the tensors of a file that ``torch.save`` wrote before torch 1.6."""
    with path.open("rb") as file:
        for _ in range(_HEADERS):
            _Checkpoint(file).load()
        tensors = _Checkpoint(file).load()
        kinds = dict(storage for storage, *_ in tensors.values())
        storages = {key: _storage(file, kinds[key]) for key in _Checkpoint(file).load()}
    return {
        name: _strided(storages[key][offset:], shape, strides)
        for name, ((key, _), offset, shape, strides) in tensors.items()
    }


def _strided(numbers: Floats32, shape: tuple[int, ...], strides: tuple[int, ...]) -> Floats32:
    steps = [stride * numbers.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(numbers, shape, steps, writeable=False)


def _storage(file: IO[bytes], kind: "np.dtype[Any]") -> Any:  # noqa: ANN401
    count = int.from_bytes(file.read(8), "little")
    return np.frombuffer(file.read(count * kind.itemsize), kind)
