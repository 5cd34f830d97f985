"""A catalog's products as text, as picture and as both, searched by any kind of query."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from array_api_compat import array_namespace, device

from admatch.arrays import Array, Floats32, Ints, Mask, Vectors
from admatch.encode.device import device_for
from admatch.encode.multimodal import fused
from admatch.encode.product_pictures import Pictured
from admatch.generate.decoder import Decoder
from admatch.generate.generator import Generator
from admatch.generate.search import ALL_MODALITIES
from admatch.ids.codebooks import Codebooks
from admatch.ids.semantic_id import Modality
from admatch.operations import beside, dots, on, rows, to_numpy, top
from admatch.threads import steady_numpy

# The picture's weight in a product's fused vector. In tests/benchmarks/images.py an equal share
# finds more than the text alone or the picture alone.
PICTURE_SHARE = 0.5
POOL = 128  # views, at least, that are generated and then scored exactly


class ViewHit(NamedTuple):
    """A product that a query finds: its number, its best view's number, and that view's cosine."""

    product: int
    view: int
    cosine: float


@dataclass(frozen=True)
class Views:
    """Every product as text, and as picture and as both where it has a picture.

    ``products`` (v,) is the number of each view's product, ``vectors`` (v, dim) its vector; the
    first code of its ID in ``generator`` is its modality.
    """

    products: Ints
    vectors: Vectors
    generator: Generator

    @classmethod
    def build(cls, codebooks: Codebooks, texts: Vectors, pictured: Pictured) -> "Views":
        """Return the views of products with these text vectors (n, dim) and pictures."""
        both = fused(texts[pictured.products], pictured.vectors, PICTURE_SHARE)
        vectors = np.concatenate([texts, pictured.vectors, both])
        products = np.concatenate([np.arange(len(texts)), *[pictured.products] * 2])
        counts = (len(texts), len(both), len(both))
        modalities = np.repeat(np.array(ALL_MODALITIES, np.int16), counts)
        return cls(products, vectors, Generator(codebooks, modalities, codebooks.encode(vectors)))

    @steady_numpy()
    def search(
        self, decoder: Decoder, queries: Vectors, k: int, modalities: Collection[Modality] | None
    ) -> list[list[ViewHit]]:
        """Return the k best products of queries (n, dim), each once, by its best view.

        ``modalities`` are the first codes allowed; None takes the fullest view of each product.
        """
        generator, vectors = self._on_device
        mask = self._allowed(modalities)
        present = {Modality(code) for code in np.unique(generator.ids[:, 0][mask])}
        if not present:
            return [[] for _ in queries]
        query, allowed = beside(queries, vectors), beside(mask, vectors)
        xp, depth = array_namespace(query), min(max(POOL, 4 * k), len(self.products))
        views = generator.generate(decoder.to(str(device(vectors)))(query), depth, present).items
        if generator.exhaustive:
            dense = xp.where(allowed, query @ vectors.T, -np.inf)
            views = xp.concat([views, top(dense, depth)], axis=1)
        cosines = xp.where(rows(allowed, views), dots(vectors, views, query), -np.inf)
        return self._best(to_numpy(views), to_numpy(cosines), k)

    @cached_property
    def _on_device(self) -> tuple[Generator, Array]:
        """The generator and the vectors on the device where they are searched."""
        place = device_for(self.vectors)
        return self.generator.to(place), on(place, self.vectors)

    def _allowed(self, modalities: Collection[Modality] | None) -> Mask:
        first = self.generator.ids[:, 0]
        if modalities is not None:
            return np.isin(first, list(modalities))
        pictured = np.isin(self.products, self.products[first == Modality.TEXT_IMAGE])
        fullest: Mask = np.where(pictured, first == Modality.TEXT_IMAGE, first == Modality.TEXT)
        return fullest

    def _best(self, views: Ints, cosines: Floats32, k: int) -> list[list[ViewHit]]:
        return [self._best_of(row, cosine, k) for row, cosine in zip(views, cosines, strict=True)]

    def _best_of(self, views: Ints, cosines: Floats32, k: int) -> list[ViewHit]:
        order = np.lexsort((views, -cosines))  # equal cosines keep the catalog's order
        order = order[np.isfinite(cosines[order])]
        products = self.products[views[order]]
        _, first = np.unique(products, return_index=True)
        best = np.sort(first)[:k]
        columns = (products[best], views[order[best]], cosines[order[best]])
        return [ViewHit(*row) for row in zip(*(part.tolist() for part in columns), strict=True)]
