"""Products → the vectors of their main pictures; a broken one stops nothing."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from PIL import Image
from safetensors.numpy import load_file, save_file

from admatch.encode.cached_vectors import CachedVectors
from admatch.encode.picture import PictureError, open_pictures
from admatch.encode.protocol import Encoder, Vectors
from admatch.errors import Problem
from admatch.progress import Progress, silent

TOGETHER = 256  # pictures read and decoded at a time: 150 MB at most where they are JPEGs
REMEDY = "the product stays without it; give a JPEG, PNG or WebP file that a browser shows"


@dataclass(frozen=True)
class Pictured:
    """The products that have a picture: their numbers (m,) and its unit vectors (m, dim)."""

    products: npt.NDArray[np.int64]
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
    """Return what ``encoder`` sees in the first readable picture of each product.

    A picture that several products share is encoded once; with a ``cache`` folder, a picture of
    the same content is never encoded again. An encoder without eyes sees none. ``frame`` has the
    columns of CATALOG_SCHEMA.
    """
    images = frame["images"].fill_null([]).to_list() if encoder.eyes else []
    kept, problems = _Kept(encoder, cache), []
    found: dict[int, bytes] = {}
    todo = [(product, Path(files[0]), files[1:]) for product, files in enumerate(images) if files]
    total = len(todo)
    while todo:
        part, todo = todo[:TOGETHER], todo[TOGETHER:]
        for (product, path, others), key in zip(
            part, kept.see([p for _, p, _ in part]), strict=True
        ):
            if isinstance(key, bytes):
                found[product] = key
                continue
            problems.append(Problem(path, f"the picture cannot be read: {key}", REMEDY))
            if others:
                todo.insert(0, (product, Path(others[0]), others[1:]))
        progress("encoding pictures", total - len(todo), total)
    products = sorted(found)
    vectors = kept.vectors.take([found[product] for product in products], encoder.dim)
    return Pictured(np.array(products, np.int64), vectors, tuple(problems))


class _Kept:
    """Vectors by the content of pictures, (dim,) each, kept in a folder where there is one."""

    def __init__(self, encoder: Encoder, folder: Path | None) -> None:
        self._encoder = encoder
        eyes = hashlib.sha256(str(encoder.eyes).encode()).hexdigest()[:16]
        self.vectors = CachedVectors(folder / f"vectors-{eyes}" if folder else None)

    def see(self, paths: list[Path]) -> list[bytes | PictureError]:
        """Return the content hash of each picture, encoded now or before, or why not."""
        contents = [_content(path) for path in paths]
        told = [c if isinstance(c, PictureError) else hashlib.sha256(c).digest() for c in contents]
        new = {
            key: content
            for key, content in zip(told, contents, strict=True)
            if isinstance(key, bytes) and isinstance(content, bytes) and key not in self.vectors
        }
        opened = dict(zip(new, open_pictures(list(new.values())), strict=True))
        good = {key: image for key, image in opened.items() if isinstance(image, Image.Image)}
        self.vectors.add(list(good), self._encoder.encode_images(list(good.values())))
        broken = {key: error for key, error in opened.items() if isinstance(error, PictureError)}
        return [key if isinstance(key, PictureError) else broken.get(key, key) for key in told]


def _content(path: Path) -> bytes | PictureError:
    try:
        return path.read_bytes()
    except OSError as error:
        return PictureError(f"there is no such image file ({type(error).__name__})")
