"""A safetensors file → its arrays, which stay on disk until they are read."""

import json
from pathlib import Path

import numpy as np

from admatch.arrays import AnyArray

DTYPES = {
    "F32": "<f4", "F64": "<f8", "U8": "u1", "I16": "<i2", "I32": "<i4", "I64": "<i8",
}  # fmt: skip


def read_mapped_arrays(path: Path) -> dict[str, AnyArray]:
    """Return the arrays of a file, by name, read-only; raises ValueError where it is damaged.

    The reader for NumPy that comes with safetensors copies every array into memory.
    """
    bytes_ = np.asarray(np.memmap(path, np.uint8, "r"))
    start = 8 + int(bytes_[:8].view("<u8")[0])
    try:
        header = json.loads(bytes_[8:start].tobytes())
        header.pop("__metadata__", None)
        return {name: _array(bytes_[start:], **about) for name, about in header.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no safetensors file") from error


def _array(
    bytes_: AnyArray, dtype: str, shape: list[int], data_offsets: tuple[int, int]
) -> AnyArray:
    part = bytes_[slice(*data_offsets)]
    if dtype == "BF16":  # NumPy lacks it: half a float32 each
        return (part.view("<u2").astype("<u4") << 16).view("<f4").reshape(shape)
    return part.view(DTYPES[dtype]).reshape(shape)
