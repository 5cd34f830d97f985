"""Every picture of every product, encoded: ``Pictures``."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.encode.product_pictures import product_pictures
from admatch.encode.protocol import Vectors
from admatch.errors import Problem
from admatch.index.parts import Parts
from admatch.progress import Progress


@dataclass(frozen=True)
class Pictures:
    """The m pictures that can be read, in the order of products and of each product's pictures.

    ``products`` (m,) holds the row number of each picture's product, ``files`` the paths,
    ``vectors`` (m, dim) unit vectors.
    """

    products: npt.NDArray[np.int64]
    files: list[str]
    vectors: Vectors
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.products)

    @property
    def main(self) -> npt.NDArray[np.int64]:
        """The number of the first picture of each product that has one, (p,)."""
        return np.unique(self.products, return_index=True)[1]

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """Where each product's pictures start, and one past the last: (p + 1,)."""
        return np.append(self.main, len(self))

    def counts(self, products: int) -> npt.NDArray[np.int64]:
        """Return the number of pictures of each product, (products,)."""
        return np.bincount(self.products, minlength=products)


def see_pictures(parts: Parts, cache: Path | None, progress: Progress) -> Pictures:
    """Return the vectors of all pictures; none where the index's encoder has no image model.

    A product's only picture was encoded with the index; those of products that have several are
    encoded here.
    """
    frame, dim = parts.catalog.frame, parts.vectors.shape[1]
    images = frame.select("images").with_row_index("product").explode("images", empty_as_null=False)
    listed = images.drop_nulls("images").with_columns(pl.col("product").cast(pl.Int64))
    if not parts.encoder.image_model or listed.is_empty():
        return Pictures(np.empty(0, np.int64), [], np.empty((0, dim), np.float32))
    several = (listed["product"].is_duplicated()).to_numpy()
    products, files = listed["product"].to_numpy(), listed["images"].to_list()
    known = np.flatnonzero(~several & np.isin(products, parts.pictured.products))
    rows = np.flatnonzero(several)
    seen = product_pictures(
        listed.select(images=pl.concat_list("images"))[rows], parts.encoder, cache, progress
    )
    listed_at = np.concatenate([known, rows[seen.products]])
    main = parts.pictured.vectors[np.searchsorted(parts.pictured.products, products[known])]
    vectors = np.concatenate([main, seen.vectors])
    order = np.argsort(listed_at)
    readable = [files[at] for at in listed_at[order].tolist()]
    problems = dict.fromkeys([*parts.pictured.problems, *seen.problems])
    return Pictures(products[listed_at[order]], readable, vectors[order], tuple(problems))
