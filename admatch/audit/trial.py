"""What another title or picture would change, tried by indexing that one product again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from admatch.catalog.records import Catalog
from admatch.encode.picture import Picture
from admatch.encode.product_pictures import Pictured
from admatch.encode.product_text import product_texts, product_vectors
from admatch.encode.protocol import Vectors
from admatch.errors import InputError
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.index.index import Index
from admatch.index.parts import Parts
from admatch.match.records import RETRIEVED, Match
from admatch.messages import say

DEEP = 50  # products of a term among which this one is searched

TRIAL_SCHEMA: dict[str, pl.DataType] = {
    "search_term": pl.String(),
    "change": pl.String(),  # gains, loses or keeps the term, or lacks it before and after
    "rank_before": pl.Int64(),
    "rank_after": pl.Int64(),
    "probability_before": pl.Float64(),
    "probability_after": pl.Float64(),
    "score_before": pl.Float64(),
    "score_after": pl.Float64(),
}


@dataclass(frozen=True)
class Trial:
    """The ``terms`` (``TRIAL_SCHEMA``) that a product gains and loses by another title or picture.

    Those that change most come first. A rank is null where the product is not among the first
    fifty of a term.
    """

    product_id: str
    title: str
    terms: pl.DataFrame

    @property
    def gains(self) -> list[str]:
        """The terms that retrieve the product only with the change."""
        return self._where("gains")

    @property
    def loses(self) -> list[str]:
        """The terms that retrieve the product only without the change."""
        return self._where("loses")

    def _where(self, change: str) -> list[str]:
        return self.terms.filter(pl.col("change") == change)["search_term"].to_list()


def try_listing(
    index: Index,
    product_id: str,
    *,
    title: str | None = None,
    image: Picture | None = None,
    terms: Sequence[str],
) -> Trial:
    """Return which terms a product would gain and lose; the index itself stays as it is.

    A term is gained where the product's probability reaches ``RETRIEVED``. Raises ``InputError``
    for an unknown product, for no change and for a picture that cannot be read.

    >>> trial = am.try_listing(
    ...     index, "B0SAMPLE28", title="Barista oat drink, 1 l", terms=["oat drink", "limes"]
    ... )
    >>> trial.gains
    ['oat drink']
    """
    row = index.catalog.position(product_id)
    if title is None and image is None:
        raise InputError(say("audit.trial.nothing"))
    if title is not None and not title.strip():
        raise InputError(say("audit.trial.empty_title"))
    parts = _changed(index.parts, row, title, image)
    distinct = list(dict.fromkeys(terms))
    before, after = (_ranks(one, product_id, distinct) for one in (index, Index(parts)))
    rows = [_row(*both) for both in zip(distinct, before, after, strict=True)]
    moved = pl.col("probability_after").fill_null(0.0) - pl.col("probability_before").fill_null(0.0)
    changed = pl.col("change").is_in(["gains", "loses"])
    frame = pl.DataFrame(rows, schema=TRIAL_SCHEMA, orient="row")
    ordered = frame.sort(changed, moved.abs(), descending=True, maintain_order=True)
    return Trial(product_id, str(parts.catalog.frame["title"][row]), ordered)


def _changed(parts: Parts, row: int, title: str | None, image: Picture | None) -> Parts:
    """Return the parts with only this product encoded anew, its ID included."""
    frame, vectors, generator = parts.catalog.frame, parts.vectors, parts.generator
    words = parts.words
    if title is not None:
        at = pl.int_range(pl.len()) == row
        new = pl.when(at).then(pl.lit(title.strip())).otherwise("title").alias("title")
        frame, vectors = frame.with_columns(new), vectors.copy()
        vectors[row] = product_vectors(frame[[row]], parts.encoder.encode_text)[0]
        own = parts.model.codebooks.encode(vectors[[row]])
        tree, detail = generator.codes.tree.copy(), generator.codes.detail.copy()
        tree[row], detail[row] = own.tree[0], own.detail[0]
        modalities = generator.ids[:, 0].copy()
        generator = Generator(generator.codebooks, modalities, Codes(tree, detail))
        former = np.where(np.arange(len(frame)) == row, -1, np.arange(len(frame)))
        words = words.updated(former, product_texts(frame[[row]]), [title.strip()])
    pictured = parts.pictured
    if image is not None:
        seen = parts.encoder.encode_images([image])[0]
        pictured = _with_picture(pictured, row, seen)
    catalog = Catalog(frame, parts.catalog.source)
    return replace(
        parts,
        catalog=catalog,
        vectors=vectors,
        generator=generator,
        pictured=pictured,
        words=words,
    )


def _with_picture(pictured: Pictured, row: int, seen: Vectors) -> Pictured:
    """Return the vectors of pictures, with this one (dim,) for one product."""
    others = pictured.products != row
    products = np.append(pictured.products[others], row)
    vectors = np.concatenate([pictured.vectors[others], seen[None]])
    order = np.argsort(products)
    return Pictured(products[order], vectors[order], pictured.problems)


def _ranks(index: Index, product_id: str, terms: list[str]) -> list[tuple[int, Match] | None]:
    """Return the rank and the match of the product for each term, None where it has none."""
    ranked = index.search(terms, k=DEEP)
    return [
        next(((rank, one) for rank, one in enumerate(row, 1) if one.product_id == product_id), None)
        for row in ranked
    ]


def _row(
    term: str, before: tuple[int, Match] | None, after: tuple[int, Match] | None
) -> tuple[object, ...]:
    had, has = _retrieves(before), _retrieves(after)
    change = ("keeps" if has else "loses") if had else ("gains" if has else "lacks")
    ranks = [one[0] if one else None for one in (before, after)]
    odds = [one[1].probability if one else None for one in (before, after)]
    scores = [one[1].score if one else None for one in (before, after)]
    return (term, change, *ranks, *odds, *scores)


def _retrieves(ranked: tuple[int, Match] | None) -> bool:
    return ranked is not None and (ranked[1].probability or 0.0) >= RETRIEVED
