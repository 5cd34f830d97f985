"""Orders of related terms over those expected: what related terms say about a conversion rate."""

import math
from dataclasses import dataclass

import polars as pl

# Five expected orders draw a ratio to 1. On six accounts that helped or changed nothing.
EXPECTED = 5.0
_SUMMED = ("orders", "expected")


@dataclass(frozen=True)
class Pool:
    """Orders and expected orders by ``atom``: a word, a node of the ID tree, a product, a term.

    ``sums`` has atom, orders, expected; ``by_fold`` the same by fold, so that a fold's own terms
    do not read their own orders.
    """

    sums: pl.DataFrame
    by_fold: pl.DataFrame

    @classmethod
    def collect(cls, members: pl.DataFrame, facts: pl.DataFrame) -> "Pool":
        """Return the pool of ``members`` (key, atom, weight) with ``facts`` about keys.

        ``facts`` has key, fold, orders, expected; a key may have several lines.
        """
        weighted = members.join(facts, on="key", maintain_order="left_right").select(
            "atom",
            "fold",
            orders=pl.col("orders") * pl.col("weight"),
            expected=pl.col("expected") * pl.col("weight"),
        )
        total = pl.col(_SUMMED).sum()
        by_fold = weighted.group_by("atom", "fold", maintain_order=True).agg(total)
        return cls(by_fold.group_by("atom", maintain_order=True).agg(total), by_fold)

    def read(self, members: pl.DataFrame, keys: pl.DataFrame, *, held_out: bool) -> pl.DataFrame:
        """Return what the atoms of each of ``keys`` (key, fold) say, as logarithms.

        ``ratio`` pools all of its atoms, ``least`` and ``most`` are those of single ones,
        ``expected`` is how much evidence there is. With ``held_out`` the fold's own facts are left
        out.
        """
        pooled = keys.join(members, on="key", maintain_order="left_right").join(
            self.sums, on="atom", maintain_order="left"
        )
        if held_out:
            own = self.by_fold.rename({"orders": "own_orders", "expected": "own_expected"})
            pooled = pooled.join(
                own, on=["atom", "fold"], how="left", maintain_order="left"
            ).with_columns(
                orders=pl.col("orders") - pl.col("own_orders").fill_null(0.0),
                expected=pl.col("expected") - pl.col("own_expected").fill_null(0.0),
            )
        pooled = pooled.filter(pl.col("expected") > 1e-9)
        single = _log_ratio(pl.col("orders"), pl.col("expected"))
        orders, expected = ((pl.col(name) * pl.col("weight")).sum() for name in _SUMMED)
        return pooled.group_by("key", "fold", maintain_order=True).agg(
            ratio=_log_ratio(orders, expected),
            least=single.min(),
            most=single.max(),
            expected=expected.log1p(),
        )


def _log_ratio(orders: pl.Expr, expected: pl.Expr) -> pl.Expr:
    # differences of sums may fall below zero by a rounding error
    return ((orders.clip(0) + EXPECTED) / (expected + EXPECTED)).log(base=math.e)
