"""Any open_clip model as an ``Encoder``: texts and pictures of one space."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from admatch.encode.picture import Picture, open_pictures
from admatch.encode.protocol import Vectors
from admatch.encode.torchvision_repair import import_torchvision
from admatch.errors import InputError, MissingDependencyError

PREFIX = "open_clip:"
BATCH = 64


class ClipEncoder:
    """Reads and sees with an open_clip model, named ``open_clip:MODEL/PRETRAINED``.

    PRETRAINED is a tag that open_clip knows, fetched from the model hub when first used, or the
    path of a checkpoint on disk. Raises InputError for a name of another form, and
    MissingDependencyError where open_clip or the weights are not at hand.
    """

    def __init__(self, name: str) -> None:
        model, mark, pretrained = name.removeprefix(PREFIX).partition("/")
        if not (name.startswith(PREFIX) and model and mark and pretrained):
            raise InputError(
                f"'{name}' names no open_clip encoder; write open_clip:MODEL/PRETRAINED, such as "
                "open_clip:ViT-B-32/laion2b_s34b_b79k, or a checkpoint's path after the slash"
            )
        if find_spec("open_clip") is None:
            raise MissingDependencyError("open_clip is missing; run: pip install 'admatch[clip]'")
        self._model_name, self._pretrained = model, pretrained
        self.name = f"{PREFIX}{model}/{pretrained}"
        # A checkpoint's content is in the name, which an index or a model gives back.
        path, mark, _ = pretrained.rpartition("@")
        checkpoint = Path(path if mark and Path(path).is_file() else pretrained)
        if checkpoint.is_file():
            digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()[:12]
            self._pretrained = str(checkpoint)
            self.name = f"{PREFIX}{model}/{checkpoint}@{digest}"
        self.eyes = self.name

    @cached_property
    def _parts(self) -> tuple[Any, Any, Any]:
        """The model, what prepares a picture for it, and its tokenizer."""
        import_torchvision()
        import open_clip

        if self._model_name not in open_clip.list_models():
            raise InputError(
                f"open_clip knows no model '{self._model_name}'; "
                "see: python -c 'import open_clip; print(open_clip.list_models())'"
            )
        try:
            model, _, prepare = open_clip.create_model_and_transforms(
                self._model_name, pretrained=self._pretrained
            )
            return model.eval(), prepare, open_clip.get_tokenizer(self._model_name)
        # Hub clients and unpicklers raise errors of their own kinds; each means no weights.
        except Exception as error:
            raise MissingDependencyError(self._missing(error)) from error

    def _missing(self, error: Exception) -> str:
        told = (str(error) or type(error).__name__).splitlines()[0][:120]
        fetch = (
            f"python -c \"import open_clip; open_clip.create_model('{self._model_name}', "
            f"pretrained='{self._pretrained}')\""
        )
        return f"the weights of {self.name} are not at hand ({told}); with a network, run: {fetch}"

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
        model, prepare, _ = self._parts

        def seen(part: Sequence[Picture]) -> torch.Tensor:
            opened = open_pictures(part)
            broken = next((one for one in opened if isinstance(one, InputError)), None)
            if broken:
                raise broken
            vectors: torch.Tensor = model.encode_image(torch.stack([prepare(o) for o in opened]))
            return vectors

        return self._encoded(images, seen)

    def _encoded(self, inputs: Sequence[Any], encode: Any) -> Vectors:  # noqa: ANN401
        if not inputs:
            return np.empty((0, self.dim), np.float32)
        with torch.inference_mode():
            parts = [encode(inputs[i : i + BATCH]) for i in range(0, len(inputs), BATCH)]
        vectors = torch.nn.functional.normalize(torch.cat(parts).float(), dim=1)
        return np.asarray(vectors.cpu(), dtype=np.float32)
