"""Products → the vectors of their main pictures; a broken picture stops nothing."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image
from safetensors.numpy import load_file, save_file

from admatch.arrays import Ints, Vectors
from admatch.encode.cached_vectors import CachedVectors
from admatch.encode.picture import PictureError, open_pictures
from admatch.encode.protocol import Encoder
from admatch.errors import Problem
from admatch.messages import say
from admatch.progress import Progress, silent

TOGETHER = 256  # pictures read and decoded at a time: at most 150 MB of JPEGs


@dataclass(frozen=True)
class Pictured:
    """The products that have a picture: their numbers (m,) and its unit vectors (m, dim)."""

    products: Ints
    vectors: Vectors
    problems: tuple[Problem, ...] = ()

    def save(self, path: Path) -> None:
        """Write products and vectors, without the problems."""
        save_file({"products": self.products, "vectors": self.vectors}, path)

    @classmethod
    def load(cls, path: Path) -> "Pictured":
        """Return what was saved at ``path``."""
        arrays = load_file(path)
        return cls(arrays["products"], arrays["vectors"])


def product_pictures(
    frame: pl.DataFrame,
    encoder: Encoder,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Pictured:
    """Return the vectors of the first readable picture of each product.

    A picture that several products share is encoded once; with a ``cache`` folder, a picture with
    the same content is never encoded again. An encoder without an image model gives none.
    ``frame`` has the columns of CATALOG_SCHEMA.
    """
    images = frame["images"].fill_null([]).to_list() if encoder.image_model else []
    pictures, problems = _PictureCache(encoder, cache), []
    keys: dict[int, bytes] = {}
    todo = [(product, Path(files[0]), files[1:]) for product, files in enumerate(images) if files]
    total = len(todo)
    while todo:
        part, todo = todo[:TOGETHER], todo[TOGETHER:]
        encoded = pictures.encode([path for _, path, _ in part])
        for (product, path, others), key in zip(part, encoded, strict=True):
            if isinstance(key, bytes):
                keys[product] = key
                continue
            problems.append(_problem(path, key))
            if others:
                todo.insert(0, (product, Path(others[0]), others[1:]))
        progress("encoding pictures", total - len(todo), total)
    products = sorted(keys)
    vectors = pictures.vectors.take([keys[product] for product in products], encoder.dim)
    return Pictured(np.array(products, np.int64), vectors, tuple(problems))


def _problem(path: Path, error: PictureError) -> Problem:
    what = say("encode.picture.unreadable", reason=error.reason)
    return Problem(path, what, say("encode.picture.unreadable_remedy"))


class _PictureCache:
    """Vectors by the content of pictures, (dim,) each, in a folder where there is one."""

    def __init__(self, encoder: Encoder, folder: Path | None) -> None:
        self._encoder = encoder
        model = hashlib.sha256(str(encoder.image_model).encode()).hexdigest()[:16]
        self.vectors = CachedVectors(folder / f"vectors-{model}" if folder else None)

    def encode(self, paths: list[Path]) -> list[bytes | PictureError]:
        """Return the content hash of each picture, encoded now or earlier, or why it is not."""
        contents = [_content(path) for path in paths]
        keys = [c if isinstance(c, PictureError) else hashlib.sha256(c).digest() for c in contents]
        new = {
            key: content
            for key, content in zip(keys, contents, strict=True)
            if isinstance(key, bytes) and isinstance(content, bytes) and key not in self.vectors
        }
        opened = dict(zip(new, open_pictures(list(new.values())), strict=True))
        good = {key: image for key, image in opened.items() if isinstance(image, Image.Image)}
        self.vectors.add(list(good), self._encoder.encode_images(list(good.values())))
        broken = {key: error for key, error in opened.items() if isinstance(error, PictureError)}
        return [key if isinstance(key, PictureError) else broken.get(key, key) for key in keys]


def _content(path: Path) -> bytes | PictureError:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return PictureError(say("encode.picture.missing"))
    except OSError as error:
        return PictureError(say("encode.picture.unopened", reason=type(error).__name__))
