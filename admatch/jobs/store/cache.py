"""What one night of an account caches for the next, in the workspace: ``WorkspaceCache``."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from admatch.ids.semantic_id import written_ids
from admatch.jobs.store.fits import DatedFit
from admatch.jobs.store.products import keep_products
from admatch.jobs.store.retrieved import known_matches, put_matches
from admatch.pipeline.fit import Fit
from admatch.store.workspace import Workspace

if TYPE_CHECKING:
    from admatch.encode.protocol import Encoder
    from admatch.index.index import Index
    from admatch.match.universal import UniversalModel


class WorkspaceCache:
    """A ``pipeline.Cache`` of one account: matches and fits in DuckDB, vectors in its folder.

    ``dated`` is the earlier fit that this night uses, if one still holds. A new fit is stored with
    the night itself, in one transaction, so ``keep_fit`` does nothing.
    """

    def __init__(
        self, workspace: Workspace, account: str, folder: Path, dated: DatedFit | None
    ) -> None:
        self._workspace, self._account, self._folder = workspace, account, folder
        self._dated = dated
        self._encoders: list[Encoder] = []

    @property
    def encoded(self) -> int:
        """How many texts had to be encoded."""
        return sum(getattr(one, "encoded", 0) for one in self._encoders)

    def encoder(self, encoder: "Encoder") -> "Encoder":
        """Return the encoder with its text vectors cached in the account's folder."""
        from admatch.encode.cached_encoder import CachedEncoder

        made_by = f"{encoder.name} float32"
        named = hashlib.sha256(made_by.encode()).hexdigest()[:16]
        cached = CachedEncoder(encoder, self._folder / f"texts-{named}")
        self._encoders.append(cached)
        return cached

    def model(self, model: "UniversalModel") -> "UniversalModel":
        """Return the model as it is."""
        return model

    def matches(self, key: str) -> pl.DataFrame | None:
        """Return what the account's terms retrieved under this key."""
        with self._workspace.writing() as transaction:
            return known_matches(transaction, self._account, key)

    def keep_matches(self, key: str, new: pl.DataFrame, index: "Index") -> None:
        """Store what new terms retrieve, and the products with their IDs."""
        ids = written_ids(index.parts.generator.ids).alias("semantic_id")
        products = index.catalog.frame.select("product_id", "title", ids)
        with self._workspace.writing() as transaction:
            put_matches(transaction, self._account, key, new)
            keep_products(transaction, self._account, key, products)

    def fit(self, key: str) -> Fit | None:
        """Return the fit of an earlier night if it still holds."""
        return self._dated.fit if self._dated else None

    def keep_fit(self, key: str, fit: Fit) -> None:
        """Do nothing; a night stores its fit with everything else."""
