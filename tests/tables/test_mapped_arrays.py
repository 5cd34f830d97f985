import mmap

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from admatch.tables.mapped_arrays import read_mapped_arrays

ARRAYS = {
    "vectors": np.random.default_rng(7).normal(size=(5, 3)).astype(np.float32),
    "codes": np.arange(6, dtype=np.uint8).reshape(2, 3),
    "nothing": np.empty((0, 3), np.int16),
    "depth": np.asarray(2),
}


def test_what_was_saved_is_read_and_stays_on_disk(tmp_path):
    save_file(ARRAYS, tmp_path / "a.safetensors")
    found = read_mapped_arrays(tmp_path / "a.safetensors")
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
    held = found["vectors"]
    while isinstance(held, np.ndarray):
        held = held.base
    assert isinstance(held, mmap.mmap)


def test_halves_of_floats_are_read_as_floats(tmp_path):
    halves = torch.randn(4, 3).bfloat16()
    save_tensors({"sketch": halves}, tmp_path / "a.safetensors")
    found = read_mapped_arrays(tmp_path / "a.safetensors")["sketch"]
    np.testing.assert_array_equal(found, halves.float().numpy())


@pytest.mark.parametrize("damage", ["short", "empty", "cut off", "other kind", "no file of arrays"])
def test_a_damaged_file_is_told(tmp_path, damage):
    path = tmp_path / "a.safetensors"
    save_file(ARRAYS, path)
    whole = path.read_bytes()
    contents = {
        "short": b"short", "empty": b"", "cut off": whole[:-9],
        "other kind": whole.replace(b"F32", b"F33"), "no file of arrays": b"\2" + bytes(7) + b"[]",
    }  # fmt: skip
    path.write_bytes(contents[damage])
    with pytest.raises(ValueError, match=r"."):
        read_mapped_arrays(path)
