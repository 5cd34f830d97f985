"""Orders of like terms over those expected of them: what a term's kin say of its conversion."""

import math
from dataclasses import dataclass

import polars as pl

# Five expected orders draw a ratio to 1: on six accounts that helped or did nothing (impact.md).
EXPECTED = 5.0
_SUMMED = ("orders", "expected")


@dataclass(frozen=True)
class Pool:
    """Orders and expected orders by ``atom``: a word, a place in the ID tree, a product, a term.

    ``sums`` has atom, orders, expected; ``by_fold`` the same by fold, to be left out of what is
    told to the fold's own terms.
    """

    sums: pl.DataFrame
    by_fold: pl.DataFrame

    @classmethod
    def collect(cls, members: pl.DataFrame, facts: pl.DataFrame) -> "Pool":
        """Return the pool of ``members`` (key, atom, weight) with ``facts`` about keys.

        ``facts`` has key, fold, orders, expected; a key may have several lines.
        """
        weighted = members.join(facts, on="key").select(
            "atom",
            "fold",
            orders=pl.col("orders") * pl.col("weight"),
            expected=pl.col("expected") * pl.col("weight"),
        )
        by_fold = weighted.group_by("atom", "fold").agg(pl.col("orders", "expected").sum())
        return cls(by_fold.group_by("atom").agg(pl.col("orders", "expected").sum()), by_fold)

    def read(self, members: pl.DataFrame, asked: pl.DataFrame, *, held: bool) -> pl.DataFrame:
        """Return what the atoms of each of ``asked`` (key, fold) tell, as logarithms.

        ``ratio`` pools all of its atoms, ``least`` and ``most`` are those of single ones,
        ``expected`` is how much there is to tell. With ``held`` the fold's own facts are left out.
        """
        told = asked.join(members, on="key").join(self.sums, on="atom")
        if held:
            own = self.by_fold.rename({"orders": "own_orders", "expected": "own_expected"})
            told = told.join(own, on=["atom", "fold"], how="left").with_columns(
                orders=pl.col("orders") - pl.col("own_orders").fill_null(0.0),
                expected=pl.col("expected") - pl.col("own_expected").fill_null(0.0),
            )
        told = told.filter(pl.col("expected") > 1e-9)
        single = _log_ratio(pl.col("orders"), pl.col("expected"))
        orders, expected = ((pl.col(name) * pl.col("weight")).sum() for name in _SUMMED)
        return told.group_by("key", "fold").agg(
            ratio=_log_ratio(orders, expected),
            least=single.min(),
            most=single.max(),
            expected=expected.log1p(),
        )


def _log_ratio(orders: pl.Expr, expected: pl.Expr) -> pl.Expr:
    # differences of sums may fall below zero by a rounding error
    return ((orders.clip(0) + EXPECTED) / (expected + EXPECTED)).log(base=math.e)
