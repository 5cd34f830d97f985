"""Products that are alike: neighbours, near-duplicates, and listings that compete for terms."""

from typing import NamedTuple

import numpy as np
import polars as pl

from admatch.audit.claims import colours
from admatch.audit.material import Material
from admatch.audit.neighbours import Nearest, nearest
from admatch.audit.records import SIMILAR_SCHEMA, Aspect, Finding, Severity
from admatch.display.money import percent
from admatch.encode.multimodal import fused
from admatch.match.records import RETRIEVED, Matches
from admatch.match.tokens import WORD, words
from admatch.messages import Message, say

LISTED = 5  # neighbours of a product in each space
MIXED = 0.5  # weight of the picture where text and picture are compared together
TWIN, TWIN_PICTURE = 0.97, 0.95  # cosines of text and picture of a near-duplicate
SAME_WORDS = 0.9  # cosine of the text of a near-duplicate whose title says the same words
SIZES = frozenset(("mini", "small", "medium", "large", "xs", "xl", "xxl", "twin", "queen", "king"))
_ALL = 0.995  # share that rounds to all
LEAST_TERMS, COMMON = 5, 0.75  # shared terms of competing listings: number, share of either's


class Spaces(NamedTuple):
    """The neighbours of all products by text, of ``pictured`` ones also by picture and by both."""

    text: Nearest
    pictured: "np.ndarray"
    image: Nearest
    mixed: Nearest


def spaces(material: Material, text: Nearest) -> Spaces:
    """Return the neighbours in every space; numbers are row numbers of the catalog."""
    main = material.pictures.main
    rows = material.pictures.products[main]
    seen = material.pictures.vectors[main]
    both = fused(material.vectors[rows], seen, MIXED)
    image, mixed = nearest(seen, LISTED), nearest(both, LISTED)
    return Spaces(
        text,
        rows,
        Nearest(rows[image.others], image.cosines),
        Nearest(rows[mixed.others], mixed.cosines),
    )


def similar_products(
    material: Material, found: Spaces, matches: Matches | None
) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the frame of similar products (``SIMILAR_SCHEMA``), and the findings about them."""
    every = np.arange(len(material))
    parts = [
        _rows("text", every, found.text),
        _rows("image", found.pictured, found.image),
        _rows("mixed", found.pictured, found.mixed),
    ]
    names = material.frame.select("product_id", "title", "parent_id").with_columns(
        marks=_marks(material.frame),
        said=pl.Series([sorted(set(words(one))) for one in material.frame["title"]]),
    )
    names = names.with_row_index("row")
    near = _named(pl.concat(parts), names, _picture_cosine(material, found.text))
    rivals = _rivals(matches, names) if matches is not None else _empty()
    frame = pl.concat([near, rivals]).select("row", "other", *SIMILAR_SCHEMA)
    findings = [*_twins(frame), *_cannibals(frame)]
    return frame.select(*SIMILAR_SCHEMA), findings


def _rows(space: str, rows: "np.ndarray", near: Nearest) -> pl.DataFrame:
    k = min(LISTED, near.others.shape[1])
    columns = {
        "row": np.repeat(rows, k).astype(np.uint32),
        "other": near.others[:, :k].ravel().astype(np.uint32),
        "rank": np.tile(np.arange(1, k + 1), len(rows)),
        "similarity": near.cosines[:, :k].ravel().astype(np.float64),
    }
    return pl.DataFrame(columns).with_columns(space=pl.lit(space))


def _named(rows: pl.DataFrame, names: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the names of both products and the kind of their likeness."""
    own = ("product_id", "title", "parent_id", "marks", "said")
    others = names.rename({name: f"other_{name}" for name in own})
    rows = (
        rows.join(names, on="row", how="left", maintain_order="left")
        .join(others.rename({"row": "other"}), on="other", how="left", maintain_order="left")
        .rename({"other_product_id": "other_id"})
        .join(seen, on=["row", "other"], how="left", maintain_order="left")
    )
    family = pl.col("parent_id").eq(pl.col("other_parent_id")).fill_null(False)
    alike = (pl.col("space") == "text") & _duplicate()
    looks = pl.col("seen").is_null() | (pl.col("seen") >= TWIN_PICTURE)
    kind = (
        pl.when(family)
        .then(pl.lit("variation"))
        .when(alike & looks)
        .then(pl.lit("near-duplicate"))
        .otherwise(pl.lit("similar"))
    )
    return rows.with_columns(
        kind=kind,
        rank=pl.col("rank").cast(pl.Int64),
        shared_terms=pl.lit(None, pl.Int64),
        shared_spend=pl.lit(None, pl.Float64),
    ).select("row", "other", *SIMILAR_SCHEMA)


def _marks(frame: pl.DataFrame) -> pl.Series:
    """Return what tells each listing from its variants: brand, numbers, sizes and colours."""
    said = [
        sorted(
            {word for word in WORD.findall(f"{title} {brand or ''}".lower()) if _is_mark(word)}
            | {f"brand {brand.lower()}" for brand in [brand] if brand}
        )
        for title, brand in frame.select("title", "brand").rows()
    ]
    return pl.Series(said, dtype=pl.List(pl.String))


def _is_mark(word: str) -> bool:
    known = colours()
    return not word.isalpha() or word in SIZES or word in known.words or word in known.unsure


def _duplicate() -> pl.Expr:
    """Return whether two listings are near in text and nothing in their titles tells them apart.

    Variants differ in a number, size, colour or brand, or each says a word that the other does
    not: the third season and the sixth. Titles of the same words may be told in another order.
    """
    words, others = pl.col("said"), pl.col("other_said")
    more, fewer = words.list.set_difference(others), others.list.set_difference(words)
    exchanged = (more.list.len() > 0) & (fewer.list.len() > 0)
    same = (more.list.len() == 0) & (fewer.list.len() == 0)
    marks = pl.col("marks").list.set_symmetric_difference("other_marks").list.len() > 0
    near = pl.col("similarity") >= pl.when(same).then(SAME_WORDS).otherwise(TWIN)
    return near & ~marks & ~exchanged


def _picture_cosine(material: Material, text: Nearest) -> pl.DataFrame:
    """Return ``row, other, seen``: the cosine of the main pictures of near text neighbours."""
    rows, columns = np.nonzero(text.cosines[:, :LISTED] >= SAME_WORDS)
    others = text.others[rows, columns]
    main = material.pictures.main
    number = np.full(len(material), -1)
    number[material.pictures.products[main]] = main
    both = (number[rows] >= 0) & (number[others] >= 0)
    rows, others = rows[both], others[both]
    vectors = material.pictures.vectors
    seen = np.einsum("kd,kd->k", vectors[number[rows]], vectors[number[others]])
    columns_of = {
        "row": rows.astype(np.uint32),
        "other": others.astype(np.uint32),
        "seen": seen.astype(np.float64),
    }
    return pl.DataFrame(columns_of)


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema={"row": pl.UInt32, "other": pl.UInt32, **SIMILAR_SCHEMA})


def _rivals(matches: Matches, names: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of products that share most of the terms that retrieve either."""
    retrieved = matches.products.filter(pl.col("probability") >= RETRIEVED)
    spend = matches.report.frame.group_by("search_term").agg(pl.col("spend").sum())
    number = names.select("product_id", "row")
    retrieved = (
        retrieved.join(spend, on="search_term", how="left")
        .select("search_term", "product_id", "spend")
        .join(number, on="product_id", how="inner")
    )
    size = retrieved.group_by("row").agg(pl.len().alias("own"))
    pairs = retrieved.join(retrieved, on="search_term", suffix="_other").filter(
        pl.col("row") != pl.col("row_other")
    )
    shared = pairs.group_by("row", "row_other", maintain_order=True).agg(
        shared_terms=pl.len().cast(pl.Int64), shared_spend=pl.col("spend").sum()
    )
    shared = (
        shared.join(size, on="row")
        .join(size.rename({"row": "row_other"}), on="row_other", suffix="_other")
        .with_columns(similarity=pl.col("shared_terms") / pl.max_horizontal("own", "own_other"))
        .filter(_competes())
        .pipe(_without_telling, pairs, names["marks"].to_list())
        .filter(_competes())
        .rename({"row_other": "other"})
        .sort("row", "similarity", "other", descending=[False, True, False])
    )
    others = names.rename({"product_id": "other_id", "title": "other_title", "row": "other"})
    named = shared.join(names, on="row").join(others, on="other", suffix="_other")
    family = pl.col("parent_id").eq(pl.col("parent_id_other")).fill_null(False)
    kind = pl.when(family).then(pl.lit("variation")).otherwise(pl.lit("cannibalising"))
    ranked = named.with_columns(
        space=pl.lit("terms"), kind=kind, rank=pl.int_range(1, pl.len() + 1).over("row")
    ).filter(pl.col("rank") <= LISTED)
    ranked = ranked.sort("row", "rank")
    return ranked.select("row", "other", *SIMILAR_SCHEMA)


def _competes() -> pl.Expr:
    return (pl.col("shared_terms") >= LEAST_TERMS) & (pl.col("similarity") >= COMMON)


def _without_telling(
    shared: pl.DataFrame, pairs: pl.DataFrame, marks: list[list[str]]
) -> pl.DataFrame:
    """Return pairs of products without the shared terms that name what tells the two apart.

    A term with the number, colour, size or brand of one is about that one: they do not compete
    for it, though both are near.
    """
    own = [frozenset(" ".join(one).split()) for one in marks]
    named = pairs.join(shared.select("row", "row_other"), on=["row", "row_other"], how="semi")
    both = [
        not (own[row] ^ own[other]).intersection(WORD.findall(term.lower()))
        for term, row, other in named.select("search_term", "row", "row_other").iter_rows()
    ]
    left = named.filter(pl.Series(both, dtype=pl.Boolean)).group_by("row", "row_other")
    sums = left.agg(shared_terms=pl.len().cast(pl.Int64), shared_spend=pl.col("spend").sum())
    return (
        shared.drop("shared_terms", "shared_spend")
        .join(sums, on=["row", "row_other"], maintain_order="left")
        .with_columns(similarity=pl.col("shared_terms") / pl.max_horizontal("own", "own_other"))
    )


def _twins(frame: pl.DataFrame) -> list[Finding]:
    pairs = frame.filter(pl.col("kind") == "near-duplicate", pl.struct("row").is_first_distinct())
    return [
        Finding(
            row["row"],
            Aspect.LIKENESS,
            Severity.MEDIUM,
            None,
            say("audit.likeness.twin", title=row["other_title"]),
            say("audit.likeness.twin_remedy"),
            row["other"],
        )
        for row in pairs.iter_rows(named=True)
    ]


def _cannibals(frame: pl.DataFrame) -> list[Finding]:
    pairs = frame.filter(pl.col("kind") == "cannibalising")
    return [
        Finding(
            row["row"],
            Aspect.LIKENESS,
            Severity.MEDIUM,
            None,
            _rivalry(row["shared_terms"], row["other_title"], row["similarity"]),
            say("audit.likeness.rival_remedy"),
            row["other"],
        )
        for row in pairs.unique("row", keep="first", maintain_order=True).iter_rows(named=True)
    ]


def _rivalry(shared: int, title: str, share: float) -> Message:
    """Return how many terms two listings share, and how much of each that is at least."""
    if share > _ALL:
        return say("audit.likeness.rival_all", n=shared, title=title)
    return say("audit.likeness.rival", n=shared, title=title, share=percent(share, 0))
