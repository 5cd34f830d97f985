"""Which terms are related: by words, by meaning, by the product they retrieve."""

from dataclasses import dataclass, replace

import polars as pl

from admatch.catalog.records import Catalog
from admatch.impact.keyword_rules import fold
from admatch.match.records import Matches

MEMBER_SCHEMA: dict[str, pl.DataType] = {
    "key": pl.String(),
    "atom": pl.String(),
    "weight": pl.Float64(),
}
# Of each term: the probability that it is about something in the catalog, the product that it
# retrieves first, that one's lead over the next, and its price (a logarithm, over the usual one).
BEST_SCHEMA: dict[str, pl.DataType] = {
    "search_term": pl.String(),
    "product_id": pl.String(),
    "probability": pl.Float64(),
    "lead": pl.Float64(),
    "price": pl.Float64(),
}


@dataclass(frozen=True)
class SemanticPools:
    """What is known of terms beyond their words; any part may be empty.

    ``prefixes``: the first codes of their IDs. ``related``: terms (key) and the atoms whose
    evidence they read, with weights that add up to 1; ``contributions``: which terms (key) give
    theirs to an atom. All have the columns of ``MEMBER_SCHEMA``. ``best``: columns of
    ``BEST_SCHEMA``.
    """

    prefixes: pl.DataFrame
    related: pl.DataFrame
    contributions: pl.DataFrame
    best: pl.DataFrame

    @classmethod
    def of(cls, matches: Matches, catalog: Catalog | None) -> "SemanticPools":
        """Return the pools of matches: related terms retrieve the same products."""
        matches = _rounded(matches)
        retrieved = matches.products.filter(pl.col("probability") > 0).select(
            key="search_term", atom="product_id", weight="probability"
        )
        weight = pl.col("weight") / pl.col("weight").sum().over("key")
        related = retrieved.with_columns(weight)
        return cls(first_codes(matches.terms), related, related, _best(matches, catalog))


def _rounded(matches: Matches) -> Matches:
    """Return the matches with probabilities of three decimals.

    Trees split between neighbouring values, so that a difference in the sixth decimal, which
    another processor or another batch makes, would change what they learn.
    """
    rounded = pl.col("probability").round(3)
    return replace(
        matches,
        terms=matches.terms.with_columns(rounded),
        products=matches.products.with_columns(rounded),
    )


def _best(matches: Matches, catalog: Catalog | None) -> pl.DataFrame:
    ranked = matches.products
    first = ranked.filter(pl.col("rank") == 1).select("search_term", "product_id")
    second = ranked.filter(pl.col("rank") == 2).select("search_term", next="probability")
    best = matches.terms.select("search_term", "probability")
    for table in (first, second):
        best = best.join(table, on="search_term", how="left", maintain_order="left")
    prices = pl.DataFrame(schema={"product_id": pl.String, "price": pl.Float64})
    if catalog is not None:
        relative = pl.col("price") / pl.col("price").median().over("currency")
        prices = catalog.frame.select("product_id", price=relative.log())
    priced = best.join(prices, on="product_id", how="left", maintain_order="left")
    lead = pl.col("probability") - pl.col("next").fill_null(0.0)
    return priced.with_columns(lead=lead).select(*BEST_SCHEMA).cast(pl.Schema(BEST_SCHEMA))


def first_codes(terms: pl.DataFrame) -> pl.DataFrame:
    """Return the node of each term at the first level of the ID tree, below the modality."""
    path = pl.col("semantic_id").str.extract(r"^([^·]+·[^·]+)")
    known = terms.select(key="search_term", atom=path, weight=pl.lit(1.0)).drop_nulls()
    return known.cast(pl.Schema(MEMBER_SCHEMA))


def words(terms: pl.Series) -> pl.DataFrame:
    """Return the single words and neighbouring pairs of each term."""
    listed = pl.DataFrame({"key": terms, "word": fold(terms).str.strip_chars().str.split(" ")})
    single = listed.explode("word").filter(pl.col("word") != "")
    following = pl.col("word").shift(-1).over("key")
    pairs = single.with_columns(word=pl.col("word") + " " + following).drop_nulls()
    both = pl.concat([single, pairs]).unique(maintain_order=True)
    return both.select("key", pl.col("word").alias("atom"), weight=pl.lit(1.0))
