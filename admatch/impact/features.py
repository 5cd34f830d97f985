"""What LightGBM sees of a row: what its kin converted at, how it was reached, what it cost."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.impact.kinship import SemanticPools, words
from admatch.impact.pooling import Pool
from admatch.reports.account.records import MatchType
from admatch.reports.records import TermKind

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_GROUP = ("currency", "campaign", "ad_group")
_TERM = ("search_term",)
_PLACES = {
    "campaign": ("currency", "campaign"),
    "target": ("currency", "campaign", "ad_group", "targeting"),
    "target_text": ("targeting", "match_type"),
}
_SINGLE_ATOMS = ("prefix", *_PLACES)  # one atom a key: least and most are the ratio itself
_MATCH_TYPES = (MatchType.EXACT, MatchType.PHRASE, MatchType.BROAD)


@dataclass(frozen=True)
class Pooling:
    """Of each pool: the key columns of rows, and the atoms that keys read from and give to."""

    keys: dict[str, tuple[str, ...]]
    read: dict[str, pl.DataFrame]
    give: dict[str, pl.DataFrame]

    @classmethod
    def of(cls, rows: pl.DataFrame, meaning: SemanticPools | None) -> "Pooling":
        """Return the pools of rows, those of meaning where there is any."""
        typed = rows.filter(pl.col("term_kind") == TermKind.KEYWORD.value)["search_term"]
        atoms = {"words": words(typed.drop_nulls().unique().sort())}
        keys = {"words": _TERM} | _PLACES
        for name, key in _PLACES.items():
            place = rows.select(key=_key(key)).unique()
            atoms[name] = place.select("key", pl.col("key").alias("atom"), weight=pl.lit(1.0))
        give = dict(atoms)
        if meaning is not None and meaning.prefixes.height:
            keys["prefix"], atoms["prefix"] = _TERM, meaning.prefixes
            give["prefix"] = meaning.prefixes
        if meaning is not None and meaning.kin.height:
            keys["kin"], atoms["kin"], give["kin"] = _TERM, meaning.kin, meaning.collected
        return cls(keys, atoms, give)


@dataclass(frozen=True)
class Pools:
    """What training rows tell their kin, by name of pool."""

    pools: dict[str, Pool]

    @classmethod
    def collect(cls, rows: pl.DataFrame, kin: Pooling, expected: Floats, folds: Ints) -> "Pools":
        """Return the pools of rows that ``expected`` (n,) orders were expected of."""
        facts = rows.select(
            *{name for key in kin.keys.values() for name in key},
            orders=pl.col("converted").cast(pl.Float64),
            expected=pl.Series(expected),
            fold=pl.Series(folds),
        )
        found = {}
        for name, key in kin.keys.items():
            by_key = facts.group_by(_key(key).alias("key"), "fold").agg(
                pl.col("orders", "expected").sum()
            )
            found[name] = Pool.collect(kin.give[name], by_key)
        return cls(found)

    def features(self, rows: pl.DataFrame, kin: Pooling, folds: Ints | None) -> pl.DataFrame:
        """Return columns of what the pools tell of each row; folds' own facts are left out."""
        numbers = np.zeros(rows.height, np.int64) if folds is None else folds
        columns = []
        for name, key in kin.keys.items():
            keyed = rows.select(key=_key(key), fold=pl.Series(numbers))
            asked = keyed.unique()
            told = self.pools[name].read(kin.read[name], asked, held=folds is not None)
            joined = keyed.join(told, on=["key", "fold"], how="left", maintain_order="left")
            kept = ["ratio", "expected"] + ([] if name in _SINGLE_ATOMS else ["least", "most"])
            columns.append(joined.select(pl.col(kept).name.prefix(f"{name}_")))
        return pl.concat(columns, how="horizontal")


@dataclass(frozen=True)
class ContextFeatures:
    """What all rows together say of each ad group, currency and term; orders have no part in it.

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
        """Return the surroundings of rows."""
        cost = (pl.col("spend").sum() / pl.col("clicks").sum()).log()
        groups = rows.group_by(_GROUP).agg(group_cost=cost, group_terms=pl.len().log())
        currencies = rows.group_by("currency").agg(usual_cost=cost)
        places = rows.group_by("search_term").agg(places=pl.len())
        return cls(groups, currencies, places, _positions(rows, meaning))

    def features(
        self, rows: pl.DataFrame, rates: Floats, meaning: SemanticPools | None
    ) -> pl.DataFrame:
        """Return what is known of rows themselves, their orders left out.

        Costs count relative to ad group and currency, so that currencies may be compared.
        """
        joined = rows.with_columns(rate=pl.Series(rates).log())
        for table, key in (
            (self.groups, _GROUP),
            (self.currencies, ("currency",)),
            (self.places, _TERM),
        ):
            joined = joined.join(table, on=key, how="left", nulls_equal=True, maintain_order="left")
        columns = [*_OWN]
        if meaning is not None and self.positions is not None:
            best = meaning.best
            joined = joined.join(best, on="search_term", how="left", maintain_order="left")
            joined = joined.join(
                self.positions,
                on=[*_GROUP, "product_id"],
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
        rows.join(best, on="search_term")
        .group_by(*_GROUP, "product_id")
        .agg(pl.col("clicks").sum())
    )
    share = (pl.col("clicks") + 1) / (pl.col("clicks").sum().over(_GROUP) + 1)
    return clicks.select(*_GROUP, "product_id", position=share.log())


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
