"""Products like each other: neighbours, near-duplicates, and listings that compete for terms."""

from typing import NamedTuple

import numpy as np
import polars as pl

from admatch.audit.material import Material
from admatch.audit.neighbours import Nearest, nearest
from admatch.audit.records import SIMILAR_SCHEMA, Aspect, Finding, Severity
from admatch.encode.multimodal import fused
from admatch.match.records import RETRIEVED, Matches

LISTED = 5  # neighbours of a product that are shown in each space
MIXED = 0.5  # what the picture counts where text and picture are compared as one
TWIN, TWIN_PICTURE = 0.97, 0.95  # cosines of text and picture of what is sold twice
LEAST_TERMS, COMMON = 5, 0.75  # terms that two listings share, at least, and share of either's


class Spaces(NamedTuple):
    """The neighbours of all products by text, and of ``pictured`` ones by picture and by both."""

    text: Nearest
    pictured: "np.ndarray"
    image: Nearest
    mixed: Nearest


def spaces(material: Material, text: Nearest) -> Spaces:
    """Return the neighbours in every space; numbers are row numbers of the catalog."""
    main = material.pictures.main
    places = material.pictures.products[main]
    seen = material.pictures.vectors[main]
    both = fused(material.vectors[places], seen, MIXED)
    image, mixed = nearest(seen, LISTED), nearest(both, LISTED)
    return Spaces(
        text,
        places,
        Nearest(places[image.others], image.cosines),
        Nearest(places[mixed.others], mixed.cosines),
    )


def similar_products(
    material: Material, found: Spaces, matches: Matches | None
) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the frame of similar products (``SIMILAR_SCHEMA``), and what is amiss among them."""
    every = np.arange(len(material))
    parts = [
        _rows("text", every, found.text),
        _rows("image", found.pictured, found.image),
        _rows("mixed", found.pictured, found.mixed),
    ]
    names = material.frame.select("product_id", "title", "parent_id").with_row_index("place")
    near = _named(pl.concat(parts), names, _picture_cosine(material, found.text))
    rivals = _rivals(matches, names) if matches is not None else _empty()
    frame = pl.concat([near, rivals]).select("place", "other", *SIMILAR_SCHEMA)
    findings = [*_twins(frame), *_cannibals(frame)]
    return frame.select(*SIMILAR_SCHEMA), findings


def _rows(space: str, places: "np.ndarray", near: Nearest) -> pl.DataFrame:
    k = min(LISTED, near.others.shape[1])
    columns = {
        "place": np.repeat(places, k).astype(np.uint32),
        "other": near.others[:, :k].ravel().astype(np.uint32),
        "rank": np.tile(np.arange(1, k + 1), len(places)),
        "similarity": near.cosines[:, :k].ravel().astype(np.float64),
    }
    return pl.DataFrame(columns).with_columns(space=pl.lit(space))


def _named(rows: pl.DataFrame, names: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the names of both products, and of what kind their likeness is."""
    others = names.rename({name: f"other_{name}" for name in ("product_id", "title", "parent_id")})
    rows = (
        rows.join(names, on="place", how="left", maintain_order="left")
        .join(others.rename({"place": "other"}), on="other", how="left", maintain_order="left")
        .rename({"other_product_id": "other_id"})
        .join(seen, on=["place", "other"], how="left", maintain_order="left")
    )
    family = pl.col("parent_id").eq(pl.col("other_parent_id")).fill_null(False)
    alike = (pl.col("space") == "text") & (pl.col("similarity") >= TWIN)
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
    ).select("place", "other", *SIMILAR_SCHEMA)


def _picture_cosine(material: Material, text: Nearest) -> pl.DataFrame:
    """Return ``place, other, seen``: how alike the main pictures of near text neighbours are."""
    rows, columns = np.nonzero(text.cosines[:, :LISTED] >= TWIN)
    others = text.others[rows, columns]
    main = material.pictures.main
    number = np.full(len(material), -1)
    number[material.pictures.products[main]] = main
    both = (number[rows] >= 0) & (number[others] >= 0)
    rows, others = rows[both], others[both]
    vectors = material.pictures.vectors
    seen = np.einsum("kd,kd->k", vectors[number[rows]], vectors[number[others]])
    columns_of = {
        "place": rows.astype(np.uint32),
        "other": others.astype(np.uint32),
        "seen": seen.astype(np.float64),
    }
    return pl.DataFrame(columns_of)


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema={"place": pl.UInt32, "other": pl.UInt32, **SIMILAR_SCHEMA})


def _rivals(matches: Matches, names: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of products that the same terms retrieve: most of either's terms."""
    got = matches.products.filter(pl.col("probability") >= RETRIEVED)
    spend = matches.report.frame.group_by("search_term").agg(pl.col("spend").sum())
    got = got.join(spend, on="search_term", how="left").select("search_term", "product_id", "spend")
    number = names.select("product_id", "place")
    got = got.join(number, on="product_id", how="inner")
    size = got.group_by("place").agg(pl.len().alias("own"))
    pairs = got.join(got, on="search_term", suffix="_other").filter(
        pl.col("place") != pl.col("place_other")
    )
    shared = pairs.group_by("place", "place_other", maintain_order=True).agg(
        shared_terms=pl.len().cast(pl.Int64), shared_spend=pl.col("spend").sum()
    )
    shared = (
        shared.join(size, on="place")
        .join(size.rename({"place": "place_other"}), on="place_other", suffix="_other")
        .with_columns(similarity=pl.col("shared_terms") / pl.max_horizontal("own", "own_other"))
        .filter(pl.col("shared_terms") >= LEAST_TERMS, pl.col("similarity") >= COMMON)
        .rename({"place_other": "other"})
        .sort("place", "similarity", "other", descending=[False, True, False])
    )
    others = names.rename({"product_id": "other_id", "title": "other_title", "place": "other"})
    named = shared.join(names, on="place").join(others, on="other", suffix="_other")
    family = pl.col("parent_id").eq(pl.col("parent_id_other")).fill_null(False)
    kind = pl.when(family).then(pl.lit("variation")).otherwise(pl.lit("cannibalising"))
    ranked = named.with_columns(
        space=pl.lit("terms"), kind=kind, rank=pl.int_range(1, pl.len() + 1).over("place")
    ).filter(pl.col("rank") <= LISTED)
    ranked = ranked.sort("place", "rank")
    return ranked.select("place", "other", *SIMILAR_SCHEMA)


def _twins(frame: pl.DataFrame) -> list[Finding]:
    pairs = frame.filter(pl.col("kind") == "near-duplicate", pl.struct("place").is_first_distinct())
    return [
        Finding(
            row["place"],
            Aspect.LIKENESS,
            Severity.MEDIUM,
            None,
            f"“{row['other_title']}” is nearly the same listing",
            "Merge them, make them variations of one product, or say in both how they differ",
            row["other"],
        )
        for row in pairs.iter_rows(named=True)
    ]


def _cannibals(frame: pl.DataFrame) -> list[Finding]:
    pairs = frame.filter(pl.col("kind") == "cannibalising")
    return [
        Finding(
            row["place"],
            Aspect.LIKENESS,
            Severity.MEDIUM,
            None,
            f"{row['shared_terms']} search terms retrieve “{row['other_title']}” as well: "
            f"{row['similarity']:.0%} of theirs",
            "Let one of the two bid on these terms, and say in both titles how they differ",
            row["other"],
        )
        for row in pairs.unique("place", keep="first", maintain_order=True).iter_rows(named=True)
    ]
