"""A network of half the size that reads search terms: ``TermEncoder``."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from admatch.arrays import Vectors
from admatch.encode.minilm import DIM, MiniLM
from admatch.encode.misfit import ENGLISH_NAME
from admatch.encode.picture import Picture
from admatch.errors import InputError
from admatch.messages import say

VERSION = "terms-1"
FILE = "network.safetensors"
_SCALE = ".scale"  # of the rows of a matrix in 8 bits
_STEPS = 127


class TermEncoder:
    """Gives search terms and single words nearly the vectors of all-MiniLM-L6-v2, twice as fast.

    It has three of that network's six layers, trained to give its vectors (``admatch
    train-encoder``; figures in the model card). Products are still read by the whole network.
    ``tokenizer`` is the file of its tokenizer, which both share.
    """

    name = f"{ENGLISH_NAME}/{VERSION}"
    dim = DIM
    image_model = None

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = tokenizer

    @cached_property
    def _network(self) -> MiniLM:
        folder = Path(str(files("admatch.models"))) / VERSION
        return MiniLM(self._tokenizer, read_weights(folder / FILE))

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        return self._network.encode(texts)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Raise InputError: it reads words only."""
        raise InputError(say("encode.text_only", name=self.name))


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the float32 weights of a file that ``write_weights`` wrote."""
    held = load_file(path)
    return {
        name: one.float() * held[name + _SCALE] if name + _SCALE in held else one
        for name, one in held.items()
        if not name.endswith(_SCALE)
    }


def write_weights(weights: Mapping[str, Tensor], path: Path) -> None:
    """Write weights, matrices in 8 bits with a scale for each row: a quarter of their size."""
    held = {}
    for name, one in weights.items():
        if one.ndim < 2:
            held[name] = one.contiguous()
            continue
        scale = one.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / _STEPS
        held[name], held[name + _SCALE] = (one / scale).round().char(), scale
    save_file(held, path)
