"""A graphics card for machines that have none: ``on_both``.

Its tensors say that they are elsewhere, and are computed with by the processor. What a card would
refuse is refused: to compute with tensors of both sides, and to be read without ``cpu()``. It says
nothing of how fast a card is, of what it has no kernel for, nor of the last digits of its results.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeVar

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

from admatch.encode.precision import training_format

Result = TypeVar("Result")

CARD = "meta"  # besides the processor the only one that torch knows on every machine
MEMORY = 16 * 2**30
aten = torch.ops.aten
MOVES = {aten.copy_, aten._to_copy, aten.to}


class OnCard(Tensor):
    """A tensor of the card, ``held`` by the processor."""

    held: Tensor

    @staticmethod
    def __new__(cls, held):
        with torch.inference_mode(held.is_inference()):  # as a view of it would be
            tensor = Tensor._make_wrapper_subclass(
                cls, held.shape, held.stride(), held.storage_offset(), dtype=held.dtype, device=CARD
            )
        tensor.held = held
        return tensor

    def __repr__(self):
        return f"OnCard({self.held})"

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        raise RuntimeError("the card is gone")


class _Card(TorchDispatchMode):
    """Computes what is, or comes to be, on the card; ``used`` once anything did."""

    used = False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        found = _computed(func, args, kwargs or {})
        self.used = self.used or isinstance(found, OnCard)
        return found


def _computed(func, args, kwargs):
    if func is aten._has_compatible_shallow_copy_type.default:
        return False  # a module's weights are moved by making others
    leaves = tree_leaves((args, kwargs))
    there = [one for one in leaves if isinstance(one, OnCard)]
    here = [one for one in leaves if isinstance(one, Tensor) and not isinstance(one, OnCard)]
    if there and any(one.dim() for one in here) and func.overloadpacket not in MOVES:
        raise RuntimeError(f"{func} of tensors on the card and of tensors on the processor")
    places = [one.type for one in leaves if isinstance(one, torch.device)]
    goes_there = CARD in places or (bool(there) and not places)
    args, kwargs = tree_map_only(OnCard, lambda one: one.held, (args, kwargs))
    args, kwargs = tree_map_only(torch.device, lambda _: torch.device("cpu"), (args, kwargs))
    found = func(*args, **kwargs)
    return tree_map_only(Tensor, OnCard, found) if goes_there else found


@contextmanager
def card(free: int = MEMORY, share: float = 1.0) -> Iterator[_Card]:
    """A machine with a card: so many bytes are free, and a share of all is this process's."""
    with pytest.MonkeyPatch.context() as patch, _Card() as mode:
        patch.setattr("admatch.encode.device.GPU", CARD)
        patch.setattr(torch, "autocast", lambda *_, **__: nullcontext())  # unknown there
        for name, value in {
            "is_available": True,
            "mem_get_info": (free, MEMORY),
            "get_per_process_memory_fraction": share,
            "memory_reserved": 0,
        }.items():
            patch.setattr(torch.cuda, name, lambda value=value: value)
        yield mode


def on_both(work: Callable[[], Result], form: torch.dtype = torch.float32) -> tuple[Result, Result]:
    """Return what work brings on the processor, in float32, and on a card that is fast in ``form``.

    The card is the machine's own if it has one.
    """
    known = form == torch.bfloat16
    training_format.cache_clear()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)
            patch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: known)
            with pytest.MonkeyPatch.context() as alone:
                alone.setattr(torch.cuda, "is_available", lambda: False)
                expected = work()
            return expected, _on_card(work)
    finally:
        training_format.cache_clear()


def _on_card(work: Callable[[], Result]) -> Result:
    if torch.cuda.is_available():
        return work()
    with card() as mode:
        found = work()
    assert mode.used
    return found
