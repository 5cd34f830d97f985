"""Any open_clip model as an ``Encoder``: texts and pictures in one space."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from admatch.arrays import Vectors
from admatch.encode.picture import Picture, PictureError, named, open_pictures
from admatch.encode.torchvision_repair import import_torchvision
from admatch.errors import InputError, MissingDependencyError
from admatch.messages import Message, say

if TYPE_CHECKING:
    from torch import Tensor

PREFIX = "open_clip:"
BATCH = 64


class ClipEncoder:
    """Encodes texts and pictures with an open_clip model, ``open_clip:MODEL/PRETRAINED``.

    PRETRAINED is a tag that open_clip knows, fetched from the model hub when first used, or the
    path of a checkpoint on disk. Raises InputError for a name of another form, and
    MissingDependencyError where open_clip or the weights are missing.
    """

    def __init__(self, name: str) -> None:
        model, mark, pretrained = name.removeprefix(PREFIX).partition("/")
        if not (name.startswith(PREFIX) and model and mark and pretrained):
            raise InputError(say("encode.clip.bad_name", name=name))
        if find_spec("open_clip") is None:
            raise MissingDependencyError(say("encode.clip.not_installed"))
        self._model_name, self._pretrained = model, pretrained
        self.name = f"{PREFIX}{model}/{pretrained}"
        # The name holds a hash of the checkpoint, and comes back from an index or a model.
        path, mark, _ = pretrained.rpartition("@")
        checkpoint = Path(path if mark and Path(path).is_file() else pretrained)
        if checkpoint.is_file():
            digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()[:12]
            self._pretrained = str(checkpoint)
            self.name = f"{PREFIX}{model}/{checkpoint}@{digest}"
        self.image_model = self.name

    @cached_property
    def _parts(self) -> tuple[Any, Any, Any]:
        """The model, its picture transform and its tokenizer."""
        import_torchvision()
        import open_clip

        if self._model_name not in open_clip.list_models():
            raise InputError(say("encode.clip.unknown_model", model=self._model_name))
        try:
            model, _, prepare = open_clip.create_model_and_transforms(
                self._model_name, pretrained=self._pretrained
            )
            return model.eval(), prepare, open_clip.get_tokenizer(self._model_name)
        # Hub clients and unpicklers raise errors of many types; each means no weights.
        except Exception as error:
            raise MissingDependencyError(self._missing(error)) from error

    def _missing(self, error: Exception) -> Message:
        reason = (str(error) or type(error).__name__).splitlines()[0][:120]
        fetch = (
            f"python -c \"import open_clip; open_clip.create_model('{self._model_name}', "
            f"pretrained='{self._pretrained}')\""
        )
        return say("encode.clip.no_weights", name=self.name, reason=reason, command=fetch)

    @cached_property
    def dim(self) -> int:
        """Length of a vector."""
        return len(self.encode_text(["a"])[0])

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        model, _, tokenize = self._parts
        return self._encoded(texts, lambda part: model.encode_text(tokenize(list(part))))

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim); raises PictureError for one that is broken."""
        import torch

        model, prepare, _ = self._parts

        def encode(part: Sequence[Picture]) -> "Tensor":
            prepared = []
            for picture, opened in zip(part, open_pictures(part), strict=True):
                if isinstance(opened, PictureError):
                    raise named(picture, opened)
                prepared.append(prepare(opened))
            vectors: Tensor = model.encode_image(torch.stack(prepared))
            return vectors

        return self._encoded(images, encode)

    def _encoded(self, inputs: Sequence[Any], encode: Any) -> Vectors:  # noqa: ANN401
        if not inputs:
            return np.empty((0, self.dim), np.float32)
        import torch

        with torch.inference_mode():
            parts = [encode(inputs[i : i + BATCH]) for i in range(0, len(inputs), BATCH)]
        vectors = torch.nn.functional.normalize(torch.cat(parts).float(), dim=1)
        return np.asarray(vectors.cpu(), dtype=np.float32)
