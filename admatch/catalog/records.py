"""What an advertiser sells: a ``Catalog`` of ``Product`` records."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from admatch.display.notebook import notebook_html
from admatch.display.thumbnail import SIDE, thumbnail
from admatch.errors import InputError, Problem
from admatch.messages import say

CATALOG_SCHEMA: dict[str, pl.DataType] = {
    "product_id": pl.String(),
    "title": pl.String(),
    "brand": pl.String(),
    "description": pl.String(),
    "bullets": pl.List(pl.String()),
    "price": pl.Float64(),
    "currency": pl.String(),
    "parent_id": pl.String(),
    "sku": pl.String(),
    "category": pl.String(),
    "url": pl.String(),
    "images": pl.List(pl.String()),
    "attributes": pl.List(pl.Struct({"name": pl.String(), "value": pl.String()})),
    "cost": pl.Float64(),  # of one unit, in ``currency``, as are the fees
    "fees": pl.Float64(),
    "margin": pl.Float64(),  # before ads, as a share of sales
    "target_acos": pl.Float64(),
}
_GOALS = ("cost", "fees", "margin", "target_acos")  # they say nothing about what a product is


@dataclass(frozen=True, slots=True)
class Product:
    """One product: ``images`` are paths of readable local files, amounts are in ``currency``.

    ``margin`` is the profit before ads over sales, ``target_acos`` the spend over sales to aim at.
    """

    product_id: str
    title: str
    brand: str | None = None
    description: str | None = None
    bullets: tuple[str, ...] = ()
    price: float | None = None
    currency: str | None = None
    parent_id: str | None = None
    sku: str | None = None
    category: str | None = None
    url: str | None = None
    images: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    cost: float | None = None
    fees: float | None = None
    margin: float | None = None
    target_acos: float | None = None


@dataclass(frozen=True)
class Catalog:
    """An advertiser's products, one row each in ``frame`` (columns of ``CATALOG_SCHEMA``).

    ``problems`` lists what was skipped or repaired while reading; ``skipped`` counts the rows that
    gave no product. ``known_hash`` is the content hash where it was saved with the catalog.

    >>> catalog["B0SAMPLE10"].title
    'Limes, Juicy Green Citrus Fruit, Pack of 6'
    >>> "B0NOWHERE1" in catalog
    False
    """

    frame: pl.DataFrame
    source: Path | None = None
    problems: tuple[Problem, ...] = ()
    skipped: int = 0
    known_hash: str | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        # what an earlier admatch saved has no goals
        lacking = [name for name in _GOALS if name not in self.frame.columns]
        if lacking:
            nothing = (pl.lit(None, pl.Float64).alias(name) for name in lacking)
            object.__setattr__(self, "frame", self.frame.with_columns(nothing))

    @classmethod
    def from_products(cls, products: list[Product]) -> "Catalog":
        """Return a catalog of products made in code; ids must differ."""
        rows = [_as_row(product) for product in products]
        frame = pl.DataFrame(rows, schema=CATALOG_SCHEMA, orient="row")
        if frame["product_id"].n_unique() != frame.height:
            raise InputError(say("catalog.records.same_id"))
        return cls(frame)

    def __len__(self) -> int:
        return self.frame.height

    def __iter__(self) -> Iterator[Product]:
        return map(_as_product, self.frame.iter_rows(named=True))

    def __getitem__(self, product_id: str) -> Product:
        return _as_product(self.frame.row(self.position(product_id), named=True))

    def position(self, product_id: str) -> int:
        """Return a product's row number in ``frame``; raises ``InputError`` where there is none."""
        try:
            return self._positions[product_id]
        except KeyError:
            raise InputError(
                say("catalog.records.no_such_product", id=product_id, size=len(self))
            ) from None

    def __contains__(self, product_id: str) -> bool:
        return product_id in self._positions

    def picture(self, product_id: str, side: int = SIDE) -> str | None:
        """Return a product's main picture as a data URI of at most ``side`` pixels per side.

        None where the product, its picture or a readable file is missing.
        """
        images = self[product_id].images if product_id in self else ()
        return thumbnail(Path(images[0]), side) if images else None

    def __repr__(self) -> str:
        return f"Catalog of {self._summary}"

    def _repr_html_(self) -> str:
        return notebook_html("catalog", summary=self._summary, catalog=self, ids=None)

    @property
    def _summary(self) -> str:
        """What the catalog holds, in one line."""
        pictured = self.frame.filter(pl.col("images").list.len() > 0).height
        brands = self.frame["brand"].drop_nulls().n_unique()
        parts = [f"{len(self):,} products", f"{brands:,} brands", f"{pictured:,} with pictures"]
        if self.problems:
            parts.append(f"{len(self.problems):,} problems")
        return ", ".join(parts) + (f", from {self.source.name}" if self.source else "")

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: at for at, name in enumerate(self.frame["product_id"].to_list())}

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over what products are; the same ones give the same hash from any file.

        An image counts by its file name, so that a catalog may be moved to another folder. Costs,
        margins and targets do not count: nothing needs to be matched again when they change.
        """
        if self.known_hash:
            return self.known_hash
        names = pl.col("images").list.eval(pl.element().str.split("/").list.last())
        content = self.frame.drop(_GOALS).with_columns(names).write_json()
        return hashlib.sha256(content.encode()).hexdigest()


def _as_row(product: Product) -> tuple[object, ...]:
    row = {column.name: getattr(product, column.name) for column in fields(product)}
    row["attributes"] = [{"name": name, "value": value} for name, value in product.attributes]
    return tuple(row[name] for name in CATALOG_SCHEMA)


def _as_product(row: dict[str, Any]) -> Product:
    pairs = row.pop("attributes") or ()
    attributes = tuple((pair["name"], pair["value"]) for pair in pairs)
    bullets, images = tuple(row.pop("bullets") or ()), tuple(row.pop("images") or ())
    return Product(**row, bullets=bullets, images=images, attributes=attributes)
