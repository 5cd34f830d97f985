"""Pictures → vectors in a text encoder's space, by a small network and a learned projection."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load_file, save_file

from admatch.arrays import Floats32, Vectors
from admatch.encode.network import CLASSES, FEATURES, SIDE, Network
from admatch.encode.picture import Picture, PictureError, named, open_pictures
from admatch.errors import InputError
from admatch.messages import say
from admatch.threads import steady_numpy

SHIPPED = "images-1"
WEIGHTS, MANIFEST = "projection.safetensors", "manifest.json"
# The folder of an image model inside a model's own, and its name up to admatch's model format 2.
FOLDER, FORMER_FOLDER = "image_model", "eyes"
BATCH = 32  # pictures decoded and encoded together: 20 MB of pixels


@dataclass(frozen=True)
class Projection:
    """Features and class probabilities of pictures → vectors in the space of ``encoder``.

    ``weight`` (2280, dim) takes the 1280 features, then the probabilities of ImageNet's 1000
    classes: they also describe things that no training pair showed.
    """

    encoder: str
    weight: Floats32
    bias: Floats32

    def project(self, features: Floats32, scores: Floats32) -> Vectors:
        """Return unit vectors (n, dim) of features (n, 1280) and class scores (n, 1000)."""
        with steady_numpy():
            vectors = projection_inputs(features, scores) @ self.weight + self.bias
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit.astype(np.float32)

    def save(self, folder: Path, about: dict[str, object]) -> None:
        """Write weights (float16) and manifest into an existing folder."""
        halves = {"weight": self.weight.astype(np.float16), "bias": self.bias.astype(np.float16)}
        save_file(halves, folder / WEIGHTS)
        manifest = {"encoder": self.encoder, "sha256": _sha256(folder / WEIGHTS), "about": about}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "Projection":
        """Return the projection saved in ``folder``; raises InputError where it is damaged."""
        manifest = json.loads((folder / MANIFEST).read_text())
        if _sha256(folder / WEIGHTS) != manifest["sha256"]:
            raise InputError(say("encode.image.damaged", file=str(folder / WEIGHTS)))
        arrays = load_file(folder / WEIGHTS)
        weight, bias = (arrays[name].astype(np.float32) for name in ("weight", "bias"))
        return cls(manifest["encoder"], weight, bias)


class ImageEncoder:
    """Encodes pictures with EfficientNet-Lite0 into the space of the English encoder, with no hub.

    It is small and was trained on groceries and fashion: the model card in ``models/images-1``
    says where it is weak. Speed: ``python -m tests.benchmarks.images``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(str(files("admatch.models"))) / SHIPPED
        weights = self._folder / WEIGHTS
        digest = _sha256(weights)[:12] if weights.exists() else "unfitted"
        self.name = current_name(f"efficientnet-lite0+{self._folder.name}@{digest}")

    @cached_property
    def projection(self) -> Projection:
        """The projection, read when first used."""
        return Projection.load(self._folder)

    @cached_property
    def _network(self) -> Network:
        return Network()

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim); raises PictureError for one that is broken."""
        dim = len(self.projection.bias)
        parts = [np.empty((0, dim), np.float32)]
        for start in range(0, len(images), BATCH):
            part = images[start : start + BATCH]
            features, scores = self.features(part)
            parts.append(self.projection.project(features, scores))
        return np.concatenate(parts)

    def features(self, images: Sequence[Picture]) -> tuple[Floats32, Floats32]:
        """Return the network's features (n, 1280) and class scores (n, 1000) of pictures."""
        pixels = np.empty((len(images), 3, SIDE, SIDE), np.float32)
        for row, (picture, opened) in enumerate(zip(images, open_pictures(images), strict=True)):
            if isinstance(opened, PictureError):
                raise named(picture, opened)
            whole = opened.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
            pixels[row] = np.asarray(whole, np.float32).transpose(2, 0, 1)
        if not len(images):
            return np.empty((0, FEATURES), np.float32), np.empty((0, CLASSES), np.float32)
        pixels -= 127
        pixels /= 128
        return self._network.run(pixels)


def current_name(name: str) -> str:
    """Return an image model's name, also where it was made of the folder's former name."""
    return name.replace(f"+{FORMER_FOLDER}@", f"+{FOLDER}@")


def projection_inputs(features: Floats32, scores: Floats32) -> Floats32:
    """Return the inputs of a projection, (n, 2280): features, then class probabilities."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.hstack([features, odds / odds.sum(axis=1, keepdims=True)])


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
