"""The products of many catalogs, on which a model is trained: ``Corpus``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from admatch.arrays import Mask, Rows, Vectors
from admatch.catalog.records import Catalog
from admatch.encode.cached_texts import CachedTexts
from admatch.encode.product_text import product_texts, product_vectors
from admatch.generate.augment import Listing


@dataclass(frozen=True)
class Corpus:
    """Products; ``vectors`` (n, dim) are unit vectors as in an index."""

    ids: Sequence[str]
    titles: Sequence[str]
    brands: Sequence[str | None]
    texts: Sequence[str]
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.titles)

    def rows(self, chosen: Rows | Mask) -> "Corpus":
        """Return some of the products, by mask or row number."""
        numbers = np.arange(len(self))[chosen].tolist()
        columns = (self.ids, self.titles, self.brands, self.texts)
        ids, titles, brands, texts = ([column[i] for i in numbers] for column in columns)
        return Corpus(ids, titles, brands, texts, self.vectors[chosen])

    def listing(self, product: int, rng: np.random.Generator) -> Listing:
        """Return the listing that pseudo-queries about a product are made of."""
        rival = self.brands[int(rng.integers(len(self)))]
        return Listing(self.titles[product], self.brands[product], rival)

    @classmethod
    def of(cls, frame: pl.DataFrame, vectors: Vectors) -> "Corpus":
        """Return the products of a catalog's ``frame``, with their vectors."""
        ids, titles, brands = (frame[name].to_list() for name in ("product_id", "title", "brand"))
        return cls(ids, titles, brands, product_texts(frame), vectors)


def read_corpus(catalogs: Iterable[Catalog], cache: CachedTexts) -> Corpus:
    """Return the products of several catalogs with their vectors, encoded where not cached."""
    frame = pl.concat([catalog.frame for catalog in catalogs])
    encode = partial(cache.encode, stage="encoding products")
    return Corpus.of(frame, product_vectors(frame, encode))
