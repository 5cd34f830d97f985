"""What LightGBM sees of a row: what related terms convert at, how it was reached, what it cost."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from admatch.arrays import Floats, Ints
from admatch.impact.columns import AD_GROUP, CAMPAIGN, CURRENCY, TARGETING
from admatch.impact.pooling import Pool
from admatch.impact.related_terms import SemanticPools, words
from admatch.reports.account.records import MatchType
from admatch.reports.records import TermKind

_TERM = ("search_term",)
_POSITIONS = {
    "campaign": CAMPAIGN,
    "target": (*AD_GROUP, "targeting"),
    "target_text": TARGETING,
}
_SINGLE_ATOMS = ("prefix", *_POSITIONS)  # one atom a key: least and most are the ratio itself
_MATCH_TYPES = (MatchType.EXACT, MatchType.PHRASE, MatchType.BROAD)


@dataclass(frozen=True)
class Pooling:
    """For each pool the key columns of rows, and the atoms that keys read from and give to."""

    keys: dict[str, tuple[str, ...]]
    read: dict[str, pl.DataFrame]
    give: dict[str, pl.DataFrame]

    @classmethod
    def of(cls, rows: pl.DataFrame, meaning: SemanticPools | None) -> "Pooling":
        """Return the pools of rows, including those of meaning where there is any."""
        typed = rows.filter(pl.col("term_kind") == TermKind.KEYWORD.value)["search_term"]
        atoms = {"words": words(typed.drop_nulls().unique().sort())}
        keys = {"words": _TERM} | _POSITIONS
        for name, key in _POSITIONS.items():
            distinct = rows.select(key=_key(key)).unique(maintain_order=True)
            atoms[name] = distinct.select("key", pl.col("key").alias("atom"), weight=pl.lit(1.0))
        give = dict(atoms)
        if meaning is not None and meaning.prefixes.height:
            keys["prefix"], atoms["prefix"] = _TERM, meaning.prefixes
            give["prefix"] = meaning.prefixes
        if meaning is not None and meaning.related.height:
            keys["related"], atoms["related"] = _TERM, meaning.related
            give["related"] = meaning.contributions
        return cls(keys, atoms, give)


@dataclass(frozen=True)
class Pools:
    """What training rows say about related rows, by name of pool."""

    pools: dict[str, Pool]

    @classmethod
    def collect(
        cls, rows: pl.DataFrame, pooling: Pooling, expected: Floats, folds: Ints
    ) -> "Pools":
        """Return the pools of rows that ``expected`` (n,) orders were expected of."""
        facts = rows.select(
            *dict.fromkeys(name for key in pooling.keys.values() for name in key),
            orders=pl.col("converted").cast(pl.Float64),
            expected=pl.Series(expected),
            fold=pl.Series(folds),
        )
        pools = {}
        for name, key in pooling.keys.items():
            by_key = facts.group_by(_key(key).alias("key"), "fold", maintain_order=True).agg(
                pl.col("orders", "expected").sum()
            )
            pools[name] = Pool.collect(pooling.give[name], by_key)
        return cls(pools)

    def features(self, rows: pl.DataFrame, pooling: Pooling, folds: Ints | None) -> pl.DataFrame:
        """Return columns of what the pools say about each row; its fold's facts are left out."""
        numbers = np.zeros(rows.height, np.int64) if folds is None else folds
        columns = []
        for name, key in pooling.keys.items():
            keyed = rows.select(key=_key(key), fold=pl.Series(numbers))
            distinct = keyed.unique(maintain_order=True)
            read = self.pools[name].read(pooling.read[name], distinct, held_out=folds is not None)
            joined = keyed.join(read, on=["key", "fold"], how="left", maintain_order="left")
            shown = ["ratio", "expected"] + ([] if name in _SINGLE_ATOMS else ["least", "most"])
            columns.append(joined.select(pl.col(shown).name.prefix(f"{name}_")))
        return pl.concat(columns, how="horizontal")


@dataclass(frozen=True)
class ContextFeatures:
    """What all rows say about each ad group, currency and term; orders have no part in it.

    ``groups``: logarithms of cost per click over the currency's, and of the number of terms.
    ``places``: in how many ad groups a term is. ``positions``: of each ad group and product, the
    share of clicks whose terms retrieve that product first (a logarithm).
    """

    groups: pl.DataFrame
    currencies: pl.DataFrame
    places: pl.DataFrame
    positions: pl.DataFrame | None

    @classmethod
    def of(cls, rows: pl.DataFrame, meaning: SemanticPools | None) -> "ContextFeatures":
        """Return the context of rows."""
        cost = (pl.col("spend").sum() / pl.col("clicks").sum()).log()
        groups = rows.group_by(AD_GROUP, maintain_order=True).agg(
            group_cost=cost, group_terms=pl.len().log()
        )
        currencies = rows.group_by(CURRENCY, maintain_order=True).agg(usual_cost=cost)
        places = rows.group_by(_TERM, maintain_order=True).agg(places=pl.len())
        return cls(groups, currencies, places, _positions(rows, meaning))

    def features(
        self, rows: pl.DataFrame, rates: Floats, meaning: SemanticPools | None
    ) -> pl.DataFrame:
        """Return what is known of rows themselves, their orders left out.

        Costs count relative to ad group and currency, so that currencies may be compared.
        """
        joined = rows.with_columns(rate=pl.Series(rates).log())
        for table, key in (
            (self.groups, AD_GROUP),
            (self.currencies, CURRENCY),
            (self.places, _TERM),
        ):
            joined = joined.join(table, on=key, how="left", nulls_equal=True, maintain_order="left")
        columns = [*_OWN]
        if meaning is not None and self.positions is not None:
            best = meaning.best
            joined = joined.join(best, on="search_term", how="left", maintain_order="left")
            joined = joined.join(
                self.positions,
                on=[*AD_GROUP, "product_id"],
                how="left",
                nulls_equal=True,
                maintain_order="left",
            )
            columns += [pl.col(name) for name in ("probability", "lead", "price", "position")]
        return joined.select(columns)


def _positions(rows: pl.DataFrame, meaning: SemanticPools | None) -> pl.DataFrame | None:
    if meaning is None or not meaning.best.height:
        return None
    best = meaning.best.select("search_term", "product_id")
    clicks = (
        rows.join(best, on="search_term", maintain_order="left")
        .group_by(*AD_GROUP, "product_id", maintain_order=True)
        .agg(pl.col("clicks").sum())
    )
    share = (pl.col("clicks") + 1) / (pl.col("clicks").sum().over(AD_GROUP) + 1)
    return clicks.select(*AD_GROUP, "product_id", position=share.log())


_TEXT = pl.col("search_term").fill_null("")
_OWN = (
    *(
        (pl.col("match_type") == one.value).cast(pl.Float64).alias(one.value)
        for one in _MATCH_TYPES
    ),
    (pl.col("term_kind") == TermKind.KEYWORD.value).cast(pl.Float64).alias("is_typed"),
    pl.col("rate"),
    ((pl.col("spend") / pl.col("clicks")).log() - pl.col("group_cost")).alias("cost"),
    (pl.col("group_cost") - pl.col("usual_cost")).alias("group_cost"),
    # drawn towards 1 %: a click on a single impression says little
    ((pl.col("clicks") + 1) / (pl.col("impressions") + 100)).log().alias("click_rate"),
    pl.col("clicks").log1p(),
    pl.col("impressions").log1p(),
    _TEXT.str.len_chars().alias("letters"),
    _TEXT.str.count_matches(r"\S+").alias("words"),
    pl.col("places"),
    pl.col("group_terms"),
)


def _key(columns: tuple[str, ...]) -> pl.Expr:
    """Return one text for some columns."""
    return pl.concat_str([pl.col(name).fill_null("") for name in columns], separator="\x1f")
