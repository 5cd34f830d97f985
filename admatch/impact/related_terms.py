"""Which terms are related: by words, by meaning, by the product they retrieve."""

from dataclasses import dataclass, replace

import polars as pl

from admatch.impact.keyword_rules import fold
from admatch.match.records import Matches

MEMBER_SCHEMA: dict[str, pl.DataType] = {
    "key": pl.String(),
    "atom": pl.String(),
    "weight": pl.Float64(),
}
# Of each term: the probability that it is about something in the catalog.
OWN_SCHEMA: dict[str, pl.DataType] = {"search_term": pl.String(), "probability": pl.Float64()}


@dataclass(frozen=True)
class SemanticPools:
    """What is known of terms beyond their words; any part may be empty.

    ``prefixes``: the first codes of their IDs. ``related``: terms (key) and the atoms whose
    evidence they read, with weights that add up to 1; ``contributions``: which terms (key) give
    theirs to an atom. All have the columns of ``MEMBER_SCHEMA``. ``own``: columns of
    ``OWN_SCHEMA``.
    """

    prefixes: pl.DataFrame
    related: pl.DataFrame
    contributions: pl.DataFrame
    own: pl.DataFrame

    @classmethod
    def of(cls, matches: Matches) -> "SemanticPools":
        """Return the pools of matches: related terms retrieve the same products."""
        matches = _rounded(matches)
        retrieved = matches.products.filter(pl.col("probability") > 0).select(
            key="search_term", atom="product_id", weight="probability"
        )
        weight = pl.col("weight") / pl.col("weight").sum().over("key")
        related = retrieved.with_columns(weight)
        return cls(first_codes(matches.terms), related, related, matches.terms.select(*OWN_SCHEMA))


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
