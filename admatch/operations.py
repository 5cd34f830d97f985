"""What the array standard lacks, for NumPy on the CPU and for torch on a GPU.

On the CPU, NumPy alone computes: it is as fast there as torch, whose import takes seconds.
"""

import math

import numpy as np
from array_api_compat import array_namespace, device

from admatch.arrays import AnyArray, Array

CPU = "cpu"

TOGETHER = 2**16  # scores that are sorted at once, as they stay in the processor's cache
_erf = np.frompyfunc(math.erf, 1, 1)  # SciPy has it too, but its import takes as long as a search


def on(place: str, array: AnyArray) -> Array:
    """Return an array of NumPy on a device, itself where that is the CPU."""
    if place == CPU:
        return array
    import torch

    return torch.tensor(array, device=place)


def beside(array: AnyArray, other: Array) -> Array:
    """Return an array of NumPy on the device of another one."""
    return array if isinstance(other, np.ndarray) else on(str(device(other)), array)


def to_numpy(array: Array) -> AnyArray:
    """Return an array as one of NumPy."""
    return array if isinstance(array, np.ndarray) else array.cpu().numpy()


def rows(table: Array, numbers: Array) -> Array:
    """Return ``table[numbers]``, but several times as fast."""
    xp = array_namespace(table)
    taken = xp.take(table, xp.reshape(numbers, (-1,)), axis=0)
    return xp.reshape(taken, (*numbers.shape, *table.shape[1:]))


def picked(values: Array, columns: Array) -> Array:
    """Return some columns, (n, k), of each row of values (n, width)."""
    if not isinstance(values, np.ndarray):
        return values.gather(1, columns.long())
    return np.take(values, columns + values.shape[1] * np.arange(len(values))[:, None])


def dots(table: Array, numbers: Array, vectors: Array) -> Array:
    """Return the inner products, (n, k), of rows (n, k) of a table and vectors (n, dim)."""
    if not isinstance(table, np.ndarray):
        return (rows(table, numbers) @ vectors[..., None])[..., 0]
    # Row by row, as what is looked up for one vector stays in the processor's cache.
    found = np.empty(numbers.shape, np.float32)
    room = np.empty((numbers.shape[1], table.shape[1]), table.dtype)
    for own, vector, result in zip(numbers, vectors, found, strict=True):
        np.matmul(np.take(table, own, axis=0, out=room, mode="clip"), vector, out=result)
    return found


def sums_of_codes(tables: Array, codes: Array, numbers: Array) -> Array:
    """Return the sums, (n, k), of what each row's table (n, spaces, size) has for some codes.

    ``codes`` are (products, spaces), ``numbers`` (n, k) those of products.
    """
    n, spaces, size = tables.shape
    if isinstance(tables, np.ndarray):
        start, found = np.arange(0, spaces * size, size), np.empty(numbers.shape, np.float32)
        for table, own, result in zip(tables, numbers, found, strict=True):
            np.take(table, np.take(codes, own, axis=0) + start).sum(1, out=result)
        return found
    import torch

    index = rows(codes, numbers).transpose(1, 2).contiguous().to(torch.int32)
    first = torch.arange(0, n * spaces * size, size, dtype=torch.int32, device=index.device)
    index += first.view(n, spaces, 1)
    return tables.flatten().index_select(0, index.flatten()).view(n, spaces, -1).sum(1)


def top(scores: Array, k: int) -> Array:
    """Return the numbers of the k best scores, or all, along the last axis, best first.

    Equal scores keep their order; on a GPU others than the first may be among the last.
    """
    k = min(k, scores.shape[-1])
    if not isinstance(scores, np.ndarray):
        columns = scores.topk(k).indices.sort().values
        order = scores.gather(-1, columns).argsort(descending=True, stable=True)
        return columns.gather(-1, order)
    every = np.asarray(scores, np.float32).reshape(-1, scores.shape[-1]).view(np.int32)
    best, numbers = np.empty((len(every), k), np.int64), np.arange(every.shape[1])
    step = max(1, TOGETHER // every.shape[1])
    for start in range(0, len(every), step):
        bits = every[start : start + step]
        # Whole numbers that fall as scores rise, and after them the score's own number.
        keys = (~(bits ^ ((bits >> 31) & 0x7FFFFFFF))).astype(np.int64)
        keys <<= 32
        keys |= numbers
        keys.partition(k - 1, axis=1)
        best[start : start + step] = np.sort(keys[:, :k], axis=1) & 0xFFFFFFFF
    return best.reshape(*scores.shape[:-1], k)


def running_least(values: Array) -> Array:
    """Return the least of each value (n, k) and those before it in its row."""
    if isinstance(values, np.ndarray):
        return np.minimum.accumulate(values, axis=1)
    return values.cummin(dim=1).values


def normalized(vectors: Array) -> Array:
    """Return vectors (…, dim) at length 1."""
    xp = array_namespace(vectors)
    length = xp.linalg.vector_norm(vectors, axis=-1, keepdims=True)
    return vectors / xp.where(length > 1e-12, length, 1e-12)


def gelu(values: Array) -> Array:
    """Return the Gaussian error linear unit of values (n, width)."""
    if isinstance(values, np.ndarray):
        errors = np.asarray(_erf(values / math.sqrt(2)), np.float32)
        return values * (0.5 + 0.5 * errors)
    import torch

    return torch.nn.functional.gelu(values)
